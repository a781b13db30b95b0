"""The state databases that histories are lived in: each kept open, and emptied in between."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import asyncpg

from handlers.scrubbing import scrub
from state.kept import FIRST, Beside, Kept, StoredKey
from state.postgres import PostgresState
from state.postgres_reader import PostgresReader
from state.reading import Reading
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import StateWriter

_TABLES: Final = (
    "thing",
    "also_of",
    "position",
    "as_of",
    "dead_letter",
    "ledger_check",
    "ledger_gap",
)


class Database(Protocol):
    """A state database with both of its sides."""

    @property
    def writer(self) -> StateWriter: ...

    @property
    def reader(self) -> Reading: ...

    async def empty(self) -> None:
        """Forget everything."""
        ...

    async def close(self) -> None: ...


class SqliteDatabase:
    """A file; quickest in a folder that is in memory."""

    def __init__(self, path: Path) -> None:
        self.writer: StateWriter = SqliteState(path, scrub=scrub)
        self.reader: Reading = SqliteReader(path, threads=1)
        self._path = path
        self._own: sqlite3.Connection | None = None

    async def empty(self) -> None:
        """See Database. The first time it makes the tables."""
        if self._own is None:
            await self.writer.migrate()
            self._own = sqlite3.connect(self._path, isolation_level=None)
        self._own.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            self._own.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
        self._own.execute("COMMIT")

    async def close(self) -> None:
        """See Database."""
        await self.writer.close()
        await self.reader.close()
        if self._own:
            self._own.close()


class PostgresDatabase:
    """A database of a server that runs."""

    def __init__(self, url: str) -> None:
        self.writer: StateWriter = PostgresState(url, scrub=scrub)
        self.reader: Reading = PostgresReader(url)
        self._url = url
        self._own: asyncpg.Connection[asyncpg.Record] | None = None

    async def empty(self) -> None:
        """See Database. The first time it makes the tables."""
        if self._own is None:
            await self.writer.migrate()
            self._own = await asyncpg.connect(self._url)
        await self._own.execute(";".join(f"DELETE FROM {table}" for table in _TABLES))  # noqa: S608 - ours

    async def close(self) -> None:
        """See Database."""
        await self.writer.close()
        await self.reader.close()
        if self._own:
            await self._own.close()


class Remembered:
    """All that a database kept at a moment: StateContent of it afterwards, in memory."""

    def __init__(self, things: Sequence[Kept], beside: Mapping[Beside, Any]) -> None:
        self._things = list(things)
        self._beside = beside

    async def check(self) -> None:
        """See StateContent."""

    def of(self, project: str, kind: str | None = None) -> Sequence[Kept]:
        """The things of a project, of one kind or of all, that are there."""
        kept = (one for one in self._things if not one.row.gone)
        return [one for one in kept if one.place[0] == project and kind in (None, one.place[1])]

    async def things(self, after: StoredKey, limit: int) -> Sequence[Kept]:
        """See StateContent."""
        return [kept for kept in self._things if kept.place > after][:limit]

    async def beside(self) -> Mapping[Beside, Any]:
        """See StateContent."""
        return self._beside

    async def close(self) -> None:
        """See StateContent."""


async def remembered(database: Database) -> Remembered:
    """All that a database keeps now."""
    reader = database.reader
    return Remembered(await reader.things(FIRST, 100_000), await reader.beside())
