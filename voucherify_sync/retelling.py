"""A thing as a state keeps it, told anew as facts: joined into nothing they give the same row.

So a state is carried to another database by the merge that made it. It may be interrupted, repeated
and joined with what is there, as any telling of facts may.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from state import kinds
from state.facts import Fact, Gone, Observed, ThingKey
from state.kept import Kept
from state.merge import NEVER


def facts(kept: Kept) -> Iterator[Fact]:
    """What to tell: a fact for each stamp that holds any fields."""
    thing = ThingKey(*kept.names)
    if kept.row.gone:
        yield Gone(thing)
        return
    structs = kinds.KINDS[thing.kind].structs
    for stamp in sorted(kept.row.stamps):
        paths = sorted(kept.row.stamps[stamp])
        # A struct that was told as null can't stand in one object with fields of its own.
        for part in (
            [path for path in paths if path not in structs],
            [path for path in paths if path in structs],
        ):
            if part:
                yield Observed(thing, stamp, nested({path: kept.row.fields[path] for path in part}))


def owner(project: str, customer: str, kind: str, id_: str) -> Fact:
    """That a personal thing belongs to one more customer, which no field of it says any more."""
    name = kinds.KINDS[kind].customer_field
    return Observed(ThingKey(project, kind, id_), NEVER, {name: customer} if name else {})


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Paths put together again as what they were flattened from."""
    root: dict[str, Any] = {}
    for path, value in fields.items():
        *above, name = path.split(".")
        inner = _inner(root, above)
        if name:
            inner[name] = value
    return root


def _inner(root: dict[str, Any], above: Iterable[str]) -> dict[str, Any]:
    for name in above:
        root = root.setdefault(name, {})
    return root
