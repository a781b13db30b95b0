"""So many read at once, so many wait in line, all others are told so at once."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from query.admission import Admission
from query.errors import ApiError
from query.manners import Manners
from state.reader import Standing
from tests.query.world import AS_OF, World, client


def turned_away(reason: str) -> float:
    """How many were, by the metric."""
    name = "voucherify_sync_query_turned_away_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0


class Readers:
    """Readers who stay until they are let go, and what became of them."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._go = asyncio.Event()
        self.reading: list[int] = []
        self.refused: list[int] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, number: int) -> None:
        """One more."""
        self._tasks.append(asyncio.create_task(self._read(number)))
        await asyncio.sleep(0)

    async def leave(self) -> None:
        """All who read or wait do so in the end."""
        self._go.set()
        await asyncio.gather(*self._tasks)

    async def _read(self, number: int) -> None:
        try:
            async with self._admission:
                self.reading.append(number)
                await self._go.wait()
        except ApiError:
            self.refused.append(number)


async def test_who_comes_first_reads_first() -> None:
    """The rest wait in line, and who finds the line full is refused before anyone is done."""
    readers = Readers(Admission(at_once=2, in_line=3, seconds=60))
    before = turned_away("full")
    for number in range(7):
        await readers.come(number)

    assert ([0, 1], [5, 6]) == (readers.reading, readers.refused)
    await readers.leave()
    assert [0, 1, 2, 3, 4] == readers.reading
    assert before + 2 == turned_away("full")


async def test_who_waits_too_long_is_refused() -> None:
    """And leaves the line to others."""
    admission = Admission(at_once=1, in_line=1, seconds=0.01)
    readers = Readers(admission)
    before = turned_away("slow")
    await readers.come(0)
    for _ in range(3):
        with pytest.raises(ApiError):
            async with admission:
                pass

    await readers.leave()
    async with admission:
        pass
    assert before + 3 == turned_away("slow")


async def test_the_refusal(world: World) -> None:
    """It says when to try again, and as of when the state was last seen to be."""
    go = asyncio.Event()

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.reader, name)

        async def standing(self) -> Standing:
            await go.wait()
            return Standing(AS_OF, AS_OF, dead_letters=False, gaps=False, projects=("proj_test",))

    slow: Any = Slow()
    manners = Manners(at_once=1, in_line=1)
    async with client(slow, manners=manners) as asking:
        under_way = [asyncio.create_task(asking.get("/v1/vouchers")) for _ in range(3)]
        await asyncio.sleep(0.05)
        go.set()
        answers = await asyncio.gather(*under_way)

    assert [200, 200, 503] == sorted(answer.status_code for answer in answers)
    (refused,) = (answer for answer in answers if answer.status_code == 503)
    assert "1" == refused.headers["retry-after"]
    assert "overloaded" == refused.json()["key"]
    assert refused.headers["voucherify-sync-as-of"]
