"""Dead letters come to their topic, whatever becomes of one of them."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogUnavailableError, Message
from handlers import consumer
from handlers.consumer import Consumer, Pace
from handlers.letters import Letters
from state.sqlite import SqliteState
from state.store import Batch, DeadLetter, LetterPlace


async def state_with_letters(folder: Path, count: int) -> SqliteState:
    """A state in which as many dead letters wait to be published."""
    state = SqliteState(folder / "state.db")
    await state.migrate()
    letters = [
        DeadLetter(LetterPlace("t", 0, n), "t", "a reason", b"k", b"%d" % n, (), 1)
        for n in range(count)
    ]
    await state.apply(Batch((), {}, dead_letters=letters))
    return state


class Topic:
    """A log that takes all but one value, or hangs."""

    def __init__(self, *, refused: bytes = b"", hangs: bool = False) -> None:
        self.taken: list[bytes] = []
        self._refused = refused
        self._hangs = hangs

    async def append(self, messages: Sequence[Message]) -> None:
        """As KafkaWriter: what is refused is not taken, what is beside it may be."""
        if self._hangs:
            await asyncio.Event().wait()
        self.taken += [one.value for one in messages if one.value != self._refused]
        if any(one.value == self._refused for one in messages):
            raise LogUnavailableError("too large")

    async def check(self) -> None:
        """Never asked."""

    async def close(self) -> None:
        """Nothing to close."""


async def test_one_that_is_refused_does_not_bring_the_others_twice(tmp_path: Path) -> None:
    """It alone is tried again."""
    state, topic, stop = await state_with_letters(tmp_path, 5), Topic(refused=b"2"), asyncio.Event()
    letters = Letters(state, topic, lambda: 1, 0.02)
    task = asyncio.create_task(letters.run(stop))
    await asyncio.sleep(0.3)
    stop.set()
    await task
    assert [b"0", b"1", b"3", b"4"] == topic.taken
    assert [2] == [letter.place.offset for letter in await state.unpublished_dead_letters(9)]
    await state.close()


async def test_a_topic_that_is_away_does_not_hold_up_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handlers end all the same; the dead letters stay in the state."""
    monkeypatch.setattr(consumer, "_END_SECONDS", 0.1)
    state, log = await state_with_letters(tmp_path, 1), EmbeddedLog(tmp_path / "log.db")
    pace = Pace(as_of_seconds=0.02)
    handlers = Consumer(log, Topic(hangs=True), state, now_ms=lambda: 1, pace=pace)
    stop = asyncio.Event()
    task = asyncio.create_task(handlers.run(stop))
    await asyncio.sleep(0.3)
    begun = time.monotonic()
    stop.set()
    async with asyncio.timeout(5):
        await task
    assert time.monotonic() - begun < 2
    assert 1 == len(await state.unpublished_dead_letters(9))
    await log.close()
    await state.close()
