"""Counts the dead letters that are kept, for the metric alone.

Beside the applying: they come by any copy, and go by commands that run elsewhere.
"""

import asyncio
from typing import Final

from handlers import metrics
from handlers.retrying import Retrying, wait_for
from state.store import StateWriter

_PAUSE_SECONDS: Final = 5.0


class Counting:
    """Counts every few seconds."""

    def __init__(self, state: StateWriter, *, most_seconds: float) -> None:
        self._state = state
        self._retrying = Retrying("counting", most_seconds=most_seconds)

    async def run(self, stop: asyncio.Event) -> None:
        """Count until `stop` is set."""
        await self._retrying.run(lambda: self._step(stop), stop)

    async def _step(self, stop: asyncio.Event) -> None:
        kept = await self._state.count_dead_letters()
        metrics.OPEN_LETTERS.set(sum(kept.values()))
        await wait_for(stop, _PAUSE_SECONDS)
