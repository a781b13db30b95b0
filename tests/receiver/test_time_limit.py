"""The time limit that many share: it ends what is overdue, and nothing else."""

import asyncio
import time

import pytest

from receiver.time_limit import TimeLimit


async def stay(limit: TimeLimit, seconds: float) -> str:
    """Take so long under the limit."""
    try:
        with limit.running():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "ended"
    return "done"


async def test_what_is_in_time_is_left_alone() -> None:
    """Nothing happens to what ends before the limit, however often."""
    limit = TimeLimit(0.2)

    assert ["done"] * 20 == [await stay(limit, 0) for _ in range(20)]


async def test_what_is_overdue_ends() -> None:
    """It ends at the limit, by a TimeoutError."""
    begun = time.monotonic()

    assert "ended" == await stay(TimeLimit(0.05), 60)
    assert 0.04 < time.monotonic() - begun < 10


async def test_each_has_its_own_time() -> None:
    """One timer serves all: those that begin later, end later; those that are quick are done."""
    limit = TimeLimit(0.2)
    begun = time.monotonic()

    async def later(wait: float, seconds: float) -> tuple[str, float]:
        await asyncio.sleep(wait)
        result = await stay(limit, seconds)
        return result, round(time.monotonic() - begun, 2)

    ends = await asyncio.gather(later(0, 60), later(0.1, 60), later(0.15, 0.1), later(0.1, 0))

    assert ["ended", "ended", "done", "done"] == [result for result, _ in ends]
    assert ends[0][1] >= 0.19
    assert ends[1][1] >= 0.29


async def test_the_limit_serves_again_after_it_ended_something() -> None:
    """The timer goes on after it has fired."""
    limit = TimeLimit(0.02)

    assert ["ended", "done", "ended"] == [
        await stay(limit, 60),
        await stay(limit, 0),
        await stay(limit, 60),
    ]


def test_the_limit_serves_one_event_loop_after_the_other() -> None:
    """A timer of a loop that ended is not waited for."""
    limit = TimeLimit(0.02)

    assert ["done", "ended"] == [asyncio.run(stay(limit, 0)), asyncio.run(stay(limit, 60))]


async def test_a_cancellation_from_outside_stays_one() -> None:
    """A task that is cancelled under a limit is cancelled, and not out of time."""
    task = asyncio.create_task(stay(TimeLimit(60), 60))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_at_the_same_time_stays_one() -> None:
    """Out of time and cancelled in one turn of the event loop, a task is cancelled."""
    task = asyncio.create_task(stay(TimeLimit(0.02), 60))
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, time.sleep, 0.05)
    loop.call_later(0.04, task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_another_error_stays_what_it_is() -> None:
    """What is raised under the limit passes through."""
    with pytest.raises(KeyError), TimeLimit(60).running():
        raise KeyError("for once")
