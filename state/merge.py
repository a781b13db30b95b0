"""The merge: all that is known of one thing, and how a fact joins it.

A `Row` is a join-semilattice: for each field the telling with the greatest stamp, and once gone,
gone. Joining is associative, commutative and idempotent (proved by `tests/state/test_merge.py`), so
order, duplicates, retries, redrives and rebuilds cannot matter. Nothing else decides anything about
state: a handler that reads a row and writes it back has lost this.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from schemas import jsontext
from state import kinds
from state.facts import Entered, Fact, Gone, Observed, Stamp

NEVER = Stamp(-1, 0, 0)
"""Below every stamp that a fact can carry."""

_ENTRY_STAMP = Stamp(0, 0, 0)


@dataclass(slots=True)
class Row:
    """What is known of one thing: each field's value, and the fields that each stamp still holds.

    Every field of `fields` is in exactly one of the sets of `stamps`.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    stamps: dict[Stamp, set[str]] = field(default_factory=dict)
    gone: bool = False

    def stamp_of(self, path: str) -> Stamp:
        """The stamp that holds a field, one below all others where the field is not known."""
        return next((stamp for stamp, paths in self.stamps.items() if path in paths), NEVER)


def join(row: Row, fact: Fact) -> bool:
    """Join one fact into the row, in place; say whether it changed anything."""
    if row.gone:
        return False
    if isinstance(fact, Gone):
        row.fields, row.stamps, row.gone = {}, {}, True
        return True
    kind = kinds.KINDS[fact.thing.kind]
    told = kinds.flatten(kind, fact.fields)
    if isinstance(fact, Entered):
        return _join_fields(row, _ENTRY_STAMP, told)
    if not kind.counters:
        return _join_fields(row, fact.stamp, told)
    grown = {path: told.pop(path) for path in kind.counters & told.keys()}
    joined = _join_fields(row, fact.stamp, told)
    if not grown:
        return joined
    version, rank, _ = fact.stamp
    return _join_fields(row, Stamp(version, rank, 0), grown) or joined


def join_all(row: Row, facts: Sequence[Fact]) -> int:
    """Join facts one after the other; return how many of them changed the row."""
    told = facts if len(facts) < 2 else _not_repeated(facts)
    return sum(join(row, fact) for fact in told)


def _not_repeated(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The facts without those that the fact before or behind outranks as a whole.

    Each event of a programme tells the same campaign, only at another moment.
    """
    last = facts[0]
    for fact in facts[1:]:
        younger = _younger(last, fact)
        if younger is None:
            yield last
        last = younger or fact
    yield last


def _younger(one: Fact, other: Fact) -> Observed | None:
    """Of two tellings of the same the younger one; None where each may say something of its own.

    Counters do so: whatever the moments of their events, they may be of one stamp.
    """
    if not isinstance(one, Observed) or not isinstance(other, Observed):
        return None
    if one.stamp == other.stamp or one.fields != other.fields:
        return None
    if kinds.KINDS[one.thing.kind].counters:
        return None
    return one if one.stamp > other.stamp else other


def _join_fields(row: Row, stamp: Stamp, told: dict[str, Any]) -> bool:
    """Each told field wins where its stamp is greater, or equal with the greater value."""
    if not row.stamps:
        return _begin(row, stamp, told)
    winning: Set[str] = told.keys()
    for held, paths in row.stamps.items():
        if held > stamp:
            winning = winning - paths
        elif held == stamp:
            winning = {
                path
                for path in winning
                if path not in paths or _outweighs(told[path], row.fields[path])
            }
    if not winning:
        return False
    for held, paths in list(row.stamps.items()):
        if winning >= paths:
            del row.stamps[held]
        else:
            paths.difference_update(winning)
    if stamp in row.stamps:
        row.stamps[stamp].update(winning)
    else:
        row.stamps[stamp] = set(winning)
    if len(winning) == len(told):
        row.fields.update(told)
    else:
        row.fields.update((path, told[path]) for path in winning)
    return True


def _begin(row: Row, stamp: Stamp, told: dict[str, Any]) -> bool:
    """Of a row that nothing is known of; most things told of, entries and orders, are new."""
    if told:
        row.fields, row.stamps = told, {stamp: set(told)}
    return bool(told)


def _outweighs(told: Any, held: Any) -> bool:
    """Settle two values of equal stamps, the same way everywhere.

    Null is the least, so that a full form completes one that left a field empty. Of two numbers the
    larger wins: the counters of a card (points ever, redeemed) only grow within one millisecond.
    """
    if type(told) is str and told == held:
        return False
    return _weight(told) > _weight(held)


def _weight(value: Any) -> tuple[int, float, bytes]:
    if value is None:
        return (0, 0, b"")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (1, value, jsontext.canonical(value))
    return (2, 0, jsontext.canonical(value))


def view(kind: kinds.Kind, row: Row) -> dict[str, Any]:
    """The thing as one object, its structs put together again.

    A struct told as null is null, or holds what was told of it at the same stamp or later.
    """
    if not kind.structs:
        return {name: value for name, value in row.fields.items() if name[:1] != kinds.HIDDEN}
    root: dict[str, Any] = {}
    parents: dict[str, dict[str, Any]] = {"": root}
    hidden = _emptied(kind, row)
    for path, value in row.fields.items():
        if path in hidden:
            continue
        above, _, name = path.rpartition(".")
        parent = parents.get(above)
        if parent is None:
            parent = _made(parents, above)
        if name and name[0] != kinds.HIDDEN:
            parent[name] = value
    return root


def _made(parents: dict[str, dict[str, Any]], path: str) -> dict[str, Any]:
    above, _, name = path.rpartition(".")
    parent = parents[above] if above in parents else _made(parents, above)
    made = parents[path] = parent[name] = {}
    return made


def _emptied(kind: kinds.Kind, row: Row) -> set[str]:
    """Fields of structs that were told as null after the fields were."""
    hidden: set[str] = set()
    for struct in kind.structs:
        if struct not in row.fields:
            continue
        emptied_at = row.stamp_of(struct)
        inner = {path for path in row.fields if path.startswith(f"{struct}.")}
        older = {path for path in inner if row.stamp_of(path) < emptied_at}
        hidden |= older
        if inner - older:
            hidden.add(struct)
    return hidden


def pack(row: Row) -> tuple[bytes, bytes]:
    """The row's fields and its stamps as JSON text; the newest stamp names no fields."""
    if not row.stamps:
        return b"{}", b"[]"
    *older, newest = sorted(row.stamps)
    packed: list[Any] = [newest]
    packed += [[held, sorted(row.stamps[held])] for held in older]
    return jsontext.encode(_in_order(row.fields)), jsontext.encode(packed)


def _in_order(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields by their names, the very same where they stand so, as most that were loaded do."""
    names = sorted(fields)
    return fields if names == list(fields) else {name: fields[name] for name in names}


def unpack(fields: bytes, stamps: bytes, *, gone: bool) -> Row:
    """The row that `pack` packed."""
    if gone:
        return Row(gone=True)
    row = Row(fields=jsontext.decode(fields))
    packed = jsontext.decode(stamps)
    if not packed:
        return row
    rest = set(row.fields)
    for stamp, paths in packed[1:]:
        row.stamps[Stamp(*stamp)] = set(paths)
        rest.difference_update(paths)
    if rest:
        row.stamps[Stamp(*packed[0])] = rest
    return row
