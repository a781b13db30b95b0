"""The embedded state database: the read side, on SQLite. Reads never wait for the writer (WAL)."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from schemas import jsontext, named_sql
from state import sqlite_migrations
from state.reading import Reading
from state.sqlite_clock import Clock, set_clock, wall_clock_ms
from state.sqlite_terms import SqliteTerms
from state.sqltext import escape
from state.store import GAP_WAIT_MS, StateUnavailableError
from state.terms import Terms

T = TypeVar("T")

_STEPS: Final = 1_000
"""A card with its newest entries takes some 250, about 60 µs; so nobody is held up by much."""

_SECONDS: Final = 5.0


class SqliteReader(Reading):
    """Reads the state from one SQLite file, which someone else makes and migrates."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 4,
        now_ms: Clock = wall_clock_ms,
        gap_wait_ms: int = GAP_WAIT_MS,
    ) -> None:
        super().__init__(_File(path, threads, now_ms), gap_wait_ms)


class _File:
    """The Database of a Reading: small statements here, larger ones in a few threads.

    A hop to a thread and back takes longer than looking up a thing, and waits for the
    interpreter's lock twice. So each statement begins in the caller's thread; the one that comes to
    an end within `_STEPS` of SQLite's machine, and without waiting for anyone, is done there.
    """

    def __init__(self, path: Path, threads: int, now_ms: Clock) -> None:
        self._path = path
        self._now_ms = now_ms
        self.sql: Mapping[str, str] = named_sql.load("state", "sql/sqlite.sql")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="state-reader")
        self._here: sqlite3.Connection | None = None
        self._is_near_its_end = False

    async def check(self) -> None:
        """See Database."""
        await self._run(sqlite_migrations.check)

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Database."""
        try:
            return self._at_once(statement, values)
        except sqlite3.DatabaseError as error:
            # Errors of Python's module, not of SQLite, have no code.
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                self._leave()  # a thread finds out what is the matter, and may wait
        return await self._run(partial(_fetch, statement, values))

    def terms(self) -> Terms:
        """See Database."""
        return SqliteTerms()

    def key(self, text: str) -> str:
        """See Database."""
        return escape(text)

    def listed(self, keys: Iterable[str]) -> str:
        """See Database."""
        return jsontext.encode(list(keys)).decode()

    def document(self, stored: bytes | str) -> bytes:
        """See Database. It comes as text where SQLite put it into JSON of its own."""
        return stored if isinstance(stored, bytes) else stored.encode()

    async def close(self) -> None:
        """See Database."""
        await asyncio.to_thread(self._threads.shutdown)
        self._leave()
        for connection in self._connections:
            connection.close()

    def _at_once(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a small statement. Raises sqlite3.DatabaseError where it is not."""
        if self._here is None:
            self._here = _open(self._path, self._now_ms, timeout=0)
            self._here.set_progress_handler(self._is_too_much, _STEPS)
        self._is_near_its_end = False
        return _fetch(statement, values, self._here)

    def _is_too_much(self) -> bool:
        """SQLite counts on from one run of a statement to the next: the first call says little."""
        before, self._is_near_its_end = self._is_near_its_end, True
        return before

    def _leave(self) -> None:
        """Let go of the caller's connection: the file may be mended or replaced meanwhile."""
        if self._here is not None:
            self._here.close()
            self._here = None

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
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _open(self._path, self._now_ms)
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def _open(path: Path, now_ms: Clock, timeout: float = _SECONDS) -> sqlite3.Connection:
    """A connection that waits so many seconds. The file is never made by looking at it."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, timeout=timeout, uri=True, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    set_clock(connection, now_ms)
    return connection


def _fetch(statement: str, values: Sequence[Any], db: sqlite3.Connection) -> list[Any]:
    return db.execute(statement, values).fetchall()
