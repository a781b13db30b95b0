"""The command `tail`: its flags. What it shows is imported when it runs."""

import asyncio
import sys
from typing import Any

import click

from voucherify_sync.flags import LOG, example, settings_of, settings_options


@click.command(epilog=example("voucherify-sync tail --type 'voucher.loyalty_card.*' --card v_1234"))
@click.option("--type", "types", multiple=True, help="Only of this type, with * for anything.")
@click.option("--card", help="Only about this card: its voucher id or its code.")
@click.option("--customer", help="Only about this customer: id or source id.")
@click.option("--begin", is_flag=True, help="From the oldest that the log has; else from now on.")
@click.option("--limit", type=click.IntRange(min=1), help="End after so many.")
@click.option("--personal", is_flag=True, help="Codes and source ids as they are, not masked.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@settings_options(*LOG)
def tail(
    types: tuple[str, ...],
    card: str | None,
    customer: str | None,
    begin: bool,
    limit: int | None,
    personal: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Show accepted events as they come: when, type, thing, version, and how late it was.

    It reads beside the handlers and changes nothing; Ctrl-C ends it.
    """
    settings = settings_of(flags)
    from voucherify_sync import tail_command
    from voucherify_sync.tailing import Wanted

    done = tail_command.run(
        settings,
        Wanted(types, card, customer),
        from_begin=begin,
        limit=limit,
        personal=personal,
        as_json=as_json,
    )
    sys.exit(asyncio.run(done))
