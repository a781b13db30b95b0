"""A time limit that costs next to nothing where it is kept: one timer for all that run under it.

`asyncio.timeout` sets and clears a timer each time, which was a fifth of the work of a delivery.
Here all limits of one kind are equally long, so the oldest is always the next one due.
"""

import asyncio
from types import TracebackType
from typing import Any


class TimeLimit:
    """`with time_limit.on(task):` raises TimeoutError when what is in it takes too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Running, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def on(self, task: asyncio.Task[Any]) -> "Running":
        """One stretch of the current task under this limit."""
        return Running(self, task)

    def begin(self, running: "Running") -> None:
        """Count from now on."""
        loop = running.task.get_loop()
        self._running[running] = due = loop.time() + self._seconds
        if self._timer is None or self._loop is not loop:
            self._wake_at(due, loop)

    def end(self, running: "Running") -> None:
        """Count no more."""
        self._running.pop(running, None)

    def _wake_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer = loop.call_at(due, self._end_overdue, loop)

    def _end_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._running:
            running, due = next(iter(self._running.items()))
            if due > loop.time():
                self._wake_at(due, loop)
                return
            del self._running[running]
            running.expire()


class Running:
    """A context manager for one use; not for sharing between tasks."""

    __slots__ = ("_expired", "_limit", "task")

    def __init__(self, limit: TimeLimit, task: asyncio.Task[Any]) -> None:
        self._limit = limit
        self._expired = False
        self.task = task

    def expire(self) -> None:
        """Cancel what runs; `__exit__` makes a TimeoutError of it."""
        self._expired = True
        self.task.cancel()

    def __enter__(self) -> None:
        self._limit.begin(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._limit.end(self)
        # A task that somebody else cancelled as well stays cancelled, as with asyncio.timeout.
        if self._expired and self.task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError from error
