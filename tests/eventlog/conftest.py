"""The implementations of the seam; the contract suite runs against each of them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogReader, LogWriter


class Log(NamedTuple):
    """Both sides of one log."""

    writer: LogWriter
    reader: LogReader

    async def close(self) -> None:
        """Close both sides; in the embedded log they are one."""
        await self.writer.close()
        await self.reader.close()


OpenLog = Callable[[], Log]


def _embedded(folder: Path) -> Log:
    log = EmbeddedLog(folder / "data" / "log.db")
    return Log(log, log)


@pytest.fixture(params=[_embedded], ids=["embedded"])
async def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenLog]:
    """Opens the same log anew each time; all that were opened are closed at the end."""
    opened: list[Log] = []

    def _open() -> Log:
        opened.append(request.param(tmp_path))
        return opened[-1]

    yield _open
    for log in opened:
        await log.close()


@pytest.fixture
def log(open_log: OpenLog) -> Log:
    """An empty log."""
    return open_log()
