"""How many deliveries a second are accepted, against the same stack that only reads the body."""

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bodies, load, processes
from receiver.routes import PATH


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one server: answers a second, and CPU milliseconds for each answer."""

    per_second: float
    cpu_ms: float
    p99_ms: float


def _requests(count: int = 2_000) -> list[bytes]:
    made = [bodies.movement(number) for number in range(count)]
    return [load.post(PATH, body, bodies.delivery_headers(body)) for body in made]


def _measure(port: int, process: int, requests: list[bytes], seconds: float) -> Round:
    before = processes.cpu_seconds(process)
    result = asyncio.run(load.run(port, requests, seconds=seconds))
    used = processes.cpu_seconds(process) - before
    if set(result.statuses) != {202}:
        raise RuntimeError(f"not every delivery was accepted: {result.statuses}")
    count = len(result.latencies)
    return Round(result.per_second, used / count * 1000, result.percentile(0.99) * 1000)


def run(rounds: int = 5, seconds: float = 3.0) -> list[str]:
    """Rounds of both in turn; lines for the report."""
    requests = _requests()
    ours, bare = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.serving("receiver", Path(folder)) as (our_port, our_process),
        processes.bare(Path(folder)) as (bare_port, bare_process),
    ):
        for port, process in ((our_port, our_process), (bare_port, bare_process)):
            _measure(port, process, requests, 1.0)  # the first second is not counted
        for _ in range(rounds):
            bare.append(_measure(bare_port, bare_process, requests, seconds))
            ours.append(_measure(our_port, our_process, requests, seconds))
        megabytes = processes.peak_megabytes(our_process)
    ratio = statistics.median(o.per_second / b.per_second for o, b in zip(ours, bare, strict=True))
    cpu = statistics.median(o.cpu_ms / b.cpu_ms for o, b in zip(ours, bare, strict=True))
    return [
        f"accepted/s, embedded log ÷ bare Starlette: {ratio:.2f} "
        f"({statistics.median(o.per_second for o in ours):.0f} ÷ "
        f"{statistics.median(b.per_second for b in bare):.0f} per second)",
        f"receiver CPU per accepted delivery ÷ bare Starlette's: {cpu:.2f}",
        f"p99 to 202 at full load: {statistics.median(o.p99_ms for o in ours):.0f} ms",
        f"receiver memory at its highest: {megabytes:.0f} MB",
    ]
