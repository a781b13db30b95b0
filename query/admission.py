"""Who may read now: so many at once, so many in line behind them, and for so long.

A state that is slow, or asked for more than it can do, would else collect readers until none of
them is answered in time. Whoever finds the line full is told so at once.
"""

import asyncio
from types import TracebackType

from query import errors, metrics


class Admission:
    """`async with` it around what reads the state. Raises ApiError (503) where the line is full.

    What waits here holds no connection.
    """

    def __init__(self, *, at_once: int, in_line: int, seconds: float) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._in_line = in_line
        self._seconds = seconds
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._turns.locked():
            await self._wait()
        else:
            await self._turns.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._turns.release()

    async def _wait(self) -> None:
        if self._waiting >= self._in_line:
            metrics.TURNED_AWAY.labels("full").inc()
            raise errors.overloaded()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
        except TimeoutError:
            metrics.TURNED_AWAY.labels("slow").inc()
            raise errors.overloaded() from None
        finally:
            self._waiting -= 1
