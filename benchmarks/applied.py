"""How many events a second one consumer applies to the state."""

import asyncio
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks import bodies
from eventlog.embedded import EmbeddedLog
from eventlog.log import Message
from handlers import metrics
from handlers.consumer import Consumer
from receiver.delivery import understand
from state.sqlite import SqliteState
from voucherify_sync.clock import now_ms
from voucherify_sync.server import spare_the_interpreter

_COMMIT = 64
"""So many deliveries share a commit of the embedded log under load."""


def run(events: int = 20_000, rounds: int = 5) -> list[str]:
    """Rounds over a fresh state each; lines for the report."""
    messages = [understand(bodies.movement(number), now_ms()).message for number in range(events)]
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
