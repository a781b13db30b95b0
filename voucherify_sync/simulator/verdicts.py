"""What an answer says against the truth: the right status, the right set, the right chain."""

from collections.abc import Mapping
from typing import Any

from voucherify_sync.simulator.api import Answer
from voucherify_sync.simulator.likeness import Difference, differences, same
from voucherify_sync.simulator.wire import Json

Differences = list[Difference]


def status_problem(thing: str, expected: Json, answer: Answer) -> Difference | None:
    """What is gone has to be answered with 404, what is there with 200."""
    wanted = 404 if expected["deleted"] else 200
    if answer.status == wanted:
        return None
    found = answer.status or f"no answer ({answer.body.get('message')})"
    return Difference(thing, "status of the answer", wanted, found)


def compare_sets(
    thing: str, expected: Json, found: dict[str, Json], paths: Mapping[str, str]
) -> Differences:
    """Things by their ids, in no order."""
    if expected.keys() != found.keys():
        missing = [id_ for id_ in expected if id_ not in found]
        unexpected = [id_ for id_ in found if id_ not in expected]
        return [Difference(thing, "ids (missing, unexpected)", [], [missing, unexpected])]
    return [
        difference
        for id_, one in expected.items()
        for difference in differences(f"{thing}, {id_}", one, found[id_], paths)
    ]


def compare_ledgers(
    thing: str, expected: list[Json], found: list[Json], paths: Mapping[str, str]
) -> Differences:
    """Ledger entries, in the order of their chain."""
    ids: list[Any] = [entry["id"] for entry in expected]
    found_ids = [entry.get("id") for entry in found]
    if not same(sorted(ids), sorted(map(str, found_ids))):
        missing = [id_ for id_ in ids if id_ not in found_ids]
        unexpected = [id_ for id_ in found_ids if id_ not in ids]
        return [Difference(thing, "entries (missing, unexpected)", [], [missing, unexpected])]
    if ids != found_ids:
        return [Difference(thing, "order along the chain", ids, found_ids)]
    return [
        difference
        for entry, one in zip(expected, found, strict=True)
        for difference in differences(f"{thing}, {entry['id']}", entry, one, paths)
    ]
