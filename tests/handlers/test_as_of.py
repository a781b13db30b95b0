"""As-of is never claimed too early, and never stands still for a log that is no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from eventlog.log import LogReader, Partition
from handlers import as_of, metrics
from handlers.as_of import AsOf
from state.store import StateWriter

PLACE = Partition("topic", 0)


class Log:
    """A log of which only the end is asked."""

    def __init__(self, end: int) -> None:
        self.end = end

    async def ends(self) -> dict[Partition, int]:
        """The end as it is now."""
        return {PLACE: self.end}


class State:
    """A state of which only the position counts; its clock moves on at each look."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.clock = 0
        self.published: list[int] = []

    async def now(self) -> int:
        """The next moment."""
        self.clock += 1
        return self.clock

    async def positions(self) -> dict[Partition, int]:
        """The position as it is now."""
        return {PLACE: self.position}

    async def advance_as_of(self, moment: int) -> None:
        """Remember it."""
        self.published.append(moment)


@asynccontextmanager
async def publishing(log: Log, state: State) -> AsyncIterator[AsOf]:
    """As-of at work."""
    stop = asyncio.Event()
    parts: Any = cast(LogReader, log), cast(StateWriter, state)
    part = AsOf(*parts, seconds=0.01, most_seconds=0.05)
    task = asyncio.create_task(part.run(stop))
    yield part
    stop.set()
    await task


async def test_a_position_behind_the_end_publishes_nothing() -> None:
    """The topic was made anew: what is in it now is not applied."""
    log, state = Log(100), State(100)
    async with publishing(log, state):
        while not state.published:
            await asyncio.sleep(0.01)
        log.end = 5
        await asyncio.sleep(0.1)
        published = len(state.published)
        await asyncio.sleep(0.2)
        assert published == len(state.published)
        state.position = 5
        while published == len(state.published):
            await asyncio.sleep(0.01)


async def test_ends_that_are_no_more_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The topic was made anew, and the operator went on from what is there."""
    monkeypatch.setattr(as_of, "_LOOK_SECONDS", 0.05)
    log, state = Log(100), State(90)
    async with publishing(log, state):
        await asyncio.sleep(0.1)
        assert [] == state.published
        log.end = state.position = 5
        async with asyncio.timeout(5):
            while not state.published:
                await asyncio.sleep(0.01)


async def test_the_lag_counts_what_arrives_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while nothing is applied."""
    monkeypatch.setattr(as_of, "_LOOK_SECONDS", 0.05)
    log, state = Log(100), State(90)
    async with publishing(log, state):
        await asyncio.sleep(0.05)
        log.end = 1_000
        async with asyncio.timeout(5):
            while 910 != metrics.LAG._value.get():
                await asyncio.sleep(0.01)


async def test_the_lag_in_seconds_grows_until_all_is_applied() -> None:
    """By a steady clock of this process, which nobody has to agree with."""
    log, state = Log(100), State(90)
    async with publishing(log, state):
        before = lag_seconds()
        await asyncio.sleep(0.1)
        behind = lag_seconds()
        assert behind > before
        state.position = 100
        async with asyncio.timeout(5):
            while lag_seconds() >= behind:
                await asyncio.sleep(0.01)


def lag_seconds() -> float:
    """The metric as a scrape finds it."""
    found = REGISTRY.get_sample_value("voucherify_sync_consumer_lag_seconds")
    assert found is not None
    return found
