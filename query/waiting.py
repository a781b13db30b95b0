"""Read your own writes: a reader may wait until the state is complete up to a moment.

All who wait share one look at the state every few milliseconds, and hold neither a turn nor a
connection meanwhile. Whoever does not get the moment in time is refused: an answer with an older
as-of could be mistaken for the one that was wanted.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Final

from query import errors, metrics
from query.parameters import Parameters
from query.shared import Shared
from schemas import moment
from state.reader import Standing

PARAMETER: Final = "wait_as_of"
HEADER: Final = "Voucherify-Sync-Wait"

_HEADER: Final = HEADER.lower().encode()
_FINER: Final = re.compile(r"[.,]\d{4}")
_LOOK_SECONDS: Final = 0.02


def wanted(parameters: Parameters, headers: Mapping[bytes, bytes]) -> int | None:
    """The moment in ms that a request waits for, None for none. Raises ApiError (400)."""
    if PARAMETER not in parameters.given and _HEADER not in headers:
        return None
    asked = [
        _parsed(PARAMETER, parameters.one(PARAMETER)),
        _parsed(HEADER, headers[_HEADER].decode("latin-1") if _HEADER in headers else None),
    ]
    return max(at for at in asked if at is not None)


class Waiting:
    """All who wait; `most` at a time, each for at most `seconds`."""

    def __init__(self, standings: Shared[Standing], *, seconds: float, most: int) -> None:
        self._standings = standings
        self._seconds = seconds
        self._most = most
        self._waiters: dict[asyncio.Future[Standing], int] = {}
        self._look: asyncio.Task[None] | None = None
        self._ended = False

    async def until(self, at: int) -> Standing:
        """How complete the state is, once it is up to this moment in ms.

        Raises ApiError: 400 for a moment that can't come in time, 503 for one that did not.
        """
        standing = await self._standings.get()
        if _is_complete(standing, at):
            return standing
        if at > standing.now + 1000 * self._seconds:
            raise errors.bad_parameter(
                f"{PARAMETER} or {HEADER}",
                f"lies more than {self._seconds:g} s in the future; "
                f"it is {moment.to_text(standing.now)} by the state's clock",
            )
        if self._ended:
            raise errors.ending()
        if len(self._waiters) >= self._most:
            raise errors.overloaded()
        return await self._wait(at)

    def end(self) -> None:
        """Send all away who wait, and let nobody wait any more: the process is to end."""
        self._ended = True
        self._refuse_all(errors.ending())

    async def _wait(self, at: int) -> Standing:
        waiter: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = at
        metrics.WAITING.set(len(self._waiters))
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_on(), name="waiting")
        try:
            async with asyncio.timeout(self._seconds):
                return await waiter
        except TimeoutError:
            raise errors.not_complete_yet(self._seconds) from None
        finally:
            self._waiters.pop(waiter, None)
            metrics.WAITING.set(len(self._waiters))

    async def _look_on(self) -> None:
        while self._waiters:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                standing = await self._standings.get()
            except Exception as error:
                self._refuse_all(error)
                return
            for waiter, at in self._waiters.items():
                if _is_complete(standing, at) and not waiter.done():
                    waiter.set_result(standing)

    def _refuse_all(self, problem: Exception) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(problem)


def _is_complete(standing: Standing, at: int) -> bool:
    return standing.as_of is not None and standing.as_of >= at


def _parsed(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    at = moment.parse(text.strip())
    if at is None:
        raise errors.bad_parameter(
            name, "must be one date and time in ISO 8601 (in a URL, + is written %2B)"
        )
    # Whole milliseconds are compared: what lies between two is complete with the later one.
    return at + 1 if _FINER.search(text) else at
