"""What is read ahead is given out for its own positions only, and nothing is skipped or kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogUnavailableError, Message, Partition, Record
from handlers.ahead import Reading
from handlers.applying import Outcome, places_after
from handlers.understand import Understood

BEGINNING: Mapping[Partition, int] = {}


class Watched:
    """A log that remembers its readings, and fails at those whose numbers it is given."""

    def __init__(self, log: EmbeddedLog, *fails: int) -> None:
        self._log = log
        self._fails = fails
        self.readings = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def read(self, *positions: Any, **more: Any) -> Sequence[Record]:
        """As the log, once it is known whether this one fails."""
        self.readings += 1
        if self.readings in self._fails:
            raise LogUnavailableError("away")
        return await self._log.read(*positions, **more)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(tmp_path / "log.db")
    yield made
    await made.close()


def reading(log: Any) -> Reading:
    """Ten records at once, and no waiting for more."""
    return Reading(log, lambda: 0, limit=10, seconds=0)


async def fill(log: EmbeddedLog, count: int) -> None:
    """Records that tell nothing."""
    await log.append([Message("voucherify.quarantine", b"", b"{}") for _ in range(count)])


def offsets(outcomes: Sequence[Outcome]) -> list[int]:
    """Where the records of outcomes stand."""
    return [one.record.offset for one in outcomes if isinstance(one, Understood)]


async def test_each_record_comes_once_and_in_order(log: EmbeddedLog) -> None:
    """Batch after batch, the last one without another behind it."""
    await fill(log, 25)
    part = reading(log)
    positions = dict(BEGINNING)
    found = []
    behind = []
    for _ in range(3):
        outcomes = await part.next(positions)
        positions.update(places_after(outcomes))
        found += offsets(outcomes)
        behind.append(part.is_behind)

    assert found == sorted(set(found))
    assert 25 == len(found)
    assert [True, True, False] == behind


async def test_a_batch_that_was_not_applied_comes_again(log: EmbeddedLog) -> None:
    """What was read ahead is no answer where the positions did not move."""
    await fill(log, 25)
    part = reading(log)
    first = await part.next(BEGINNING)

    again = await part.next(BEGINNING)
    await part.drop()

    assert offsets(first) == offsets(again)


async def test_who_keeps_up_does_not_read_ahead(log: EmbeddedLog) -> None:
    """All that arrives during a batch is one batch, and not two."""
    await fill(log, 9)
    watched = Watched(log)
    outcomes = await reading(watched).next(BEGINNING)
    await asyncio.sleep(0)

    assert 9 == len(outcomes)
    assert 1 == watched.readings


async def test_a_reading_that_fails_ahead_is_told_once(log: EmbeddedLog) -> None:
    """It fails the batch that it was for; whoever tries again reads again."""
    await fill(log, 25)
    part = reading(Watched(log, 2))
    first = await part.next(BEGINNING)
    behind = places_after(first)

    with pytest.raises(LogUnavailableError):
        await part.next(behind)
    second = await part.next(behind)
    await part.drop()

    assert 10 == len(second)
    assert max(offsets(first)) < min(offsets(second))


async def test_what_failed_ahead_and_is_not_wanted_is_forgotten(log: EmbeddedLog) -> None:
    """An error that nobody waits for ends with the reading."""
    await fill(log, 25)
    watched = Watched(log, 2)
    part = reading(watched)
    await part.next(BEGINNING)
    while watched.readings < 2:
        await asyncio.sleep(0)

    await part.drop()

    assert 10 == len(await part.next(BEGINNING))
    await part.drop()
