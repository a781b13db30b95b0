"""One batch as one transaction of PostgreSQL.

What a batch is about is read without locks, joined in memory, and written back where it changed.
A row that another copy wrote meanwhile shows by its `xmin`, a new one by its key, which is there
already: then the whole transaction is taken back, to be made again with all rows locked from the
beginning. What is outranked stays so: facts that change nothing lock nothing, and copies whose
events all tell of one campaign do not wait for each other.

Rows are written in one order (project, kind, id), and no thing is locked after inserting but the
definitions, last of all; so copies do not lock each other out. An order that the server chose
otherwise would show as a deadlock, which is a lost race as well: the second attempt locks all rows
first, and that in this order for certain.

A definition (a campaign, a tier) is told by every event of its programme, so all copies write it in
every batch. It is locked for the end of the transaction only, and joined once more with what
the others made of it meanwhile: nobody loses a race about it, and nobody waits for it long. A
single one is written first, and locked only where another copy was faster.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any, Final

import asyncpg

from schemas import named_sql
from state import kinds, letters, personal, postgres_erasing, postgres_ledgers
from state.facts import Fact
from state.joining import Known, StoredKey, Write, by_key, join_batch, stored_key
from state.letter_people import Scrub
from state.merge import unpack
from state.personal import Concerned
from state.postgres_columns import columns
from state.postgres_login import Connection
from state.postgres_transaction import transaction
from state.sqltext import escape_document, shorten, unescape_document
from state.store import Applied, Batch, DeadLetter, PartitionKey, PositionMovedError
from state.things import Lookups

_SQL: Final = named_sql.load("state", "sql/postgres.sql")
_BY_KEY: Final = itemgetter(0, 1, 2)
_COLUMNS: Final = (
    *("project", "kind", "id", "gone", "name", "voucher", "campaign", "customer"),
    *("created", "updated", "fields", "stamps"),
)

Versions = Mapping[StoredKey, str]
"""The version of each row that was loaded."""


class OvertakenError(Exception):
    """Another copy wrote what this transaction was about to write; nothing of it was applied."""


async def apply(connection: Connection, batch: Batch, *, locked: bool, scrub: Scrub) -> Applied:
    """Apply a batch; `locked` locks what it is about before it is read. Raises OvertakenError."""
    whom = personal.concerned(batch.facts)
    async with transaction(connection):
        if batch.moves:
            await _move_positions(connection, batch.moves, batch.marks)
        await postgres_erasing.hold(connection, whom, batch.dead_letters)
        applied = await _join(connection, batch.facts, whom, locked=locked)
        await postgres_erasing.free_letters(connection, whom.deleted, scrub)
        if batch.dead_letters:
            kept = await postgres_erasing.freed(connection, batch.dead_letters, scrub)
            await _keep(connection, kept)
        if batch.settled:
            await change(connection, _SQL["delete_dead_letters"], *columns(batch.settled, 3))
    return applied


async def change(connection: Connection, statement: str, *values: Any) -> int:
    """Run a statement; return how many rows it changed."""
    status = await connection.execute(statement, *values)
    return int(status.rpartition(" ")[2])


async def _move_positions(
    connection: Connection,
    moves: Mapping[PartitionKey, tuple[int, int]],
    marks: Mapping[PartitionKey, bytes],
) -> None:
    rows = [(*place, *move, marks.get(place)) for place, move in sorted(moves.items())]
    moved = await connection.fetch(_SQL["move_positions"], *columns(rows, 5))
    if len(moved) < len(moves):
        name, number = min(moves.keys() - {(name, number) for name, number in moved})
        before, _ = moves[name, number]
        raise PositionMovedError(f"partition {name}/{number} is no longer at {before}")


async def _join(
    connection: Connection, facts: Sequence[Fact], whom: Concerned, *, locked: bool
) -> Applied:
    """Load every thing told of, join in memory, write back what changed."""
    told = by_key(facts)
    if not told:
        return Applied(0, 0)
    about = told.keys() | map(stored_key, whom.customers)
    known, versions = await _known(connection, about, locked=locked)
    shared = {key: facts for key, facts in told.items() if key in known and _is_shared(key)}
    held = {key: facts for key, facts in told.items() if key in known and key not in shared}
    new = {key: facts for key, facts in told.items() if key not in known}
    applied, changed = join_batch(held, known, whom)
    updating = asyncio.create_task(_update(connection, changed, versions))
    try:
        await asyncio.sleep(0)  # it is on its way, and what is new is joined meanwhile
        begun, made = join_batch(new, known, whom)
        common, wanted = join_batch(shared, known, whom)
        rows = sorted(map(_row, made), key=_BY_KEY)
    finally:
        overtaken = not await updating
    if overtaken:
        raise OvertakenError
    writes = changed + made
    also_of = personal.also_of(whom, known, writes)
    # Whoever waits for an insert holds all that it needs but definitions, and who holds these waits
    # for nothing else. Notes of ledgers come behind the things, in one order, too.
    if whom.deleted:
        await postgres_erasing.erase(connection, whom.deleted)
    await _insert(connection, rows)
    if also_of:
        await postgres_erasing.note(connection, also_of)
    await postgres_ledgers.note(connection, writes + wanted)
    # Of several, one that was overtaken would be locked behind others, out of order.
    written = len(wanted) == 1 and await _update(connection, wanted, versions)
    if wanted and not written:
        await _share(connection, {write.key: told[write.key] for write in wanted}, whom)
    return Applied(
        applied.merged + begun.merged + common.merged, applied.stale + begun.stale + common.stale
    )


def _is_shared(key: StoredKey) -> bool:
    return kinds.KINDS[key[1]].definition


async def _share(
    connection: Connection, told: Mapping[StoredKey, Sequence[Fact]], whom: Concerned
) -> None:
    """Join what is told of definitions with what is known of them now, once they are locked."""
    known, versions = await _load(connection, told, locked=True)
    _, changed = join_batch(told, known, whom)
    if not await _update(connection, changed, versions):
        raise OvertakenError


async def _known(
    connection: Connection, keys: Set[StoredKey], *, locked: bool
) -> tuple[dict[StoredKey, Known], dict[StoredKey, str]]:
    """What is known of things and the versions of their rows, all but definitions locked."""
    known, versions = await _load(connection, keys, locked=False)
    if locked:
        own = [key for key in keys if not _is_shared(key)]
        held, held_versions = await _load(connection, own, locked=True)
        known |= held
        versions |= held_versions
    return known, versions


async def _load(
    connection: Connection, keys: Iterable[StoredKey], *, locked: bool
) -> tuple[dict[StoredKey, Known], dict[StoredKey, str]]:
    wanted = {_shortened(key): key for key in keys}
    statement = _SQL["lock_things" if locked else "load_things"]
    known: dict[StoredKey, Known] = {}
    versions: dict[StoredKey, str] = {}
    for row in await connection.fetch(statement, *columns(list(wanted), 3)):
        project, kind, id_, version, gone, *looked_up, fields, stamps = row
        key = wanted[project, kind, id_]
        held = unpack(unescape_document(fields), unescape_document(stamps), gone=gone)
        known[key] = Known(held, Lookups(*looked_up))
        versions[key] = version
    return known, versions


async def _update(connection: Connection, writes: Sequence[Write], versions: Versions) -> bool:
    """Write rows that are as they were loaded; say whether all were.

    Where no column but `updated` moved, as most often, the others are not told again.
    """
    if not writes:
        return True
    moved = any(write.moved for write in writes)
    told = _row if moved else _fields
    rows = [(*told(write), versions[write.key]) for write in writes]
    rows.sort(key=_BY_KEY)
    name = "update_things" if moved else "update_fields"
    return await change(connection, _SQL[name], *columns(rows, len(rows[0]))) == len(rows)


async def _insert(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """By COPY: it asks for no array of each column, and the server does less for each row."""
    if not rows:
        return
    try:
        await connection.copy_records_to_table("thing", records=rows, columns=_COLUMNS)
    except asyncpg.UniqueViolationError:
        raise OvertakenError from None


async def _keep(connection: Connection, kept: Sequence[DeadLetter]) -> None:
    rows = [letters.to_row(letter) for letter in kept]
    about = [row for letter in kept for row in letters.about(letter)]
    await connection.executemany(_SQL["insert_dead_letter"], rows)
    await connection.executemany(_SQL["insert_about"], about)


def _row(write: Write) -> tuple[Any, ...]:
    name, voucher, campaign, customer, created, updated = write.lookups
    return (
        *_shortened(write.key),
        write.gone,
        _short(name),
        _short(voucher),
        _short(campaign),
        _short(customer),
        created,
        updated,
        escape_document(write.fields),
        escape_document(write.stamps),
    )


def _fields(write: Write) -> tuple[Any, ...]:
    return (
        *_shortened(write.key),
        write.lookups.updated,
        escape_document(write.fields),
        escape_document(write.stamps),
    )


def _shortened(key: StoredKey) -> StoredKey:
    project, kind, id_ = key
    return shorten(project), kind, shorten(id_)


def _short(text: str | None) -> str | None:
    return text and shorten(text)
