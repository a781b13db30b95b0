"""The embedded state database: the read side, on SQLite. Reads never wait for the writer (WAL)."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from schemas import jsontext, named_sql
from state import sqlite_migrations
from state.reading import Reading
from state.sqlite_clock import Clock, set_clock, wall_clock_ms
from state.sqlite_terms import SqliteTerms
from state.sqltext import escape
from state.store import GAP_WAIT_MS, StateUnavailableError
from state.terms import Terms

T = TypeVar("T")


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
    """The Database of a Reading: a few threads, each with a connection of its own.

    Each `fetch` is one hop to a thread, which takes longer than a small statement.
    """

    def __init__(self, path: Path, threads: int, now_ms: Clock) -> None:
        self._path = path
        self._now_ms = now_ms
        self.sql: Mapping[str, str] = named_sql.load("state", "sql/sqlite.sql")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="state-reader")

    async def check(self) -> None:
        """See Database."""
        await self._run(sqlite_migrations.check)

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Database."""
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
            set_clock(connection, self._now_ms)
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def _fetch(statement: str, values: Sequence[Any], db: sqlite3.Connection) -> list[Any]:
    return db.execute(statement, values).fetchall()
