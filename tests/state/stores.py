"""The implementations of the state's seams that the contract suite runs against."""

import asyncio
from itertools import count
from pathlib import Path
from typing import Protocol

from state.letter_people import Scrub, emptied
from state.postgres import PostgresState
from state.postgres_reader import PostgresReader
from state.reading import Reading
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import GAP_WAIT_MS, StateWriter
from tests.services.postgres import Postgres

_TEMPLATE = "migrated"
_numbers = count()


class Store(Protocol):
    """One database, of which copies of writers and readers can be opened."""

    def writer(self) -> StateWriter: ...

    def reader(self, gap_wait_ms: int = GAP_WAIT_MS) -> Reading: ...


class SqliteStore:
    """A file; the first writer makes it."""

    def __init__(self, path: Path, *, scrub: Scrub = emptied) -> None:
        self.path = path
        self._scrub = scrub

    def writer(self) -> StateWriter:
        return SqliteState(self.path, scrub=self._scrub)

    def reader(self, gap_wait_ms: int = GAP_WAIT_MS) -> Reading:
        return SqliteReader(self.path, gap_wait_ms=gap_wait_ms)


class PostgresStore:
    """A database of a server that runs."""

    def __init__(self, url: str, *, scrub: Scrub = emptied) -> None:
        self.url = url
        self._scrub = scrub

    def writer(self) -> StateWriter:
        return PostgresState(self.url, scrub=self._scrub)

    def reader(self, gap_wait_ms: int = GAP_WAIT_MS) -> Reading:
        return PostgresReader(self.url, gap_wait_ms=gap_wait_ms)


def migrated_database(server: Postgres) -> str:
    """The URL of a new database that is migrated: a copy, which is quicker than migrating."""
    if not server.run(f"SELECT 1 FROM pg_database WHERE datname = '{_TEMPLATE}'"):  # noqa: S608 - ours
        asyncio.run(_migrate(server.create_database(_TEMPLATE)))
    return server.create_database(f"state_{next(_numbers)}", template=_TEMPLATE)


async def _migrate(url: str) -> None:
    state = PostgresState(url)
    await state.migrate()
    await state.close()
