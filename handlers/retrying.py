"""Does one thing again and again until told to stop, and waits where it can't be done now.

The one place that decides what a failure means for a loop: what is away is waited for, ever longer;
a defect of ours is too, because the next release or the next record may not have it. Nothing ends
the loop but its stop, and `problem` always says how it stands.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from eventlog.log import LogUnavailableError, PositionLostError
from handlers import metrics
from handlers.brake import BrakeError
from schemas.defects import describe
from state.store import SchemaMismatchError, StateUnavailableError

log = structlog.get_logger()

NOT_BEGUN: Final = "has not begun yet"
_FIRST_SECONDS = 0.1

_EXPECTED = (
    LogUnavailableError,
    StateUnavailableError,
    SchemaMismatchError,
    PositionLostError,
    BrakeError,
)


class Retrying:
    """A loop by the name of `name`; between failures it waits from 0.1 s up to `most_seconds`.

    `problem` is None while its step works, else what keeps it from working.
    """

    def __init__(
        self, name: str, *, most_seconds: float, failed: Callable[[], None] | None = None
    ) -> None:
        self._name = name
        self._most_seconds = most_seconds
        self._failed = failed
        self._seconds = _FIRST_SECONDS
        self._working = metrics.WORKING.labels(name.replace(" ", "-"))
        self.problem: str | None = NOT_BEGUN

    async def run(self, step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        """Repeat `step` until `stop` is set; a step under way is finished first."""
        self._working.set(1)
        while not stop.is_set():
            try:
                await step()
            except _EXPECTED as away:
                await self._wait(str(away), stop)
            except Exception as defect:
                await self._wait(f"a defect: {describe(defect)}", stop)
            else:
                self._recovered()

    def _recovered(self) -> None:
        if self.problem is not None:
            log.info("working", part=self._name)
            self._working.set(1)
        self.problem = None
        self._seconds = _FIRST_SECONDS

    async def _wait(self, problem: str, stop: asyncio.Event) -> None:
        if self.problem != problem:
            log.error("waiting", part=self._name, problem=problem)
        self.problem = problem
        self._working.set(0)
        if self._failed:
            self._failed()
        seconds, self._seconds = self._seconds, min(2 * self._seconds, self._most_seconds)
        await wait_for(stop, min(seconds, self._most_seconds))


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, for so long at most; say whether it is."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
    return event.is_set()
