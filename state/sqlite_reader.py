"""The embedded state database: the read side, on SQLite. Reads never wait for the writer (WAL)."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from schemas import jsontext, named_sql
from state import chain, kinds, sqlite_migrations
from state.chain import Entry
from state.ledger import LedgerPage, entry, ordered, with_balance
from state.merge import Row, unpack, view
from state.reader import Thing
from state.selection import Condition, Selection, order_by, where
from state.sqltext import escape, unescape
from state.store import StateUnavailableError

T = TypeVar("T")

_SELECT = "SELECT t.id, t.fields, t.stamps FROM thing AS t WHERE "
_FAR = 1 << 62


class SqliteReader:
    """Reads the state from one SQLite file, which someone else makes and migrates."""

    def __init__(self, path: Path, *, threads: int = 4) -> None:
        self._path = path
        self._sql = named_sql.load("state", "sql/sqlite.sql")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="state-reader")

    async def check(self) -> None:
        """See StateReader."""
        await self._run(sqlite_migrations.check)

    async def as_of(self) -> int | None:
        """See StateReader."""
        row = await self._run(lambda db: db.execute(self._sql["as_of"]).fetchone())
        return row[0] if row else None

    async def projects(self) -> Sequence[str]:
        """See StateReader."""
        rows = await self._run(lambda db: db.execute(self._sql["projects"]).fetchall())
        return sorted(unescape(name) for (name,) in rows)

    async def get(self, project: str, kind: str, id_: str) -> Thing | None:
        """See StateReader."""
        found = await self.get_many(project, kind, [id_])
        return found.get(id_)

    async def get_many(self, project: str, kind: str, ids: Sequence[str]) -> Mapping[str, Thing]:
        """See StateReader."""
        wanted = Condition("id", "in", tuple(ids))
        selection = Selection(project, kind, (wanted,), order="id", limit=len(ids))
        found = await self._run(lambda db: self._find(db, selection))
        by_key = {escape(id_): id_ for id_ in ids}
        return {by_key[key]: thing for key, thing in found}

    async def by_name(self, project: str, kind: str, name: str) -> Thing | None:
        """See StateReader."""
        named = Condition("name", "=", name)
        things = await self.find(Selection(project, kind, (named,), order="updated", limit=1))
        return things[0] if things else None

    async def find(self, selection: Selection) -> Sequence[Thing]:
        """See StateReader."""
        found = await self._run(lambda db: self._find(db, selection))
        return [thing for _, thing in found]

    async def count(self, selection: Selection) -> int:
        """See StateReader."""
        clause, values = where(selection)
        statement = f"SELECT count(*) FROM thing AS t WHERE {clause}"  # noqa: S608 - checked names
        row = await self._run(lambda db: db.execute(statement, values).fetchone())
        count: int = row[0]
        return count

    async def ledger(
        self, project: str, voucher_id: str, *, newest_first: bool, limit: int, after: str | None
    ) -> LedgerPage | None:
        """See StateReader."""
        return await self._run(
            lambda db: self._ledger(
                db, escape(project), escape(voucher_id), newest_first, limit, after
            )
        )

    async def close(self) -> None:
        """See StateReader."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._with_connection, work)

    def _with_connection(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connect())
        except sqlite3.DatabaseError as error:
            self._disconnect()
            raise StateUnavailableError(f"state database {self._path}: {error}") from error

    def _disconnect(self) -> None:
        """Let go of this thread's connection: the file may be mended or replaced meanwhile."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            self._connections.remove(connection)
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        """This thread's connection. It is read-only: the file is never made by looking at it."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _find(self, db: sqlite3.Connection, selection: Selection) -> list[tuple[str, Thing]]:
        clause, values = where(selection)
        statement = f"{_SELECT}{clause} ORDER BY {order_by(selection)} LIMIT ? OFFSET ?"
        found = db.execute(statement, (*values, selection.limit, selection.offset)).fetchall()
        rows = {id_: unpack(fields, stamps, gone=False) for id_, fields, stamps in found}
        if selection.kind == kinds.VOUCHER:
            return self._with_balances(db, selection.project, rows)
        kind = kinds.KINDS[selection.kind]
        found_things = [(id_, view(kind, row)) for id_, row in rows.items()]
        if selection.hidden:
            for id_, thing in found_things:
                thing |= _hidden(rows[id_])
        return found_things

    def _with_balances(
        self, db: sqlite3.Connection, project: str, rows: Mapping[str, Row]
    ) -> list[tuple[str, Thing]]:
        cards = jsontext.encode(list(rows)).decode()
        newest: dict[str, list[Entry]] = {}
        found = db.execute(self._sql["newest_entries"], (cards, escape(project)))
        for voucher, id_, created, fields in found:
            newest.setdefault(voucher, []).append(entry(id_, created, jsontext.decode(fields)))
        for voucher, entries in newest.items():
            if not _has_one_beginning(entries):
                newest[voucher] = self._last_entry(db, escape(project), voucher)
        return [(id_, with_balance(row, newest.get(id_, ()))) for id_, row in rows.items()]

    def _last_entry(self, db: sqlite3.Connection, project: str, voucher: str) -> list[Entry]:
        """The end of a card's chain, where its last millisecond alone does not tell it."""
        windows = self._windows(db, project, voucher, newest_first=True, start=_FAR, width=32)
        window = next(window for window in windows if window)
        return chain.order([entry for entry, _ in window])[-1:]

    def _ledger(
        self,
        db: sqlite3.Connection,
        project: str,
        voucher: str,
        newest_first: bool,
        limit: int,
        after: str | None,
    ) -> LedgerPage | None:
        """The entries of ever wider windows, until one holds the whole page."""
        start = _FAR if newest_first else -_FAR
        if after is not None:
            moment = db.execute(
                self._sql["entry_moment"], (project, escape(after), voucher)
            ).fetchone()
            if moment is None:
                return None
            (start,) = moment
            if not newest_first:
                start = self._lone_entry_before(db, project, voucher, start)
        page: list[tuple[str, Thing]] = []
        for window in self._windows(
            db, project, voucher, newest_first=newest_first, start=start, width=limit + 32
        ):
            page = _behind(ordered(window, newest_first=newest_first), after)
            if len(page) > limit:
                break
        return LedgerPage([thing for _, thing in page[:limit]], len(page) > limit)

    def _windows(
        self,
        db: sqlite3.Connection,
        project: str,
        voucher: str,
        *,
        newest_first: bool,
        start: int,
        width: int,
    ) -> Iterator[list[tuple[Entry, Thing]]]:
        """Windows of entries, each twice as wide as the one before, the last one to the end.

        How the entries of one millisecond are linked may depend on the balance before them. So a
        window begins at the ledger's beginning, or at an entry that is alone in its millisecond.
        """
        while True:
            window = self._window(db, project, voucher, newest_first, start, width)
            if len(window) < width:
                yield window
                return
            yield _settled(window, newest_first=newest_first)
            width *= 2

    def _lone_entry_before(
        self, db: sqlite3.Connection, project: str, voucher: str, moment: int
    ) -> int:
        found = db.execute(self._sql["lone_entry_before"], (project, voucher, moment)).fetchone()
        return found[0] if found else -_FAR

    def _window(
        self,
        db: sqlite3.Connection,
        project: str,
        voucher: str,
        newest_first: bool,
        start: int,
        width: int,
    ) -> list[tuple[Entry, Thing]]:
        statement = self._sql["entries_down" if newest_first else "entries_up"]
        bound = {"project": project, "voucher": voucher, "from": start, "limit": width}
        return list(_entries(db.execute(statement, bound)))


def _hidden(row: Row) -> Thing:
    return {name: value for name, value in row.fields.items() if name[:1] == kinds.HIDDEN}


def _entries(found: Iterable[tuple[str, int, bytes]]) -> Iterable[tuple[Entry, Thing]]:
    kind = kinds.KINDS[kinds.TRANSACTION]
    for id_, created, stored in found:
        fields = jsontext.decode(stored)
        yield entry(id_, created, fields), view(kind, Row(fields=fields))


def _settled(window: list[tuple[Entry, Thing]], *, newest_first: bool) -> list[tuple[Entry, Thing]]:
    """The window without its last millisecond, which may be cut.

    Newest first, its end is where the chain begins: there an entry has to stand that is alone in
    its millisecond.
    """
    groups = [list(group) for _, group in groupby(window, key=lambda row: row[0].at)]
    groups.pop()
    while newest_first and groups and len(groups[-1]) > 1:
        groups.pop()
    return [row for group in groups for row in group]


def _has_one_beginning(entries: Sequence[Entry]) -> bool:
    """Whether entries of one millisecond tell by themselves where their chain begins.

    An accrual and its redemption in full, say, do not: they are a circle.
    """
    begins = Counter(entry.before for entry in entries)
    begins.subtract(entry.balance for entry in entries)
    return sum(surplus for surplus in begins.values() if surplus > 0) == 1


def _behind(page: list[tuple[str, Any]], after: str | None) -> list[tuple[str, Any]]:
    if after is None:
        return page
    ids = [id_ for id_, _ in page]
    return page[ids.index(escape(after)) + 1 :] if escape(after) in ids else []
