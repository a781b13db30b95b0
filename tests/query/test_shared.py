"""Readers who come at the same moment share one read."""

import asyncio

import pytest

from query.shared import Shared
from state.store import StateUnavailableError


class Source:
    """Gives 1, 2, 3…, each when it is let; or fails."""

    def __init__(self) -> None:
        self.reads = 0
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def read(self) -> int:
        """The next number."""
        self.reads += 1
        number = self.reads
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return number


async def under_way(shared: Shared[int], readers: int) -> list[asyncio.Task[int]]:
    """So many readers, all of whom have asked."""
    tasks = [asyncio.create_task(shared.get()) for _ in range(readers)]
    await asyncio.sleep(0)
    return tasks


async def test_one_read_for_all() -> None:
    """A thousand at once are one statement; who comes later is the next."""
    source = Source()
    shared = Shared(source.read)
    readers = await under_way(shared, 1_000)
    source.go.set()

    assert [1] * 1_000 == await asyncio.gather(*readers)
    assert [2, 3] == [await shared.get(), await shared.get()]
    assert 3 == source.reads == shared.last


async def test_all_are_told_what_went_wrong() -> None:
    """The next one tries again; what was seen last stays."""
    source = Source()
    shared = Shared(source.read)
    source.error = StateUnavailableError("away")
    readers = await under_way(shared, 3)
    source.go.set()

    found = await asyncio.gather(*readers, return_exceptions=True)

    assert [source.error] * 3 == found
    source.error = None
    assert 2 == await shared.get()


async def test_who_leaves_takes_nobody_along() -> None:
    """A follower just leaves; where the leader leaves, the others are told to ask again."""
    source = Source()
    shared = Shared(source.read)
    leader, first, second = await under_way(shared, 3)

    first.cancel()
    await asyncio.sleep(0)
    leader.cancel()

    with pytest.raises(StateUnavailableError):
        await second
    source.go.set()
    assert 2 == await shared.get()
    assert leader.cancelled()
    assert first.cancelled()
