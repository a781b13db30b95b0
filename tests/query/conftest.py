"""The world that the tests of the query API ask."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.query.world import World, begin


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a state in which nothing was told yet; made once, as that takes a while."""
    folder = tmp_path_factory.mktemp("beginning")
    asyncio.run(begin(folder))
    return folder


@pytest.fixture
async def world(beginning: Path, tmp_path: Path) -> AsyncIterator[World]:
    """A state in which nothing was told yet, and the query API over it, open to anyone."""
    opened = World(tmp_path)
    shutil.copy(beginning / opened.path.name, opened.path)
    yield opened
    await opened.close()
