"""A time limit that costs next to nothing where it is kept: one timer for all that run under it.

`asyncio.timeout` sets and clears a timer each time, which was a fifth of the work of a delivery.
Here all limits of one kind are equally long, so the oldest is always the next one due.
"""

import asyncio
from types import TracebackType
from typing import Any, cast


class TimeLimit:
    """`with time_limit.running():` raises TimeoutError when what is in it takes too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Running, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        """How many run."""
        return len(self._running)

    def running(self) -> "Running":
        """One stretch of the current task under this limit."""
        loop = self._loop
        if loop is None or not loop.is_running():
            # Asked for once: on Python 3.11 each time is a system call.
            loop = self._loop = asyncio.get_running_loop()
            self._timer = None
        return Running(self, loop)

    def begin(self, running: "Running", loop: asyncio.AbstractEventLoop) -> None:
        """Count from now on."""
        self._running[running] = due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._end_overdue, loop)

    def end(self, running: "Running") -> None:
        """Count no more."""
        self._running.pop(running, None)

    def _end_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._running:
            running, due = next(iter(self._running.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._end_overdue, loop)
                return
            del self._running[running]
            running.expire()


class Running:
    """A context manager for one use; not for sharing between tasks."""

    __slots__ = ("_expired", "_limit", "_loop", "_task")

    def __init__(self, limit: TimeLimit, loop: asyncio.AbstractEventLoop) -> None:
        self._limit = limit
        self._loop = loop
        self._expired = False
        # Whatever is limited runs in a task: there is nothing else to cancel.
        self._task = cast("asyncio.Task[Any]", asyncio.current_task(loop))

    def expire(self) -> None:
        """Cancel what runs; `__exit__` makes a TimeoutError of it."""
        self._expired = True
        self._task.cancel()

    def __enter__(self) -> None:
        self._limit.begin(self, self._loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._limit.end(self)
        # A task that somebody else cancelled as well stays cancelled, as with asyncio.timeout.
        if self._expired and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError from error
