"""A time limit that costs next to nothing where it is kept: one timer for all that are under it.

`asyncio.timeout` sets and clears a timer each time, which was a fifth of the work of a delivery.
Here all limits of one kind are equally long, so the oldest is always the next one due.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class TimeLimit(Generic[T]):
    """Calls `overdue` with each thing that began and did not end in time. Of one event loop."""

    def __init__(self, seconds: float, overdue: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._overdue = overdue
        self._due: dict[T, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        """How many are under it now."""
        return len(self._due)

    def begin(self, thing: T) -> None:
        """Count from now on."""
        loop = self._loop
        if loop is None or not loop.is_running():
            # Asked for once: on Python 3.11 each time is a system call.
            loop = self._loop = asyncio.get_running_loop()
            self._timer = None
        self._due[thing] = due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._end_overdue, loop)

    def end(self, thing: T) -> None:
        """Count no more, if it still does."""
        self._due.pop(thing, None)

    def _end_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._due:
            thing, due = next(iter(self._due.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._end_overdue, loop)
                return
            del self._due[thing]
            self._overdue(thing)
