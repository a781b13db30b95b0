"""A question that is asked through an SDK, with what the truth says of the answer to it.

What is there is compared field by field, what is gone has to be 404. Knows no path.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from voucherify_sync.simulator.api import Answer, items
from voucherify_sync.simulator.likeness import Difference, differences
from voucherify_sync.simulator.verdicts import (
    Differences,
    compare_ledgers,
    compare_sets,
    status_problem,
)
from voucherify_sync.simulator.wire import Json

Fields = Mapping[str, str]
"""Where each field of the truth stands in an answer."""

MOST: Final = 100
"""The longest page: the simulation is so small that every list is one."""

IS_THERE: Final[Json] = {"deleted": False}


@dataclass(frozen=True, slots=True)
class Question:
    """One call: the path's parameters by the vendor's names, and what is wrong with an answer."""

    names: Mapping[str, str]
    wrong: Callable[[Answer], Differences]
    query: Mapping[str, Any] = field(default_factory=dict)


Questions = Callable[[Json], Iterator[Question]]


def one(kind: str, expected: Json, paths: Fields, names: Mapping[str, str]) -> Question:
    """Asks for one thing."""
    thing = f"{kind} {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, expected, answer):
            return [problem]
        if expected["deleted"]:
            return []
        return list(differences(thing, expected, answer.body, paths))

    return Question(names, wrong)


def whole(
    kind: str,
    data_ref: str,
    expected: Mapping[str, Json],
    paths: Fields,
    names: Mapping[str, str] | None = None,
    *,
    of: Json = IS_THERE,
    query: Mapping[str, Any] | None = None,
) -> Question:
    """Asks for a list, in whatever order, of things that are all in it; `of` may be gone."""
    names = names or {}
    thing = f"{kind} {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        if of["deleted"]:
            return []
        found = {str(each.get("id")): each for each in items(answer.body, data_ref)}
        return compare_sets(thing, dict(expected), found, paths)

    assert len(expected) < MOST
    return Question(names, wrong, {"limit": MOST} if query is None else query)


def ledger(of: Json, expected: list[Json], paths: Fields, names: Mapping[str, str]) -> Question:
    """Asks for a ledger, oldest first."""
    thing = f"ledger {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        found = items(answer.body, "data")
        return [] if of["deleted"] else compare_ledgers(thing, expected, found, paths)

    return Question(names, wrong, {"limit": MOST, "order": "id"})


def newest(
    kind: str,
    data_ref: str,
    expected: Mapping[str, Json],
    paths: Fields,
    names: Mapping[str, str],
    *,
    of: Json = IS_THERE,
    most: int = MOST,
    query: Mapping[str, Any] | None = None,
) -> Question:
    """Asks for the first page, of `most`, of a list that may be longer than that."""
    thing = f"{kind} {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        if of["deleted"]:
            return []
        found = {str(each.get("id")): each for each in items(answer.body, data_ref)}
        listed = {id_: one for id_, one in expected.items() if id_ in found}
        length = min(len(expected), most)
        if length != len(listed):
            return [Difference(thing, "length", length, len(listed))]
        return compare_sets(thing, listed, found, paths)

    return Question(names, wrong, {"limit": most} if query is None else query)


def there(things: Mapping[str, Json]) -> dict[str, Json]:
    """Those of the truth's things that are not deleted."""
    return {id_: thing for id_, thing in things.items() if not thing.get("deleted")}


def where(things: Mapping[str, Json], name: str, value: Any) -> dict[str, Json]:
    """Those of the truth's things that are there and have this value."""
    return {id_: thing for id_, thing in there(things).items() if thing.get(name) == value}
