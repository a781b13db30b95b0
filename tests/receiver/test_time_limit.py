"""The time limit that many share: it ends what is overdue, and nothing else."""

import asyncio
from typing import Any

from receiver.time_limit import TimeLimit


async def ended(limit: TimeLimit[Any]) -> None:
    """Wait until nothing is under it."""
    async with asyncio.timeout(10):
        while limit:
            await asyncio.sleep(0.005)


async def test_what_is_in_time_is_left_alone() -> None:
    """Nothing happens to what ends before the limit, however often."""
    overdue: list[str] = []
    limit = TimeLimit(0.02, overdue.append)
    for _ in range(3):
        limit.begin("in time")
        limit.end("in time")
        limit.begin("late")
        await ended(limit)

    assert ["late"] * 3 == overdue


async def test_each_has_its_own_time() -> None:
    """One timer serves all: those that begin later are overdue later; those that end are not."""
    overdue: list[int] = []
    limit = TimeLimit(0.02, overdue.append)
    limit.begin(1)
    limit.begin(2)
    limit.end(1)
    await asyncio.sleep(0.01)
    limit.begin(3)
    await ended(limit)

    assert [2, 3] == overdue


async def test_the_limit_serves_again_after_it_ended_something() -> None:
    """The timer goes on after it has fired; to end what is overdue already is nothing."""
    overdue: list[int] = []
    limit = TimeLimit(0.01, overdue.append)
    for number in range(2):
        limit.begin(number)
        await asyncio.sleep(0.03)
        limit.end(number)

    assert [0, 1] == overdue


def test_the_limit_serves_one_event_loop_after_the_other() -> None:
    """A timer of a loop that ended is not waited for."""
    overdue: list[int] = []
    limit = TimeLimit(0.01, overdue.append)

    async def use(number: int) -> None:
        limit.begin(number)
        await asyncio.sleep(0.03)

    asyncio.run(use(1))
    asyncio.run(use(2))

    assert [1, 2] == overdue
