"""The commands that prove: `rebuild` and `diff`. What they do is imported when one of them runs."""

import asyncio
import sys
from typing import Any

import click

from voucherify_sync.flags import HANDLERS, LOG, example, settings_of, settings_options

_PASSWORDS = "A password may stand in PGPASSWORD or in ~/.pgpass instead of in a URL."


@click.command(
    epilog=example("voucherify-sync rebuild --into sqlite:///./data/rebuilt.db"),
    help=f"""Build the state anew from the log, in another database.

    Handlers may run meanwhile and see nothing of it: it has no part in the consumer group, and
    touches neither the live state nor the dead-letter topic. {_PASSWORDS}""",
)
@click.option(
    "--into", required=True, metavar="URL", help="A new database: sqlite:///PATH, postgresql://..."
)
@settings_options(*LOG, *HANDLERS)
def rebuild(into: str, **flags: Any) -> None:
    """What it does stands in its help."""
    settings = settings_of(flags)
    from voucherify_sync import rebuild_command, server

    sys.exit(server.run_alone(rebuild_command.run(settings, into)))


@click.command(
    epilog=example("voucherify-sync diff sqlite:///./data/state.db sqlite:///./data/rebuilt.db"),
    help=f"""List every difference between two state databases; exit 1 if there is any.

    A line each, by project, kind, thing and field. What is applied meanwhile shows as different, so
    let the handlers stand still, or look again. {_PASSWORDS}""",
)
@click.argument("first", metavar="URL")
@click.argument("second", metavar="URL")
@click.option("--values", is_flag=True, help="The values, too, which are personal data.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@settings_options()
def diff(first: str, second: str, values: bool, as_json: bool, **flags: Any) -> None:
    """What it does stands in its help."""
    settings = settings_of(flags)
    from voucherify_sync import diff_command

    sys.exit(asyncio.run(diff_command.run(settings, first, second, values=values, as_json=as_json)))
