"""How many events a second are applied to the state.

Into SQLite by one consumer in this process; from Kafka into PostgreSQL by real handlers, one and
two of them and the nearest peer in turn, from when the first tenth is applied to when nine tenths
are.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from benchmarks import bodies, peer, processes, services
from benchmarks.peer import Applied, Peer
from eventlog.embedded import EmbeddedLog
from eventlog.log import Message
from handlers import table
from handlers.consumer import Consumer
from receiver.delivery import understand
from schemas import envelope
from schemas.envelope import Envelope
from state.sqlite import SqliteState
from state.store import StateWriter
from voucherify_sync.clock import now_ms
from voucherify_sync.server import spare_the_interpreter
from voucherify_sync.settings import Settings, load
from voucherify_sync.stores import open_log, open_state

_COMMIT = 64
"""So many deliveries share a commit of the embedded log under load."""


def run(events: int = 14_000, rounds: int = 5) -> list[str]:
    """Rounds over a fresh state each; lines for the report."""
    told = [understand(bodies.movement(number), now_ms()).message for number in range(events)]
    facts = _facts_of_one(told)
    return [*_into_sqlite(told, rounds, facts), *_into_postgresql(told, rounds, facts)]


def _facts_of_one(messages: list[Message]) -> float:
    """On average over some."""
    some = [envelope.read(message.value) for message in messages[:100]]
    return sum(len(list(table.facts(one))) for one in some if isinstance(one, Envelope)) / len(some)


def _into_sqlite(messages: list[Message], rounds: int, facts: float) -> list[str]:
    spare_the_interpreter()  # as every process of the program does
    rate = statistics.median(len(messages) / asyncio.run(_round(messages)) for _ in range(rounds))
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


def _into_postgresql(messages: list[Message], rounds: int, facts: float) -> list[str]:
    missing = peer.missing()
    ones, twos, peers = [], [], []
    with tempfile.TemporaryDirectory() as folder, services.running() as running:
        beside = None if missing else Peer(Path(folder) / "peer")
        for _ in range(rounds):
            ones.append(_handled(messages, running, 1))
            twos.append(_handled(messages, running, 2))
            if beside:
                peers.append(beside.applied(running, len(messages)))
    one, two = _median(ones), _median(twos)
    return [
        f"events applied/s from Kafka into PostgreSQL by one copy: {one.per_second:.0f} "
        f"({one.cpu:.0f} µs of its CPU for each)",
        f"the same by two copies: {two.per_second:.0f}, {_ratio(twos, ones):.2f} times as many",
        *(_beside(ones, peers, facts) if peers else [f"no peer: there is no {missing}"]),
    ]


def _beside(ones: list[Applied], peers: list[Applied], facts: float) -> list[str]:
    one, other, ratio = _median(ones), _median(peers), _ratio(ones, peers)
    return [
        f"events applied/s by one copy ÷ the peer: {ratio:.2f} "
        f"({one.per_second:.0f} ÷ {other.per_second:.0f}; {one.cpu:.0f} and {other.cpu:.0f} µs of "
        "CPU for each, the database's apart)",
        f"facts merged/s ÷ the peer's objects/s: {ratio * facts:.1f} ({facts:.1f} facts an event)",
    ]


def _median(rounds: list[Applied]) -> Applied:
    return Applied(*(statistics.median(figures) for figures in zip(*rounds, strict=True)))


def _ratio(of: list[Applied], to: list[Applied]) -> float:
    pairs = zip(of, to, strict=True)
    return statistics.median(one.per_second / other.per_second for one, other in pairs)


def _handled(messages: list[Message], running: services.Services, copies: int) -> Applied:
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
