"""How many deliveries a second are accepted, against the same stack that only reads the body."""

import asyncio
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bodies, load, processes, services
from receiver.routes import PATH

_BARE = "bare Starlette"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one server: answers a second, and CPU milliseconds for each answer."""

    per_second: float
    cpu_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A server that is measured, and its rounds."""

    port: int
    process: int
    rounds: list[Round]


def run(rounds: int = 5, seconds: float = 3.0) -> list[str]:
    """Rounds of all of them in turn; lines for the report."""
    with ExitStack() as stack:
        servers = _servers(stack)
        requests = _requests()
        for server in servers.values():
            _measure(server, requests, 1.0)  # the first second is not counted
        for _ in range(rounds):
            for server in servers.values():
                server.rounds.append(_measure(server, requests, seconds))
        bare = servers.pop(_BARE)
        return [line for name, server in servers.items() for line in _lines(name, server, bare)]


def _servers(stack: ExitStack) -> dict[str, Measured]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    kafka = stack.enter_context(services.running()).settings()
    started = {
        _BARE: stack.enter_context(processes.bare(folder)),
        "embedded log": stack.enter_context(processes.serving("receiver", folder)),
        "Kafka": stack.enter_context(processes.serving("receiver", folder, kafka)),
    }
    return {name: Measured(port, process, []) for name, (port, process) in started.items()}


def _requests(count: int = 2_000) -> list[bytes]:
    made = [bodies.movement(number) for number in range(count)]
    return [load.post(PATH, body, bodies.delivery_headers(body)) for body in made]


def _measure(server: Measured, requests: list[bytes], seconds: float) -> Round:
    before = processes.cpu_seconds(server.process)
    result = asyncio.run(load.run(server.port, requests, seconds=seconds))
    used = processes.cpu_seconds(server.process) - before
    if set(result.statuses) != {202}:
        raise RuntimeError(f"not every delivery was accepted: {result.statuses}")
    count = len(result.latencies)
    return Round(result.per_second, used / count * 1000, result.percentile(0.99) * 1000)


def _lines(name: str, server: Measured, bare: Measured) -> list[str]:
    both = list(zip(server.rounds, bare.rounds, strict=True))
    ratio = statistics.median(ours.per_second / theirs.per_second for ours, theirs in both)
    cpu = statistics.median(ours.cpu_ms / theirs.cpu_ms for ours, theirs in both)
    ours, theirs = (statistics.median(one.per_second for one in of.rounds) for of in (server, bare))
    p99 = statistics.median(one.p99_ms for one in server.rounds)
    megabytes = processes.peak_megabytes(server.process)
    return [
        f"accepted/s, {name} ÷ {_BARE}: {ratio:.2f} ({ours:.0f} ÷ {theirs:.0f} per second)",
        f"receiver CPU per accepted delivery, {name} ÷ {_BARE}: {cpu:.2f}",
        f"p99 to 202 at full load, {name}: {p99:.0f} ms; memory at most {megabytes:.0f} MB",
    ]
