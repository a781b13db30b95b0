"""`voucherify-sync simulate`: make a schedule, send it, say what became of it."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from voucherify_sync.simulator import display, truth
from voucherify_sync.simulator.deliveries import Schedule, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Counts, Pace, Progress, Sender


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was sent and what became of it."""

    schedule: Schedule
    counts: Counts
    interrupted: bool

    @property
    def exit_code(self) -> int:
        """0 where every webhook was accepted."""
        return 0 if self.counts.complete else 1


async def simulate(
    url: str,
    secret: str,
    options: SimulationOptions,
    *,
    truth_file: Path | None = None,
    watch: bool = False,
    stop: asyncio.Event | None = None,
    console: Console | None = None,
) -> SimulationReport:
    """Send a simulation to a URL, in the way Voucherify would.

    The truth is written before anything is sent: it is what the state has to be once everything
    has arrived. Ctrl-C, SIGTERM or `stop` finish what is in flight. Raises OSError where the truth
    can't be written.
    """
    console = console or Console(stderr=True)
    made = schedule(options)
    if truth_file is not None:
        truth.write(truth_file, made.truth)
    console.print(
        f"{len(made.deliveries):,} webhooks about {_count(made, 'cards'):,} cards "
        f"(seed {options.seed}) for {url}",
        highlight=False,
        soft_wrap=True,
    )
    with stopping(stop) as stopped, display.sending(console, watch=watch) as progress:
        counts = await _send(made, url, secret, options, progress, stopped)
    report = SimulationReport(made, counts, interrupted=stopped.is_set() and not counts.complete)
    for line in summary(report):
        console.print(line, highlight=False, soft_wrap=True)
    return report


async def _send(
    made: Schedule,
    url: str,
    secret: str,
    options: SimulationOptions,
    progress: Progress,
    stop: asyncio.Event,
) -> Counts:
    pace = Pace(options.rate, options.concurrency, options.time_scale)
    return await Sender(url, secret, pace, progress=progress).send(made.deliveries, stop)


def summary(report: SimulationReport) -> Iterator[str]:
    """The lines that say what became of a simulation."""
    counts = report.counts
    rate = counts.accepted / counts.seconds if counts.seconds else 0.0
    yield (
        f"accepted {counts.accepted:,} of {counts.total:,} in {counts.seconds:.1f} s "
        f"({rate:,.0f}/s); duplicates {counts.duplicates:,}, out of order "
        f"{counts.out_of_order:,}, retries {counts.retried:,}, given up {counts.given_up:,}"
    )
    p50, p95, p99 = (counts.percentile(share) * 1000 for share in (0.5, 0.95, 0.99))
    yield f"to 2xx: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms"
    if counts.given_up:
        answers = ", ".join(f"{answer} x {number:,}" for answer, number in counts.answers.items())
        yield f"not all were accepted; the answers were: {answers}"
    if report.interrupted:
        yield "interrupted: what was not sent is missing, the truth speaks of all of it"


def _count(made: Schedule, name: str) -> int:
    return sum(len(project[name]) for project in made.truth["projects"].values())


@contextmanager
def stopping(stop: asyncio.Event | None = None) -> Iterator[asyncio.Event]:
    """An event that Ctrl-C and SIGTERM set while this is open."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, previous[number])
