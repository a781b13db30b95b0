"""Whose personal things are, and which of them go with a deleted customer. Pure.

A thing of a personal kind belongs to every customer that any telling names as its own, and is gone
as soon as one of them is. Both sets only grow, so this is a join, too: whether the customer or the
thing was told of first does not matter. One customer of a thing stands in its row; the others, of
which there are seldom any, are kept in `also_of`.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from state import kinds
from state.facts import Fact, Gone, ThingKey
from state.merge import Row
from state.sqltext import escape
from state.things import Lookups


@dataclass(frozen=True, slots=True)
class Concerned:
    """The customers that facts delete, and those that each personal thing told of belongs to."""

    deleted: list[ThingKey] = field(default_factory=list)
    owners: dict[ThingKey, set[ThingKey]] = field(default_factory=dict)

    @property
    def customers(self) -> Set[ThingKey]:
        """The owners of all these things: whether they are gone has to be known."""
        return set().union(*self.owners.values())


class AlsoOf(NamedTuple):
    """A customer that a thing belongs to beside the one in its row, by ids as stored."""

    project: str
    customer: str
    kind: str
    id: str


StoredKey = tuple[str, str, str]
"""Project, kind and id as the database holds them."""


class _Known(Protocol):
    @property
    def row(self) -> Row: ...

    @property
    def lookups(self) -> Lookups: ...


class _Write(Protocol):
    @property
    def key(self) -> StoredKey: ...

    @property
    def gone(self) -> bool: ...

    @property
    def lookups(self) -> Lookups: ...


def concerned(facts: Iterable[Fact]) -> Concerned:
    """Whom facts delete, and whose personal things they tell."""
    found = Concerned()
    for fact in facts:
        thing = fact.thing
        kind = thing.kind
        if kind == kinds.CUSTOMER:
            if isinstance(fact, Gone):
                found.deleted.append(thing)
        elif kind in kinds.PERSONAL:
            owners = found.owners.setdefault(thing, set())
            if not isinstance(fact, Gone):
                owners.update(_owner(thing, fact.fields))
    return found


def gone(whom: Concerned, known: Mapping[StoredKey, _Known]) -> Set[ThingKey]:
    """The customers that are gone once the facts are told; `known` by their keys as stored."""
    before = {one for one in whom.customers if _is_gone(known.get(stored(one)))}
    return before | set(whom.deleted)


def goes(thing: ThingKey, row: Row, whom: Concerned, gone: Set[ThingKey]) -> bool:
    """Whether a personal thing, as it is known before the facts, belongs to someone gone."""
    if not gone or row.gone:
        return False
    owners = whom.owners[thing].union(_owner(thing, row.fields))
    return not owners.isdisjoint(gone)


def stored(thing: ThingKey) -> StoredKey:
    """The key of a thing as the database holds it."""
    return escape(thing.project), thing.kind, escape(thing.id)


def also_of(
    whom: Concerned, known: Mapping[StoredKey, _Known], writes: Iterable[_Write]
) -> list[AlsoOf]:
    """The customers of personal things that their rows do not show, once these are written."""
    written = {write.key: write for write in writes if write.key[1] in kinds.PERSONAL}
    found = []
    for thing, owners in whom.owners.items():
        key = stored(thing)
        before, after = known.get(key), written.get(key)
        if after.gone if after else before is None or before.row.gone:
            continue
        shown = before.lookups.customer if before else None
        ids = {escape(owner.id) for owner in owners}
        if shown is not None:
            ids.add(shown)
        project, kind, id_ = key
        now = after.lookups.customer if after else shown
        found += [AlsoOf(project, customer, kind, id_) for customer in ids if customer != now]
    return sorted(found)


def _owner(thing: ThingKey, fields: Mapping[str, object]) -> Iterable[ThingKey]:
    name = kinds.KINDS[thing.kind].customer_field
    value = fields.get(name) if name else None
    if isinstance(value, str) and value:
        yield ThingKey(thing.project, kinds.CUSTOMER, value)


def _is_gone(known: _Known | None) -> bool:
    return known is not None and known.row.gone
