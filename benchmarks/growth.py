"""Whether events are applied more slowly into a large state than into a small one."""

import asyncio
import random
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks import bodies, filling
from eventlog.embedded import EmbeddedLog
from eventlog.log import Message
from handlers.consumer import Consumer
from receiver.delivery import understand
from state.store import StateWriter
from voucherify_sync.clock import now_ms
from voucherify_sync.server import spare_the_interpreter

_COMMIT = 64


class Growing:
    """A filled state that movements of its cards are applied to, from a log of its own."""

    def __init__(self, state: StateWriter, cards: int, log: Path) -> None:
        self._state = state
        self._cards = cards
        self._log = EmbeddedLog(log)
        self._turn = filling.ENTRIES
        self._chance = random.Random(2)

    async def rate(self, events: int) -> float:
        """Events a second; each moves the points of another card."""
        messages = list(self._movements(events))
        for first in range(0, events, _COMMIT):
            await self._log.append(messages[first : first + _COMMIT])
        consumer = Consumer(self._log, self._log, self._state, now_ms=now_ms)
        stop = asyncio.Event()
        begun = perf_counter()
        task = asyncio.create_task(consumer.run(stop))
        (end,) = (await self._log.ends()).values()
        while end not in (await self._state.positions()).values():
            await asyncio.sleep(0.02)
        seconds = perf_counter() - begun
        stop.set()
        await task
        return events / seconds

    async def close(self) -> None:
        """Let go of the state and the log."""
        await self._state.close()
        await self._log.close()

    def _movements(self, events: int) -> Iterator[Message]:
        for place in self._chance.sample(range(self._cards), events):
            number = self._turn * filling.NUMBERS + filling.card(place)
            yield understand(bodies.movement(number, filling.NUMBERS), now_ms()).message
        self._turn += 1


async def compared(
    small: Growing, large: Growing, events: int, rounds: int = 5
) -> tuple[float, float]:
    """Events a second into the large one, and how many times as many into the small one."""
    spare_the_interpreter()  # as every process of the program does
    await small.rate(events)  # the first round is not counted
    await large.rate(events)
    found = [(await small.rate(events), await large.rate(events)) for _ in range(rounds)]
    return (
        statistics.median(of_large for _, of_large in found),
        statistics.median(of_small / of_large for of_small, of_large in found),
    )
