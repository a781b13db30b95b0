"""How many deliveries a second are accepted, against the same stack that only reads the body."""

import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks import bodies, load, processes, services
from benchmarks.wrk import Sent, Wrk
from receiver.routes import PATH

_BARE = "bare Starlette"
_KAFKA = "Kafka"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one server: answers a second, and CPU microseconds for each answer."""

    per_second: float
    cpu_us: float
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
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = _servers(stack, folder)
        generator = Generator(folder, requests())
        for server in servers.values():
            measure(server, generator, 1.0)  # the first second is not counted
        for _ in range(rounds):
            for server in servers.values():
                server.rounds.append(measure(server, generator, seconds))
        at_half = _at_half(servers[_KAFKA], generator, seconds)
        bare = servers.pop(_BARE)
        lines = [line for name, server in servers.items() for line in _lines(name, server, bare)]
        return [f"deliveries are sent by {generator.name}", *lines, at_half]


class Generator:
    """wrk, or what stands in for it where it is not installed."""

    def __init__(self, folder: Path, requests: list[bytes]) -> None:
        self.requests = requests
        self._wrk = Wrk(folder, requests) if Wrk.is_there() else None
        self.name = "wrk" if self._wrk else "a generator in Python (install wrk to measure better)"

    def send(self, port: int, seconds: float) -> Sent:
        """As fast as answers come. Raises RuntimeError where one is no 202."""
        if self._wrk:
            return self._wrk.run(port, seconds)
        result = uvloop.run(load.run(port, self.requests, seconds=seconds))
        if set(result.statuses) != {202}:
            raise RuntimeError(f"not every delivery was accepted: {result.statuses}")
        p99_ms = result.percentile(0.99) * 1_000
        return Sent(len(result.latencies), result.seconds, p99_ms)


def requests(count: int = 500) -> list[bytes]:
    """Signed deliveries, ready to be sent."""
    made = [bodies.movement(number) for number in range(count)]
    return [load.post(PATH, body, bodies.delivery_headers(body)) for body in made]


def _servers(stack: ExitStack, folder: Path) -> dict[str, Measured]:
    kafka = stack.enter_context(services.running()).settings()
    started = {
        _BARE: stack.enter_context(processes.bare(folder)),
        "embedded log": stack.enter_context(processes.serving("receiver", folder)),
        _KAFKA: stack.enter_context(processes.serving("receiver", folder, kafka)),
    }
    return {name: Measured(port, process, []) for name, (port, process) in started.items()}


def measure(server: Measured, generator: Generator, seconds: float) -> Round:
    """One round of one server."""
    before = processes.cpu_seconds(server.process)
    sent = generator.send(server.port, seconds)
    used = processes.cpu_seconds(server.process) - before
    return Round(sent.answers / sent.seconds, used / sent.answers * 1e6, sent.p99_ms)


def _at_half(server: Measured, generator: Generator, seconds: float) -> str:
    """Latency at half of the highest rate that was seen, whatever the generator costs."""
    rate = max(one.per_second for one in server.rounds) / 2
    result = uvloop.run(
        load.run_at(server.port, generator.requests, rate, seconds=2 * seconds, connections=64)
    )
    p50, p99 = (result.percentile(share) * 1_000 for share in (0.5, 0.99))
    return f"to 202 at {rate:.0f}/s, half of the highest, Kafka: p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def _lines(name: str, server: Measured, bare: Measured) -> list[str]:
    both = list(zip(server.rounds, bare.rounds, strict=True))
    ratio = statistics.median(ours.per_second / theirs.per_second for ours, theirs in both)
    cpu = statistics.median(ours.cpu_us / theirs.cpu_us for ours, theirs in both)
    rates = [statistics.median(one.per_second for one in of.rounds) for of in (server, bare)]
    costs = [statistics.median(one.cpu_us for one in of.rounds) for of in (server, bare)]
    p99 = statistics.median(one.p99_ms for one in server.rounds)
    megabytes = processes.peak_megabytes(server.process)
    return [
        f"accepted/s, {name} ÷ {_BARE}: {ratio:.2f} ({rates[0]:.0f} ÷ {rates[1]:.0f} per second)",
        f"receiver CPU per accepted delivery, {name} ÷ {_BARE}: {cpu:.2f} "
        f"({costs[0]:.0f} ÷ {costs[1]:.0f} µs)",
        f"p99 to 202 at full load, {name}: {p99:.0f} ms; memory at most {megabytes:.0f} MB",
    ]
