"""Publishes the moment up to which the state is complete, whoever applied what.

The moment is noted first, by the database's clock, which is one for all copies; then the log's ends
are read; once the stored positions of all partitions have reached them, every delivery acknowledged
before the moment is applied. No clock of a receiver or a handler has a part in it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eventlog.log import LogReader, Partition
from handlers import metrics
from handlers.retrying import Retrying, wait_for
from state.store import StateWriter

_LEAST_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class _Mark:
    """The log's ends, read after a moment."""

    moment: int
    ends: Mapping[Partition, int]

    def missing(self, positions: Mapping[Partition, int]) -> int:
        """How many records up to the ends are not applied."""
        return sum(max(0, end - positions.get(place, 0)) for place, end in self.ends.items())


class AsOf:
    """Publishes at each `wake` (something was applied) and at least every `seconds`."""

    def __init__(
        self, reader: LogReader, state: StateWriter, *, seconds: float, most_seconds: float
    ) -> None:
        self._reader = reader
        self._state = state
        self._seconds = seconds
        self._retrying = Retrying("as-of", most_seconds=most_seconds)
        self._applied = asyncio.Event()
        self.moment: int | None = None

    def wake(self) -> None:
        """Something was applied."""
        self._applied.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set."""
        await self._retrying.run(lambda: self._step(stop), stop)

    async def _step(self, stop: asyncio.Event) -> None:
        moment = await self._state.now()
        mark = _Mark(moment, await self._reader.ends())
        while missing := mark.missing(await self._positions()):
            metrics.LAG.set(missing)
            await self._next()
            if stop.is_set():
                return
        metrics.LAG.set(0)
        await self._state.advance_as_of(mark.moment)
        self.moment = mark.moment
        metrics.AS_OF.set(mark.moment / 1000)
        await self._next()

    async def _next(self) -> None:
        """Until something was applied, here or in another copy."""
        await asyncio.sleep(_LEAST_SECONDS)
        await wait_for(self._applied, self._seconds)
        self._applied.clear()

    async def _positions(self) -> dict[Partition, int]:
        stored = await self._state.positions()
        return {Partition(*place): after for place, after in stored.items()}
