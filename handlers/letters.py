"""Brings dead letters to their topic, after the transaction that recorded them.

Beside the applying, not in it: a topic that does not take them must not hold up anything.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from eventlog.log import LogWriter, Message
from handlers.retrying import Retrying, wait_for
from schemas import moment, topics
from state.store import DeadLetter, StateWriter

_AT_ONCE: Final = 100
_LOOK_SECONDS: Final = 60.0


class Letters:
    """Publishes what is not known to be published, at `wake` and now and then."""

    def __init__(
        self, state: StateWriter, writer: LogWriter, now_ms: Callable[[], int], most_seconds: float
    ) -> None:
        self._state = state
        self._writer = writer
        self._now_ms = now_ms
        self._retrying = Retrying("dead letters", most_seconds=most_seconds)
        self._due = asyncio.Event()

    def wake(self) -> None:
        """There may be new ones."""
        self._due.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set."""
        ended = asyncio.create_task(self._wake_at(stop))
        self._due.set()
        await self._retrying.run(lambda: self._step(stop), stop)
        await ended

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._due.set()

    async def _step(self, stop: asyncio.Event) -> None:
        await wait_for(self._due, _LOOK_SECONDS)
        if stop.is_set():
            return
        while letters := await self._state.unpublished_dead_letters(_AT_ONCE):
            await self._publish(letters)
        self._due.clear()

    async def _publish(self, letters: Sequence[DeadLetter]) -> None:
        now = self._now_ms()
        await self._writer.append([message(letter, now) for letter in letters])
        await self._state.mark_published([letter.place for letter in letters])


def message(letter: DeadLetter, now: int) -> Message:
    """The dead letter as it stands in its topic: the event as it was, and why it is there."""
    name, number, offset = letter.place
    added = (
        ("reason", letter.reason.encode("utf-8", "replace")),
        ("originaltopic", letter.topic.encode("ascii", "replace")),
        ("originalpartition", f"{name}/{number}".encode("ascii", "replace")),
        ("originaloffset", str(offset).encode("ascii")),
        ("deadletteredat", moment.to_text(now).encode("ascii")),
    )
    return Message(topics.DEAD_LETTER, letter.key, letter.value, (*letter.headers, *added))
