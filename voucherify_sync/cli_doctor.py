"""The command `doctor`: its flags. What it looks at is imported when it runs."""

import asyncio
import sys
from typing import Any

import click

from voucherify_sync.flags import (
    GAPS,
    HANDLERS,
    LISTEN,
    LOG,
    MANAGEMENT,
    QUERY,
    RECEIVER,
    STATE,
    example,
    settings_of,
    settings_options,
)


@click.command(epilog=example("voucherify-sync doctor --url https://sync.example.com"))
@click.option(
    "--part",
    type=click.Choice(("serve", "receiver", "handlers", "query")),
    default="serve",
    show_default=True,
    help="The command that runs with these settings.",
)
@click.option(
    "--url", help="The receiver's public address: sends a test delivery, looks for the webhook."
)
@click.option("--query-url", help="Where the query API is; else at --host and --port.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@settings_options(*RECEIVER, *LISTEN, *LOG, *STATE, *HANDLERS, *GAPS, *QUERY, *MANAGEMENT)
def doctor(part: str, url: str | None, query_url: str | None, as_json: bool, **flags: Any) -> None:
    """Look whether everything is as it should be, and say what to do where it is not.

    A line each: ok, warning, failure, or skipped where something needed is not given. Exits 1 if
    there is a failure. With --url it sends one signed test delivery, of a customer that nobody is
    and that is deleted again.
    """
    settings = settings_of(flags)
    from voucherify_sync import doctor_command
    from voucherify_sync.register import reachable

    try:
        address = None if url is None else reachable(url)
    except ValueError as error:
        raise click.UsageError(f"--url {error}") from None
    done = doctor_command.run(settings, part, address, query_url, as_json=as_json)
    sys.exit(asyncio.run(done))
