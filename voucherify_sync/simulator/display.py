"""How a long piece of work shows that it goes on: a bar, a live view, or plain lines.

A terminal gets a bar, or with `--watch` a live view of the counts; anything else gets a line every
few seconds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from voucherify_sync.simulator.sender import Counts, percentile
from voucherify_sync.simulator.sender import Progress as Tell

Step = Callable[[int, int], None]
"""Called with the steps done and their number."""

_LINE_SECONDS = 2.0
_VIEW_SECONDS = 0.25
_RECENT = 1_000
"""Of how many accepted attempts the live view tells the latencies."""


@contextmanager
def sending(console: Console, *, watch: bool = False) -> Iterator[Tell]:
    """Show a sending that goes on; call what this yields with its counts."""
    if not console.is_terminal:
        yield _every(_LINE_SECONDS, lambda counts: console.print(_line(counts), soft_wrap=True))
    elif watch:
        with Live(_view(Counts()), console=console, auto_refresh=False) as live:
            yield _every(_VIEW_SECONDS, lambda counts: live.update(_view(counts), refresh=True))
    else:
        with steps(console, "sending") as step:
            yield lambda counts: step(counts.accepted + counts.given_up, counts.total)


@contextmanager
def steps(console: Console, what: str) -> Iterator[Step]:
    """Show work of a known number of steps; call what this yields with (done, total)."""
    if not console.is_terminal:
        yield lambda done, total: None if done < total else console.print(f"{what}: {total:,}")
        return
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(bar_width=50),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _every(seconds: float, tell: Tell) -> Tell:
    """Pass on the counts at most so often, and when all is done."""
    told = perf_counter()

    def now_and_then(counts: Counts) -> None:
        nonlocal told
        done = counts.accepted + counts.given_up == counts.total
        if done or perf_counter() - told >= seconds:
            told = perf_counter()
            tell(counts)

    return now_and_then


def _line(counts: Counts) -> str:
    rate = counts.accepted / counts.seconds if counts.seconds else 0.0
    line = f"accepted {counts.accepted:,} of {counts.total:,} · {rate:,.0f}/s"
    if counts.retried:
        line += f" · {counts.retried:,} retries"
    return line


def _view(counts: Counts) -> RenderableType:
    """The live view: what became of the deliveries so far."""
    rate = counts.accepted / counts.seconds if counts.seconds else 0.0
    recent = counts.latencies[-_RECENT:]
    p50, p99 = percentile(recent, 0.5), percentile(recent, 0.99)
    grid = Table.grid(padding=(0, 3))
    grid.add_row("accepted", f"{counts.accepted:,} of {counts.total:,}", "a second", f"{rate:,.0f}")
    grid.add_row("retries", f"{counts.retried:,}", "given up", f"{counts.given_up:,}")
    grid.add_row(
        "out of order", f"{counts.out_of_order:,}", "duplicates in all", f"{counts.duplicates:,}"
    )
    grid.add_row("to 2xx, p50", f"{p50 * 1000:.1f} ms", "p99", f"{p99 * 1000:.1f} ms")
    answers = ", ".join(f"{answer}: {number:,}" for answer, number in counts.answers.items())
    grid.add_row("answers", answers or "none yet")
    return Panel(grid, title="simulated Voucherify", title_align="left", expand=False)
