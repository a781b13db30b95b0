"""`voucherify-sync demo`: the main job on the embedded defaults, in a folder that is gone after it.

Starts `serve` as anybody would, lets a pretend Voucherify send to it, asks the query API for
everything, compares it with the truth and shows all of that on one screen.
"""

import asyncio
import io
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console

from receiver.routes import PATH
from schemas import registry
from voucherify_sync.settings import PREFIX
from voucherify_sync.simulator import display
from voucherify_sync.simulator.api import Api
from voucherify_sync.simulator.compare import compare
from voucherify_sync.simulator.deliveries import Delivery, Schedule, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.polling import polling_cost
from voucherify_sync.simulator.portrait import Portrait, interesting_card, portrait
from voucherify_sync.simulator.screen import WIDTH, Findings, screen
from voucherify_sync.simulator.sender import Counts, Pace, Sender
from voucherify_sync.simulator.simulation import stopping
from voucherify_sync.simulator.visibility import Visibility, caught_up

DEFAULT = SimulationOptions(seed=14, disorder=0.6, duplicates=0.06, rate=450.0)

_SECRET = secrets.token_hex(16)
_START_SECONDS = 20.0
_END_SECONDS = 20.0
_SHOWN = 20


class DemoError(Exception):
    """The demo can't go on; the message says why."""


@dataclass(frozen=True, slots=True)
class _Sent:
    counts: Counts
    visible: list[float]
    caught_up: float


async def run(options: SimulationOptions = DEFAULT, *, console: Console | None = None) -> int:
    """Run the demo; 0 where the state equals the truth, else 1."""
    console = console or _console()
    begun = perf_counter()
    with tempfile.TemporaryDirectory(prefix="voucherify-sync-demo-") as folder:
        try:
            made = schedule(options)
            async with _serving(Path(folder), console) as url:
                findings = await _demonstrate(made, options, url, console)
        except DemoError as error:
            console.print(f"The demo failed: {error}", style="bold red", markup=False)
            return 1
    console.print(screen(findings))
    differences = findings.comparison.differences
    for difference in differences[:_SHOWN]:
        console.print(f"  {difference}", markup=False, highlight=False)
    if not differences:
        _say_what_next(console, perf_counter() - begun)
    return 1 if differences or not findings.counts.complete else 0


def _console() -> Console:
    """The terminal, no wider than the screen; a name that it can't write does not end the demo."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    terminal = Console()
    return Console(width=min(WIDTH, terminal.width) if terminal.is_terminal else WIDTH)


async def _demonstrate(
    made: Schedule, options: SimulationOptions, url: str, console: Console
) -> Findings:
    if options.projects != 1:
        raise DemoError("it shows one project; several need API keys, which it does not set up")
    async with Api(url) as api:
        sent = await _send(made, options, url, api, console)
        with display.steps(console, "comparing") as step:
            comparison = await compare(made.truth, url, progress=step)
        (project,) = made.truth["projects"].values()
        card = interesting_card(project)
        member: Portrait | None = None
        if card is not None and not comparison.differences:
            member = await portrait(api, card)
    moments = [delivery.webhook.at for delivery in made.deliveries]
    return Findings(
        counts=sent.counts,
        families=Counter(_family(delivery) for delivery in made.deliveries),
        visible=sent.visible,
        caught_up=sent.caught_up,
        cost=polling_cost(made.truth, min(moments), max(moments)),
        comparison=comparison,
        entries=sum(len(project["ledgers"][card]) for card in project["cards"]),
        member=member,
    )


async def _send(
    made: Schedule, options: SimulationOptions, url: str, api: Api, console: Console
) -> _Sent:
    visibility = Visibility(api)
    watching = asyncio.create_task(visibility.watch())
    pace = Pace(options.rate, options.concurrency, options.time_scale)
    with stopping() as stop, display.sending(console) as progress:
        sender = Sender(
            f"{url}{PATH}", _SECRET, pace, progress=progress, accepted=visibility.accepted
        )
        counts = await sender.send(made.deliveries, stop)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    if stop.is_set():
        raise DemoError("interrupted")
    if not counts.complete:
        raise DemoError(f"{counts.total - counts.accepted} webhooks were not accepted")
    behind = await caught_up(api)
    if behind is None:
        raise DemoError("what was accepted was not applied within 15 s")
    return _Sent(counts, visibility.seconds, behind)


def _family(delivery: Delivery) -> str:
    """Of which family it is; what has no envelope is put into quarantine."""
    type_ = delivery.webhook.type
    return "no event" if type_.startswith("(") else registry.family(type_)


@asynccontextmanager
async def _serving(folder: Path, console: Console) -> AsyncIterator[str]:
    """`serve` as a process of its own, ready; its base URL. It has to end well when told to."""
    port = _free_port()
    output = folder / "serve.log"
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voucherify_sync", "serve"),
            cwd=folder,
            env=_environment(folder, port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    console.print(f"serve runs on 127.0.0.1:{port} in {folder}", style="dim", highlight=False)
    try:
        await _ready(process, f"http://127.0.0.1:{port}", output)
        yield f"http://127.0.0.1:{port}"
    except BaseException:
        await _end(process)
        raise
    code = await _end(process)
    if code != 0:
        raise DemoError(f"serve ended with {code} when told to end:\n{_tail(output)}")


def _environment(folder: Path, port: int) -> dict[str, str]:
    """Nothing of the caller's settings, so that the demo is the same everywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {
        f"{PREFIX}WEBHOOK_SECRETS": _SECRET,
        f"{PREFIX}LOG": f"sqlite:///{folder / 'log.db'}",
        f"{PREFIX}STATE": f"sqlite:///{folder / 'state.db'}",
        f"{PREFIX}HOST": "127.0.0.1",
        f"{PREFIX}PORT": str(port),
        f"{PREFIX}LOG_LEVEL": "warning",
        f"{PREFIX}LOG_FORMAT": "console",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _ready(process: asyncio.subprocess.Process, url: str, output: Path) -> None:
    begun = perf_counter()
    async with Api(url) as api:
        while (await api.get("/healthz/ready")).status != 200:
            if process.returncode is not None:
                raise DemoError(f"serve ended with {process.returncode}:\n{_tail(output)}")
            if perf_counter() - begun > _START_SECONDS:
                raise DemoError(f"serve was not ready within {_START_SECONDS:.0f} s")
            await asyncio.sleep(0.05)


async def _end(process: asyncio.subprocess.Process) -> int:
    """Tell the process to end, and wait for it; one that does not is killed."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_END_SECONDS):
            return await process.wait()
    except TimeoutError:
        process.kill()
        return await process.wait()


def _tail(output: Path) -> str:
    return "\n".join(output.read_text(errors="replace").splitlines()[-10:])


def _say_what_next(console: Console, seconds: float) -> None:
    command = "voucherify-sync"
    if shutil.which(command) is None:
        command = os.path.relpath(Path(sys.executable).parent / command)
    console.print(
        f"\nAll of this took {seconds:.1f} s, and nothing is left of it. Next:\n"
        f"  {PREFIX}WEBHOOK_SECRETS=<your webhook's secret> {command} serve\n"
        f"  then point a Voucherify webhook at https://<your host>{PATH}, or try it with\n"
        f"  {command} simulate --url http://127.0.0.1:8080{PATH} --secret <the same secret>",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
