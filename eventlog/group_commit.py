"""Many callers, one commit: gathers what is handed over and writes it, one commit at a time.

A commit costs one fsync and one trip to a thread and back, whatever it holds. What is handed over
while one runs, and in the turn of the event loop after it, shares the next one: the batches grow by
themselves with the load. Knows nothing of SQLite: it is given the function that commits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from eventlog.log import LogUnavailableError
from eventlog.written import Written


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait in memory, and how much one commit takes of it.

    A single hand-over is never split, so each limit can be passed by one of them.
    """

    waiting_messages: int = 10_000
    waiting_bytes: int = 64 * 1024 * 1024
    batch_messages: int = 256
    batch_bytes: int = 4 * 1024 * 1024


class _Handover(NamedTuple):
    """What one caller waits for."""

    packed: Sequence[bytes]
    size: int
    done: Written


class GroupCommit:
    """Runs `commit` in a thread with what waits, until it is closed. Used in one event loop.

    `committed` is called after each commit that succeeded, with the number of messages in it.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[bytes]], None],
        *,
        name: str,
        limits: Limits,
        committed: Callable[[int], None],
    ) -> None:
        self._commit = commit
        self._name = name
        self._limits = limits
        self._committed = committed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._waiting: deque[_Handover] = deque()
        self._running: list[_Handover] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_due = False
        self._messages = 0
        self._bytes = 0
        self._closed = False

    def hand_over(self, packed: Sequence[bytes]) -> Written:
        """Done once `packed` is committed. Nothing to commit is a commit, too: it proves one.

        It fails with what the commit raised; this raises LogUnavailableError where too much waits
        already. Who ends the future takes back what no commit has begun with.
        """
        self._refuse_if_full()
        loop = self._loop
        if loop is None or not loop.is_running():
            loop = self._begin_anew()
        handover = _Handover(packed, sum(map(len, packed)), Written(loop=loop))
        self._waiting.append(handover)
        self._count(handover, 1)
        self._plan(loop)
        return handover.done

    async def close(self) -> None:
        """Commit what waits, refuse what comes, and end the thread."""
        self._closed = True
        pending = [handover.done for handover in (*self._waiting, *self._running)]
        if pending:
            await asyncio.wait(pending)
        await asyncio.to_thread(self._thread.shutdown)

    def _refuse_if_full(self) -> None:
        if self._closed:
            raise LogUnavailableError(f"{self._name} is closed")
        if (
            self._messages >= self._limits.waiting_messages
            or self._bytes >= self._limits.waiting_bytes
        ):
            raise LogUnavailableError(
                f"{self._name}: {self._messages} messages ({self._bytes >> 20} MiB) already wait "
                "to be written; its disk is slow or stuck"
            )

    def _begin_anew(self) -> asyncio.AbstractEventLoop:
        """Use the running loop, which on Python 3.11 costs a system call each time it is asked for.

        Whoever waited in a loop that ended went with it.
        """
        self._loop = asyncio.get_running_loop()
        self._waiting.clear()
        self._running = []
        self._is_due = False
        self._messages = self._bytes = 0
        return self._loop

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin the next commit when this turn of the loop is over, so that all of it shares it."""
        if self._waiting and not self._running and not self._is_due:
            self._is_due = True
            loop.call_soon(self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_due = False
        self._running = self._take()
        if self._running:
            self._thread.submit(self._work, loop, self._running)

    def _take(self) -> list[_Handover]:
        batch: list[_Handover] = []
        messages = size = 0
        limits = self._limits
        while self._waiting and messages < limits.batch_messages and size < limits.batch_bytes:
            handover = self._waiting.popleft()
            if handover.done.done():
                self._count(handover, -1)
                continue
            batch.append(handover)
            messages += len(handover.packed)
            size += handover.size
        return batch

    def _work(self, loop: asyncio.AbstractEventLoop, batch: list[_Handover]) -> None:
        """In the thread: commit, then wake the event loop, once for all callers."""
        error: Exception | None = None
        try:
            self._commit([packed for handover in batch for packed in handover.packed])
        except Exception as failure:
            error = failure
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(self._settle, loop, error)

    def _settle(self, loop: asyncio.AbstractEventLoop, error: Exception | None) -> None:
        batch, self._running = self._running, []
        for handover in batch:
            self._count(handover, -1)
            handover.done.settle(error and _own(error))
        self._plan(loop)
        if error is None:
            self._committed(sum(len(handover.packed) for handover in batch))

    def _count(self, handover: _Handover, sign: int) -> None:
        self._messages += sign * len(handover.packed)
        self._bytes += sign * handover.size


def _own(error: Exception) -> Exception:
    """An exception for one caller alone: a shared one would gather the traces of all."""
    return LogUnavailableError(*error.args) if isinstance(error, LogUnavailableError) else error
