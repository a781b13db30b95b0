"""The embedded state database: the write side, on SQLite.

One thread and one connection write. The journal is WAL with `synchronous=NORMAL`: a power cut may
undo the last transactions, but each of them whole, position and effects together, and then they are
applied again from the log, which alone has to be durable.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from schemas import jsontext, named_sql
from state import gap_checks, letters, personal, sqlite_erasing, sqlite_ledgers, sqlite_migrations
from state.facts import Fact
from state.gap_checks import CardKey
from state.joining import Known, StoredKey, by_key, join_batch, stored_key
from state.letter_people import Scrub, emptied
from state.merge import unpack
from state.personal import Concerned
from state.sqlite_clock import Clock, set_clock, wall_clock_ms
from state.sqltext import escape, unescape
from state.store import (
    Applied,
    Batch,
    DeadLetter,
    Gap,
    LetterPlace,
    Mark,
    PartitionKey,
    PositionMovedError,
    StateUnavailableError,
)
from state.things import Lookups

T = TypeVar("T")

BUSY_MS = 5_000
_BY_KEY = attrgetter("key")


class SqliteState:
    """State in one SQLite file; the file and its folder are made at the first use.

    `now_ms` is the clock of this machine, the only one that writes this file. `scrub` frees dead
    letters of deleted customers.
    """

    def __init__(
        self, path: Path, *, now_ms: Clock = wall_clock_ms, scrub: Scrub = emptied
    ) -> None:
        self._path = path
        self._now_ms = now_ms
        self._scrub = scrub
        self._sql = named_sql.load("state", "sql/sqlite.sql")
        self._connection: sqlite3.Connection | None = None
        self._erased = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state-writer")
        self._checked_to = gap_checks.FIRST

    async def migrate(self) -> None:
        """See StateWriter."""
        await self._run(sqlite_migrations.migrate)

    async def check(self) -> None:
        """See StateWriter."""
        await self._run(sqlite_migrations.check)

    async def positions(self) -> Mapping[PartitionKey, int]:
        """See StateWriter."""
        rows = await self._run(lambda db: db.execute(self._sql["positions"]).fetchall())
        return {(name, number): after for name, number, after in rows}

    async def marks(self) -> Mapping[PartitionKey, Mark]:
        """See StateWriter."""
        rows = await self._run(lambda db: db.execute(self._sql["marks"]).fetchall())
        return {(name, number): Mark(*mark) for name, number, *mark in rows}

    async def apply(self, batch: Batch) -> Applied:
        """See StateWriter."""
        return await self._run(lambda db: self._apply(db, batch))

    async def now(self) -> int:
        """See StateWriter."""
        return self._now_ms()

    async def advance_as_of(self, moment: int) -> None:
        """See StateWriter."""
        await self._run(lambda db: self._advance_as_of(db, moment))

    async def move_position(self, partition: PartitionKey, before: int, after: int) -> None:
        """See StateWriter."""
        await self.apply(Batch((), {partition: (before, after)}))

    async def dead_letters(
        self,
        *,
        places: Sequence[LetterPlace] | None = None,
        reason: str | None = None,
        after: LetterPlace | None = None,
        limit: int = 100,
    ) -> Sequence[DeadLetter]:
        """See StateWriter."""
        name, number, offset = after or (None, None, None)
        asked = {
            "places": None if places is None else jsontext.encode(places).decode(),
            "reason": _escaped(reason),
            **{"name": name, "number": number, "offset": offset, "limit": limit},
        }
        rows = await self._run(lambda db: db.execute(self._sql["dead_letters"], asked).fetchall())
        return [letters.from_row(row) for row in rows]

    async def count_dead_letters(self, reason: str | None = None) -> Mapping[str, int]:
        """See StateWriter."""
        asked = {"reason": _escaped(reason)}
        statement = self._sql["count_dead_letters"]
        rows = await self._run(lambda db: db.execute(statement, asked).fetchall())
        return {unescape(why): count for why, count in rows}

    async def discard(self, places: Sequence[LetterPlace]) -> int:
        """See StateWriter."""
        return await self._run(lambda db: _many(db, self._sql["delete_dead_letter"], places))

    async def change_reasons(self, reasons: Mapping[LetterPlace, str]) -> None:
        """See StateWriter."""
        rows = [(escape(reason), *place) for place, reason in reasons.items()]
        await self._run(lambda db: _many(db, self._sql["change_reason"], rows))

    async def unpublished_dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """See StateWriter."""
        statement = self._sql["unpublished_dead_letters"]
        rows = await self._run(lambda db: db.execute(statement, (limit,)).fetchall())
        return [letters.from_row(row) for row in rows]

    async def mark_published(self, places: Sequence[LetterPlace]) -> None:
        """See StateWriter."""
        await self._run(lambda db: _many(db, self._sql["mark_published"], places))

    async def check_ledgers(self, limit: int) -> int:
        """See StateWriter."""
        cards = await self._run(lambda db: self._check_ledgers(db, limit))
        return len(cards)

    async def gaps(self, *, known_for: int, limit: int = 100) -> Sequence[Gap]:
        """See StateWriter."""
        asked = (known_for, limit)
        rows = await self._run(lambda db: db.execute(self._sql["gaps"], asked).fetchall())
        return [gap_checks.gap(row) for row in rows]

    async def count_gaps(self, *, known_for: int) -> int:
        """See StateWriter."""
        statement = self._sql["count_gaps"]
        ((count,),) = await self._run(lambda db: db.execute(statement, (known_for,)).fetchall())
        return int(count)

    async def close(self) -> None:
        """See StateWriter."""
        await asyncio.to_thread(self._thread.shutdown)
        if self._connection:
            self._connection.close()
            self._connection = None

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._with_connection, work)

    def _with_connection(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connect())
        except (sqlite3.OperationalError, OSError) as error:
            self._disconnect()
            raise StateUnavailableError(f"state database {self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:
                raise  # a subclass is about what was asked, not about the file
            self._disconnect()
            raise StateUnavailableError(
                f"state database {self._path} is damaged ({error}); move it away, and the state is "
                "built again from the log"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path)
            set_clock(self._connection, self._now_ms)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _apply(self, db: sqlite3.Connection, batch: Batch) -> Applied:
        whom = personal.concerned(batch.facts)
        with _transaction(db):
            self._move_positions(db, batch.moves, batch.marks)
            applied = self._join(db, batch.facts, whom)
            sqlite_erasing.free_letters(db, self._sql, whom.deleted, self._scrub)
            if batch.dead_letters:
                kept = sqlite_erasing.freed(db, self._sql, batch.dead_letters, self._scrub)
                self._keep(db, kept)
            db.executemany(self._sql["delete_dead_letter"], batch.settled)
        self._erased = self._erased or bool(whom.deleted)
        self._empty_journal(db)
        return applied

    def _advance_as_of(self, db: sqlite3.Connection, moment: int) -> None:
        db.execute(self._sql["advance_as_of"], (moment,))
        self._empty_journal(db)

    def _empty_journal(self, db: sqlite3.Connection) -> None:
        """What was erased stands in the journal until that is emptied, which readers may delay."""
        if self._erased:
            self._erased = not sqlite_erasing.empty_journal(db)

    def _check_ledgers(self, db: sqlite3.Connection, limit: int) -> list[CardKey]:
        with _transaction(db):
            cards = sqlite_ledgers.check(db, self._checked_to, limit)
            if not cards:
                cards = sqlite_ledgers.check(db, gap_checks.FIRST, limit)
        self._checked_to = max(cards, default=gap_checks.FIRST)
        return cards

    def _keep(self, db: sqlite3.Connection, kept: Sequence[DeadLetter]) -> None:
        rows = (letters.to_row(letter) for letter in kept)
        about = (row for letter in kept for row in letters.about(letter))
        db.executemany(self._sql["insert_dead_letter"], rows)
        db.executemany(self._sql["insert_about"], about)

    def _move_positions(
        self,
        db: sqlite3.Connection,
        moves: Mapping[PartitionKey, tuple[int, int]],
        marks: Mapping[PartitionKey, bytes],
    ) -> None:
        for (name, number), (before, after) in moves.items():
            place = {"partition": name, "number": number, "before": before, "after": after}
            place["mark"] = marks.get((name, number))
            moved = db.execute(self._sql["move_position"], place).rowcount
            if not moved and before == 0:
                moved = db.execute(self._sql["first_position"], place).rowcount
            if not moved:
                raise PositionMovedError(f"partition {name}/{number} is no longer at {before}")

    def _join(self, db: sqlite3.Connection, facts: Sequence[Fact], whom: Concerned) -> Applied:
        """Load every thing told of, join in memory, write back what changed."""
        told = by_key(facts)
        known = self._load(db, told.keys() | map(stored_key, whom.customers))
        applied, writes = join_batch(told, known, whom)
        begun = sorted((w for w in writes if w.new), key=_BY_KEY)  # neighbours share a page
        new = [(*w.key, w.gone, *w.lookups, w.fields, w.stamps) for w in begun]
        moved = [
            (w.gone, *w.lookups, w.fields, w.stamps, *w.key)
            for w in writes
            if w.moved and not w.new
        ]
        changed = [(w.lookups.updated, w.fields, w.stamps, *w.key) for w in writes if not w.moved]
        db.executemany(self._sql["insert_thing"], new)
        db.executemany(self._sql["update_thing"], moved)
        db.executemany(self._sql["update_fields"], changed)
        sqlite_erasing.note(db, self._sql, personal.also_of(whom, known, writes))
        sqlite_erasing.erase(db, self._sql, whom.deleted)
        sqlite_ledgers.note(db, writes)
        return applied

    def _load(self, db: sqlite3.Connection, keys: Iterable[StoredKey]) -> dict[StoredKey, Known]:
        wanted = jsontext.encode(list(keys)).decode()
        return {
            (project, kind, id_): Known(
                unpack(fields, stamps, gone=bool(gone)), Lookups(*looked_up)
            )
            for kind, id_, project, gone, *looked_up, fields, stamps in db.execute(
                self._sql["load_things"], (wanted,)
            )
        }


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the state database, its pragmas set; the folder is made where missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA cache_size = -65536")
    return db


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _many(db: sqlite3.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> int:
    """Run a statement for each row; return how many rows of the database it changed."""
    with _transaction(db):
        return db.executemany(statement, rows).rowcount


def _escaped(text: str | None) -> str | None:
    return None if text is None else escape(text)
