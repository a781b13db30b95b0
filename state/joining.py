"""One batch of facts and what is known of the things they are about, to what has to be written.

Pure: the databases load what is known and write what comes out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from state import kinds, personal
from state.facts import Fact, Gone, ThingKey
from state.merge import Row, join_all, pack
from state.personal import Concerned
from state.store import Applied
from state.things import Lookups, lookups
from state.touched import touches

StoredKey = personal.StoredKey


class Known(NamedTuple):
    """A thing as it was loaded: its row, and what it was looked up by."""

    row: Row
    lookups: Lookups


class Write(NamedTuple):
    """A thing that changed. `moved` says whether any column but `updated` did.

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
    return personal.stored(thing)


def by_key(facts: Sequence[Fact]) -> dict[StoredKey, list[Fact]]:
    """The facts about each thing, in the order told, by its key as stored."""
    told: dict[ThingKey, list[Fact]] = {}
    for fact in facts:
        about = told.get(fact.thing)
        if about is None:
            told[fact.thing] = [fact]
        else:
            about.append(fact)
    return {stored_key(thing): about for thing, about in told.items()}


def join_batch(
    told: Mapping[StoredKey, Sequence[Fact]],
    known: Mapping[StoredKey, Known],
    whom: Concerned,
) -> tuple[Applied, list[Write]]:
    """Join all facts in memory; the loaded rows are changed in place.

    The owners of personal things (`whom`) are among what was loaded.
    """
    merged = 0
    writes = []
    gone = personal.gone(whom, known)
    for key, about in told.items():
        before = known.get(key)
        row = before.row if before else Row()
        if gone and key[1] in kinds.PERSONAL:
            thing = about[0].thing
            if personal.goes(thing, row, whom, gone):
                about = (Gone(thing),)
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
