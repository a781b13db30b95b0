"""`voucherify-sync tail`, from settings to what is printed."""

from dataclasses import asdict
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from schemas import jsontext, moment
from voucherify_sync import tailing
from voucherify_sync.mending import printable
from voucherify_sync.settings import Settings
from voucherify_sync.simulator.simulation import stopping
from voucherify_sync.stores import open_replay
from voucherify_sync.tailing import Seen, Wanted

_COLOURS: Final = {
    "loyalty": "green",
    "publication": "cyan",
    "voucher": "blue",
    "redemption": "magenta",
    "customer": "yellow",
    "order": "bright_blue",
    "campaign": "bright_cyan",
}
_LATE_MS: Final = 60_000
_NEVER: Final = "-"


async def run(
    settings: Settings,
    wanted: Wanted,
    *,
    from_begin: bool,
    limit: int | None,
    personal: bool,
    as_json: bool,
) -> int:
    """Print events as they come, until told to end or `limit` are printed; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    log = open_replay(settings)
    left = limit
    try:
        with stopping() as stop:
            records = tailing.follow(log.reader, from_begin=from_begin, stop=stop, away=_warn)
            async for record in records:
                found = tailing.seen(record, wanted, personal=personal)
                if found is None:
                    continue
                if as_json:
                    click.echo(jsontext.encode(asdict(found)).decode())
                else:
                    console.print(line(found))
                left = None if left is None else left - 1
                if left == 0:
                    stop.set()
                if stop.is_set():
                    break
    finally:
        await log.close()
    return 0


def line(found: Seen) -> Text:
    """When, type, what it is about, version, and how late it came."""
    told = _NEVER if found.received_at is None else moment.to_text(found.received_at)
    text = Text(f"{told}  ", style="dim")
    text.append(f"{printable(found.event_type):<46}", style=_COLOURS.get(found.family, "default"))
    about = [*found.cards, *found.customers] or [found.entity or _NEVER]
    text.append(f" {printable(' '.join(about))}", style="not dim default")
    text.append(f"  {found.version}", style="dim")
    late = "red" if found.late is not None and found.late > _LATE_MS else "dim"
    text.append(f"  {_late(found.late)}", style=late)
    return text


def _late(milliseconds: int | None) -> str:
    """How long it took from the event to our log; clocks that disagree may make it negative."""
    return _NEVER if milliseconds is None else f"{milliseconds / 1000:+.1f}s"


def _warn(problem: str) -> None:
    click.echo(f"warning: {problem}", err=True)
