"""`voucherify-sync positions`, from settings to what is printed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import click
from rich.console import Console

from state.store import StateWriter
from voucherify_sync import mending, positions
from voucherify_sync.mending import plural
from voucherify_sync.positions import Standpoint
from voucherify_sync.settings import Settings
from voucherify_sync.stores import open_replay

_HEADINGS: Final = ("partition", "position", "begin", "end", "behind", "")
_UNKNOWN: Final = "-"


async def list_(settings: Settings) -> None:
    """Print where the state stands in each partition."""
    async with _standpoints(settings) as (_, found):
        rows = [_row(one) for one in found]
    mending.print_rows(Console(), _HEADINGS, rows)


async def skip_lost(settings: Settings, *, dry_run: bool, yes: bool) -> int:
    """Move lost positions, once that is confirmed, and print which; the exit code."""
    async with _standpoints(settings) as (state, found):
        lost = [one for one in found if one.target is not None]
        for one in lost:
            click.echo(what_to_skip(one))
        if dry_run or not lost:
            click.echo(f"{plural(len(lost), 'position')} lost{'; nothing was moved' * dry_run}")
            return 0
        if not mending.confirmed(f"Move {plural(len(lost), 'position')}?", yes):
            click.echo("voucherify-sync: nothing was moved", err=True)
            return 1
        for one in lost:
            await positions.skip(state, one)
    click.echo(f"{plural(len(lost), 'position')} moved")
    return 0


def what_to_skip(lost: Standpoint) -> str:
    """What moving a lost position means."""
    line = f"{_name(lost)}: from {lost.position or 0} to the log's begin {lost.target}"
    if lost.another:
        return f"{line}; it is another log than the one that was applied, and is read again"
    if lost.skipped:
        return f"{line}; {plural(lost.skipped, 'record')} are lost to this state for ever"
    return f"{line}; the log ends at {lost.end}, what it has is read again"


@asynccontextmanager
async def _standpoints(
    settings: Settings,
) -> AsyncIterator[tuple[StateWriter, Sequence[Standpoint]]]:
    log = open_replay(settings)
    try:
        async with mending.opened_state(settings) as state:
            yield state, await positions.standpoints(log.reader, state)
    finally:
        await log.close()


def _row(one: Standpoint) -> list[str]:
    numbers = (one.position, one.begin, one.end, one.behind)
    told = [_UNKNOWN if number is None else str(number) for number in numbers]
    return [_name(one), *told, "" if one.target is None else "lost"]


def _name(one: Standpoint) -> str:
    return f"{one.partition.name}/{one.partition.number}"
