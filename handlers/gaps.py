"""Looks through the ledgers that were touched for entries that never came.

Beside the applying, not in it, and from what is stored alone: whatever copy applied an entry, any
copy may look. What is late is not missing: a gap counts only after a while, and is closed by the
same look once its entries are there.
"""

import asyncio
from time import perf_counter
from typing import Final

from handlers import metrics
from handlers.retrying import Retrying, wait_for
from state.store import StateWriter

_AT_ONCE: Final = 50
_COUNT_SECONDS: Final = 5.0
_HURRIED: Final = 30.0
"""While applying is behind, one look rests for so many times as long as it took."""


class Gaps:
    """Looks at most every `look_seconds`; `wait_ms` is for how long an entry may be late."""

    def __init__(
        self, state: StateWriter, *, wait_ms: int, look_seconds: float, most_seconds: float
    ) -> None:
        self._state = state
        self._wait_ms = wait_ms
        self._look_seconds = look_seconds
        self._retrying = Retrying("gaps", most_seconds=most_seconds)
        self._counted_at: float | None = None
        self.hurried = False

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set."""
        await self._retrying.run(lambda: self._step(stop), stop)

    async def _step(self, stop: asyncio.Event) -> None:
        begun = perf_counter()
        looked_at = await self._state.check_ledgers(_AT_ONCE)
        await self._count()
        took = perf_counter() - begun
        metrics.LEDGERS.inc(looked_at)
        rest = _HURRIED * took if self.hurried else took
        await wait_for(stop, rest if looked_at == _AT_ONCE else max(rest, self._look_seconds))

    async def _count(self) -> None:
        """Gaps grow old without anybody touching them."""
        now = perf_counter()
        if self._counted_at is None or now - self._counted_at >= _COUNT_SECONDS:
            metrics.GAPS.set(await self._state.count_gaps(known_for=self._wait_ms))
            self._counted_at = now
