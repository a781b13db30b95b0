"""`simulate` as the command line calls it: truth first, then sending, then what became of it."""

import asyncio
import io
import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.voucherify_sync.simulator.serving import serving
from voucherify_sync.simulator import display, sender, truth
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Counts
from voucherify_sync.simulator.simulation import SimulationReport, simulate, stopping

OPTIONS = SimulationOptions(cards=10, events=200, duplicates=0.1, time_scale=0.00001 / 60)


def writing(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    """A console and what is written on it."""
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=100, color_system=None), text


def answering(status: int, seen: Counter[str] | None = None) -> Route:
    """A path that always answers so."""

    async def answer(request: Request) -> Response:
        await request.body()
        if seen is not None:
            seen[request.method] += 1
        return Response(status_code=status)

    return Route("/hook", answer, methods=["POST"])


async def simulated(
    route: Route,
    console: Console,
    truth_file: Path | None = None,
    *,
    watch: bool = False,
    events: int = 200,
) -> SimulationReport:
    """A small simulation at a server with this route."""
    async with serving(route) as url:
        return await simulate(
            f"{url}/hook",
            "key",
            replace(OPTIONS, events=events),
            truth_file=truth_file,
            watch=watch,
            console=console,
        )


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("watch", [False, True])
async def test_a_simulation_says_what_became_of_it(
    terminal: bool, watch: bool, tmp_path: Path
) -> None:
    """On a terminal and elsewhere, watched or not; the truth is in its file."""
    console, text = writing(terminal=terminal)
    seen: Counter[str] = Counter()
    report = await simulated(answering(202, seen), console, tmp_path / "truth.json", watch=watch)
    assert 0 == report.exit_code
    assert 220 == seen["POST"]
    assert report.schedule.truth == truth.read(tmp_path / "truth.json")
    assert "accepted 220 of 220" in text.getvalue()
    assert "duplicates 20" in text.getvalue()
    assert ("simulated Voucherify" in text.getvalue()) == (terminal and watch)


async def test_what_nobody_takes_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the answers that there were."""
    monkeypatch.setattr(sender, "RETRY_MINUTES", (1, 2, 3))
    console, text = writing()
    report = await simulated(answering(500), console, events=100)
    assert 1 == report.exit_code
    assert "given up 110" in text.getvalue()
    assert f"500 x {110 * 4:,}" in text.getvalue()


async def test_an_interrupted_simulation_says_so() -> None:
    """What was not sent is missing; the exit code says that too."""
    console, text = writing()
    stop = asyncio.Event()
    stop.set()
    report = await simulate("http://127.0.0.1:9/x", "key", OPTIONS, stop=stop, console=console)
    assert report.interrupted
    assert 1 == report.exit_code
    assert "interrupted" in text.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_and_sigterm_stop_and_are_given_back(number: signal.Signals) -> None:
    """Signals mean what they meant before, once this is over."""
    before = signal.getsignal(number)
    with stopping() as stop:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await stop.wait()
    assert before == signal.getsignal(number)


def test_elsewhere_than_on_a_terminal_there_are_plain_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One now and then, and one for the end of counted steps."""
    monkeypatch.setattr(display, "_LINE_SECONDS", 0.0)
    console, text = writing()
    with display.sending(console) as tell:
        tell(Counts(total=1_000, accepted=500, retried=3))
    with display.steps(console, "comparing") as step:
        step(1, 1_200)
        step(1_200, 1_200)
    assert "accepted 500 of 1,000" in text.getvalue()
    assert "3 retries" in text.getvalue()
    assert 1 == text.getvalue().count("comparing: 1,200")
