"""`voucherify-sync gaps`, from settings to what is printed."""

import sys
from typing import Final

import click
from rich.console import Console

from schemas import jsontext, moment
from state.store import Gap
from voucherify_sync import mending
from voucherify_sync.mending import plural
from voucherify_sync.settings import Settings

_SHOWN: Final = ("card", "points", "since", "until", "after", "before", "seen_at")
_HEADINGS: Final = ("card", "points", "since", "until", "after entry", "before entry", "seen at")


async def list_(settings: Settings, limit: int, *, everything: bool, as_json: bool) -> None:
    """Print the gaps known for longest and, unless as JSON, how many there are."""
    wait = 1000 * settings.gap_wait
    async with mending.opened_state(settings) as state:
        found = await state.gaps(known_for=0 if everything else wait, limit=limit)
        known = await state.count_gaps(known_for=0)
        missing = await state.count_gaps(known_for=wait)
    told = [summary(gap) for gap in found]
    if as_json:
        for one in told:
            click.echo(jsontext.encode(one))
        return
    if told:
        rows = [[_text(one[name]) for name in _SHOWN] for one in told]
        mending.print_rows(Console(), _HEADINGS, rows)
    # Beside the lines, not among them: they are for a script.
    click.echo(totals(missing, known - missing), err=not sys.stdout.isatty())


def summary(gap: Gap) -> dict[str, object]:
    """A gap as it is printed. Its card goes by the voucher's id."""
    return {
        "project": gap.project,
        "card": gap.voucher,
        "points": gap.points,
        "since": moment.to_text(gap.since),
        "until": moment.to_text(gap.until),
        "after": gap.after,
        "before": gap.before,
        "seen_at": moment.to_text(gap.seen_at),
    }


def totals(missing: int, late: int) -> str:
    """How many there are, and how many may be none."""
    line = plural(missing, "gap")
    return f"{line}; {late:,} more may just be late" if late else line


def _text(value: object) -> str:
    return "" if value is None else str(value)
