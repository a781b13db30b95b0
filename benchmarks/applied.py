"""How many events a second are applied to the state.

Into SQLite by one consumer in this process; from Kafka into PostgreSQL by real handlers, one and
two of them, from when the first tenth is applied to when nine tenths are.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from benchmarks import bodies, processes, services
from eventlog.embedded import EmbeddedLog
from eventlog.log import Message
from handlers import metrics
from handlers.consumer import Consumer
from receiver.delivery import understand
from state.sqlite import SqliteState
from state.store import StateWriter
from voucherify_sync.clock import now_ms
from voucherify_sync.server import spare_the_interpreter
from voucherify_sync.settings import Settings, load
from voucherify_sync.stores import open_log, open_state

_COMMIT = 64
"""So many deliveries share a commit of the embedded log under load."""


class Applied(NamedTuple):
    """How fast events were applied, and the handlers' CPU time for each, in µs."""

    per_second: float
    cpu: float


def run(events: int = 20_000, rounds: int = 5) -> list[str]:
    """Rounds over a fresh state each; lines for the report."""
    told = messages(events)
    return [*_into_sqlite(told, rounds), *_into_postgresql(told, rounds)]


def messages(events: int) -> list[Message]:
    """So many events as the log has them."""
    return [understand(bodies.movement(number), now_ms()).message for number in range(events)]


def _into_sqlite(messages: list[Message], rounds: int) -> list[str]:
    events = len(messages)
    spare_the_interpreter()  # as every process of the program does
    rates, facts = [], 0.0
    for _ in range(rounds):
        before = _facts()
        rates.append(events / asyncio.run(_round(messages)))
        facts = (_facts() - before) / events
    rate = statistics.median(rates)
    return [
        f"events applied/s into SQLite: {rate:.0f} "
        f"({facts:.1f} facts each, so {rate * facts:.0f} facts/s; 1,000 cards)"
    ]


async def _round(messages: list[Message]) -> float:
    """Seconds from the first event to the last, all of them waiting in the log."""
    with tempfile.TemporaryDirectory() as folder:
        log = EmbeddedLog(Path(folder) / "log.db")
        state = SqliteState(Path(folder) / "state.db")
        await state.migrate()
        for first in range(0, len(messages), _COMMIT):
            await log.append(messages[first : first + _COMMIT])
        consumer = Consumer(log, log, state, now_ms=now_ms)
        stop = asyncio.Event()
        begun = perf_counter()
        task = asyncio.create_task(consumer.run(stop))
        (end,) = (await log.ends()).values()
        while end not in (await state.positions()).values():
            await asyncio.sleep(0.02)
        seconds = perf_counter() - begun
        stop.set()
        await task
        await state.close()
        await log.close()
        return seconds


def _facts() -> float:
    outcomes = ("merged", "stale")
    return float(sum(metrics.FACTS.labels(outcome)._value.get() for outcome in outcomes))


def _into_postgresql(messages: list[Message], rounds: int) -> list[str]:
    rounds_of: dict[int, list[Applied]] = {1: [], 2: []}
    with services.running() as running:
        for _ in range(rounds):
            for copies, found in rounds_of.items():
                found.append(handled(messages, running, copies))
    one, two = (statistics.median(one.per_second for one in found) for found in rounds_of.values())
    cpu = statistics.median(one.cpu for one in rounds_of[1])
    pairs = zip(*rounds_of.values(), strict=True)
    ratio = statistics.median(two.per_second / one.per_second for one, two in pairs)
    return [
        f"events applied/s from Kafka into PostgreSQL by one copy: {one:.0f} "
        f"({cpu:.0f} µs of its CPU for each)",
        f"the same by two copies: {two:.0f}, {ratio:.2f} times as many",
    ]


def handled(messages: list[Message], running: services.Services, copies: int) -> Applied:
    """All of them, waiting in Kafka, applied into an empty database by so many handlers."""
    given = running.settings()
    settings = load(
        {name.removeprefix("VOUCHERIFY_SYNC_").lower(): value for name, value in given.items()}
    )
    asyncio.run(_fill(settings, messages))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        handlers = [
            stack.enter_context(processes.started_only("handlers", Path(folder), given))
            for _ in range(copies)
        ]
        return asyncio.run(_rate(settings, len(messages), handlers))


async def _fill(settings: Settings, messages: list[Message]) -> None:
    """All events into the log, and the tables into the database."""
    log, state = open_log(settings), open_state(settings)
    await state.migrate()
    for first in range(0, len(messages), 1_000):
        await log.writer.append(messages[first : first + 1_000])
    await state.close()
    await log.close()


async def _rate(settings: Settings, events: int, handlers: Sequence[int]) -> Applied:
    state = open_state(settings)
    try:
        first, begun = await _until(state, events // 10)
        used = sum(map(processes.cpu_seconds, handlers))
        last, ended = await _until(state, events * 9 // 10)
        used = sum(map(processes.cpu_seconds, handlers)) - used
        await _until(state, events)
    finally:
        await state.close()
    count = last - first
    return Applied(count / (ended - begun), used / count * 1e6)


async def _until(state: StateWriter, count: int) -> tuple[int, float]:
    """How many events are applied once at least so many are, and when that was."""
    async with asyncio.timeout(120):
        while True:
            applied = sum((await state.positions()).values())
            if applied >= count:
                return applied, perf_counter()
            await asyncio.sleep(0.01)
