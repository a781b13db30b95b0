"""The world that the tests of the query API ask."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.query.world import World, begin
from tests.services.postgres import Postgres

ON_BOTH: Final = frozenset(
    {
        "test_customers",
        "test_etags",
        "test_members",
        "test_odd",
        "test_points",
        "test_promotions",
        "test_publications",
        "test_redemptions",
    }
)
"""The tests whose lists and filters ask the most of a database; all others ask SQLite alone."""

_BEGINNING: Final = "query_beginning"
_numbers = count()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have some of the tests ask both databases."""
    if "world" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        databases = ["sqlite", "postgres"] if module in ON_BOTH else ["sqlite"]
        metafunc.parametrize("database", databases)


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a state in which nothing was told yet; made once, as that takes a while."""
    folder = tmp_path_factory.mktemp("beginning")
    asyncio.run(begin(folder))
    return folder


@pytest.fixture(scope="session")
def postgres_beginning(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    """A server with such a state in a database to be copied."""
    asyncio.run(begin(tmp_path_factory.mktemp("unused"), postgres.create_database(_BEGINNING)))
    return postgres


@pytest.fixture
def unopened(
    database: str, beginning: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> World:
    """A state in which nothing was told yet, and the query API over it, open to anyone."""
    if database == "postgres":
        server: Postgres = request.getfixturevalue("postgres_beginning")
        url = server.create_database(f"query_{next(_numbers)}", template=_BEGINNING)
        return World(tmp_path, url)
    opened = World(tmp_path)
    shutil.copy(beginning / opened.path.name, opened.path)
    return opened


@pytest.fixture
async def world(unopened: World) -> AsyncIterator[World]:
    """The same, closed in the end."""
    yield unopened
    await unopened.close()
