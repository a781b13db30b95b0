"""Reads and understands a batch, and the next one while the database works on this one.

It stands between the log and the applying, and decides nothing: what was read ahead is given out
only for the very positions that it was read from, and read again for any others. Only who is behind
reads ahead. Who keeps up takes, with the next read, all that arrived during this batch.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from eventlog.log import Partition, Record
from handlers.applying import Outcome, places_after
from handlers.understand import understand

_TURN: Final = 20
"""So many records are understood before others have their turn: an answer of the database, say."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What is being read from positions."""

    positions: Mapping[Partition, int]
    outcomes: asyncio.Task[Sequence[Outcome]]


class Reads(Protocol):
    """What of the log is needed here."""

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader."""
        ...


class Reading:
    """Reads at most `limit` records at once; where there are none, it waits for `seconds`."""

    def __init__(
        self, reader: Reads, now_ms: Callable[[], int], *, limit: int, seconds: float
    ) -> None:
        self._reader = reader
        self._now_ms = now_ms
        self._limit = limit
        self._seconds = seconds
        self._ahead: _Ahead | None = None
        self.is_behind = False

    async def next(self, positions: Mapping[Partition, int]) -> Sequence[Outcome]:
        """What the records from these positions on say. Raises what `LogReader.read` raises."""
        if self._ahead and self._ahead.positions == positions:
            ahead, self._ahead = self._ahead, None
            outcomes = await ahead.outcomes
        else:
            await self.drop()
            outcomes = await self._read(positions)
        self.is_behind = len(outcomes) == self._limit
        if self.is_behind:
            behind = {**positions, **places_after(outcomes)}
            self._ahead = _Ahead(behind, asyncio.create_task(self._read(behind)))
        return outcomes

    async def drop(self) -> None:
        """Forget what is being read ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead:
            ahead.outcomes.cancel()
            await asyncio.gather(ahead.outcomes, return_exceptions=True)

    async def _read(self, positions: Mapping[Partition, int]) -> Sequence[Outcome]:
        records = await self._reader.read(positions, limit=self._limit, wait=self._seconds)
        now = self._now_ms()
        outcomes: list[Outcome] = []
        for first in range(0, len(records), _TURN):
            turn = records[first : first + _TURN]
            outcomes += [understand(record, now) for record in turn]
            await asyncio.sleep(0)
        return outcomes
