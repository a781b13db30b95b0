"""The command `gaps`: its flags. What it shows is imported when it runs."""

import asyncio
from typing import Any

import click

from voucherify_sync.flags import GAPS, STATE, example, settings_of, settings_options


@click.group(epilog=example("voucherify-sync gaps list"))
def gaps() -> None:
    """See in which cards' ledgers entries are missing."""


@gaps.command(name="list", epilog=example("voucherify-sync gaps list --json"))
@click.option("--all", "everything", is_flag=True, help="Also those that may just be late.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@settings_options(*STATE, *GAPS)
def list_gaps(everything: bool, limit: int, as_json: bool, **flags: Any) -> None:
    """List gaps, the oldest first: card, missing points, since, until, between which entries."""
    settings = settings_of(flags)
    from voucherify_sync import gaps_command as run

    asyncio.run(run.list_(settings, limit, everything=everything, as_json=as_json))
