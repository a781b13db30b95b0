"""The embedded log and several processes: killed in the middle, appending at the same time."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import Record
from tests.eventlog.factories import after, message, read_all, values

ROOT = Path(__file__).parents[2]
Appender = Callable[..., Coroutine[Any, Any, asyncio.subprocess.Process]]


@pytest.fixture
async def appender(tmp_path: Path) -> AsyncIterator[Appender]:
    """Starts processes that append to the log; ends those that still run."""
    started: list[asyncio.subprocess.Process] = []

    async def start(*, tasks: int, count: int) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.eventlog.appender"),
            *(str(tmp_path / "log.db"), str(tasks), str(count)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def output(process: asyncio.subprocess.Process) -> asyncio.StreamReader:
    """What the process writes."""
    assert process.stdout is not None
    return process.stdout


async def test_a_killed_process_loses_nothing_it_acknowledged(
    appender: Appender, tmp_path: Path
) -> None:
    """Killed three times in the middle of appends; each record it printed is there, once."""
    acknowledged: list[bytes] = []
    log = EmbeddedLog(tmp_path / "log.db")
    for _ in range(3):
        before = len(await read_all(log))
        process = await appender(tasks=16, count=1_000_000)
        lines = [await output(process).readline() for _ in range(300)]
        process.send_signal(signal.SIGKILL)
        lines += (await output(process).read()).splitlines()[:-1]  # the last one may be cut
        assert -signal.SIGKILL == await process.wait()
        acknowledged = [line.strip() for line in lines]
        found = (await values(log))[before:]
        assert set() == set(acknowledged) - set(found)
        assert len(set(found)) == len(found)
        await log.append([message("between")])
    await log.close()


async def test_one_process_appends_and_another_reads(appender: Appender, tmp_path: Path) -> None:
    """Reading along while it is written gives every record once, in order, without a hole."""
    log = EmbeddedLog(tmp_path / "log.db")
    process = await appender(tasks=8, count=100)
    found: list[Record] = []
    positions = dict.fromkeys(await log.ends(), 0)
    async with asyncio.timeout(30):
        while len(found) < 800:
            page = list(await log.read(positions, limit=50, wait=1))
            positions = after(page, positions)
            found += page
    printed = (await output(process).read()).split()
    await log.close()

    assert list(range(800)) == [record.offset for record in found]
    assert sorted(printed) == sorted(record.value for record in found)


async def test_two_processes_append_to_one_file(appender: Appender, tmp_path: Path) -> None:
    """Both begin with a file that is not there, neither is refused, and nothing is missing."""
    processes = [await appender(tasks=4, count=50), await appender(tasks=4, count=50)]
    printed = [(await output(process).read()).split() for process in processes]
    codes = [await process.wait() for process in processes]
    log = EmbeddedLog(tmp_path / "log.db")
    found = await values(log)
    await log.close()

    assert [0, 0] == codes
    assert sorted(printed[0] + printed[1]) == sorted(found)
