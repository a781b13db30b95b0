"""One batch of facts and what is known of the things they are about, to what has to be written.

Pure: the databases load what is known and write what comes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from state.facts import Fact, ThingKey
from state.merge import Row, join_all, pack
from state.sqltext import escape
from state.store import Applied
from state.things import Lookups, lookups
from state.touched import touches

StoredKey = tuple[str, str, str]
"""Project, kind and id as the database holds them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A thing as it was loaded: its row, and what it was looked up by."""

    row: Row
    lookups: Lookups


@dataclass(frozen=True, slots=True)
class Write:
    """A thing that changed. `moved` says whether any column of an index did.

    `touches` is the moment from which on a ledger has to be looked through because of it.
    """

    key: StoredKey
    gone: bool
    lookups: Lookups
    fields: bytes
    stamps: bytes
    new: bool
    moved: bool
    touches: int | None


def stored_key(thing: ThingKey) -> StoredKey:
    """The key of a thing as the database holds it."""
    return escape(thing.project), thing.kind, escape(thing.id)


def by_thing(facts: Sequence[Fact]) -> dict[ThingKey, list[Fact]]:
    """The facts about each thing, in the order told."""
    told: dict[ThingKey, list[Fact]] = {}
    for fact in facts:
        told.setdefault(fact.thing, []).append(fact)
    return told


def join_batch(
    told: Mapping[ThingKey, Sequence[Fact]], known: Mapping[StoredKey, Known]
) -> tuple[Applied, list[Write]]:
    """Join all facts in memory; the loaded rows are changed in place."""
    merged = 0
    writes = []
    for thing, about in told.items():
        key = stored_key(thing)
        before = known.get(key)
        row = before.row if before else Row()
        changes = join_all(row, about)
        if changes:
            merged += changes
            writes.append(_write(key, row, before, about))
    count = sum(len(about) for about in told.values())
    return Applied(merged, count - merged), writes


def _write(key: StoredKey, row: Row, before: Known | None, about: Sequence[Fact]) -> Write:
    found = lookups(key[1], row)
    return Write(
        key,
        row.gone,
        found,
        *pack(row),
        new=before is None,
        moved=before is None or row.gone or before.lookups[:-1] != found[:-1],
        touches=touches(key[1], row, found, about),
    )
