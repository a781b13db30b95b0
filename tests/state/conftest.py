"""A state database of each implementation, with a writer and a reader."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from state.kept import StateContent
from state.reader import StateReader
from state.store import StateWriter
from tests.state.stores import PostgresStore, SqliteStore, Store, migrated_database


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database in which nothing was told yet."""
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "folder" / "state.db")
    return PostgresStore(migrated_database(request.getfixturevalue("postgres")))


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[StateWriter]:
    """The first writer, which migrates."""
    state = store.writer()
    await state.migrate()
    yield state
    await state.close()


@pytest.fixture
async def reader(writer: StateWriter, store: Store) -> AsyncIterator[StateReader]:
    """A reader of what the writer writes."""
    del writer  # has made the database
    state = store.reader()
    yield state
    await state.close()


@pytest.fixture
async def content(writer: StateWriter, store: Store) -> AsyncIterator[StateContent]:
    """All that the writer's database keeps."""
    del writer  # has made the database
    reading = store.reader()
    yield reading
    await reading.close()
