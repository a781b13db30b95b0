"""Publishes the moment up to which the state is complete, whoever applied what.

The moment is noted first, by the database's clock, which is one for all copies; then the log's ends
are read; once the stored positions of all partitions have reached them, every delivery acknowledged
before the moment is applied. No clock of a receiver or a handler has a part in it. A position that
is behind an end read later is one of another log (a topic was made anew): then nothing is known.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from eventlog.log import LogReader, Partition, PositionLostError
from handlers import metrics
from handlers.retrying import Retrying, wait_for
from state.store import StateWriter

_LEAST_SECONDS: Final = 0.05
"""Asking for the ends takes milliseconds, in which nothing is applied."""

_LOOK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """The log's ends, read after a moment."""

    moment: int
    ends: Mapping[Partition, int]

    def is_void(self, ends: Mapping[Partition, int]) -> bool:
        """Whether the log begins anew since, so that its ends may never be reached."""
        return any(ends.get(place, 0) < end for place, end in self.ends.items())


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
        self._looked_at = 0.0
        self._latest: Mapping[Partition, int] = {}
        self._complete_at = perf_counter()
        metrics.LAG_SECONDS.set_function(lambda: perf_counter() - self._complete_at)
        self.moment: int | None = None

    def wake(self) -> None:
        """Something was applied."""
        self._applied.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set."""
        await self._retrying.run(lambda: self._step(stop), stop)

    async def _step(self, stop: asyncio.Event) -> None:
        before = await self._positions()
        noted_at = perf_counter()
        moment = await self._state.now()
        mark = _Mark(moment, await self._ends())
        _refuse_lost(before, mark.ends)
        while _missing(mark.ends, positions := await self._positions()):
            metrics.LAG.set(_missing(self._latest, positions))
            await self._next()
            if stop.is_set() or await self._is_void(mark):
                return
        metrics.LAG.set(0)
        await self._state.advance_as_of(mark.moment)
        self.moment = mark.moment
        metrics.AS_OF.set(mark.moment / 1000)
        self._complete_at = noted_at
        await self._next()

    async def _next(self) -> None:
        """Until something was applied, here or in another copy."""
        await asyncio.sleep(_LEAST_SECONDS)
        await wait_for(self._applied, self._seconds)
        self._applied.clear()

    async def _is_void(self, mark: _Mark) -> bool:
        """Looks now and then only: asking for the ends costs more than a mark that is reached."""
        if perf_counter() - self._looked_at < _LOOK_SECONDS:
            return False
        return mark.is_void(await self._ends())

    async def _ends(self) -> Mapping[Partition, int]:
        self._looked_at = perf_counter()
        self._latest = await self._reader.ends()
        return self._latest

    async def _positions(self) -> dict[Partition, int]:
        stored = await self._state.positions()
        return {Partition(*place): after for place, after in stored.items()}


def _missing(ends: Mapping[Partition, int], positions: Mapping[Partition, int]) -> int:
    """How many records up to the ends are not applied."""
    return sum(max(0, end - positions.get(place, 0)) for place, end in ends.items())


def _refuse_lost(before: Mapping[Partition, int], ends: Mapping[Partition, int]) -> None:
    """Raise PositionLostError where a position is behind an end that was read later."""
    for place, at in before.items():
        if ends.get(place, at) < at:
            raise PositionLostError(
                f"{place.name}/{place.number} ends at {ends[place]} and was applied up to {at}: it "
                "was made anew, or the log lost data; see `voucherify-sync positions`"
            )
