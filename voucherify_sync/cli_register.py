"""The command `register`: its flags. What it does is imported when it runs."""

import asyncio
import sys
from typing import Any

import click

from voucherify_sync.flags import MANAGEMENT, example, settings_of, settings_options


@click.command(
    epilog=example("voucherify-sync register --url https://sync.example.com --dry-run"),
)
@click.option(
    "--url",
    required=True,
    help="Where Voucherify reaches the receiver; without a path, its usual one.",
)
@click.option(
    "--events", metavar="TYPE[,TYPE...]", help="Only these event types; others that it has stay."
)
@click.option("--all", "everything", is_flag=True, help="All event types; so it is without both.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what it would do.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options(*MANAGEMENT)
def register(
    url: str, events: str | None, everything: bool, dry_run: bool, yes: bool, **flags: Any
) -> None:
    """Have Voucherify send a project's webhooks here: create, complete or activate one.

    The management key comes from VOUCHERIFY_SYNC_MANAGEMENT_ID and …_MANAGEMENT_TOKEN or …_FILE.
    """
    settings = settings_of(flags)
    from voucherify_sync import register_command

    address = _target(url)
    chosen = _chosen(events, everything)
    if not (yes or dry_run or sys.stdin.isatty()):
        raise click.UsageError("there is no terminal to ask on; --yes does it without a question")
    done = register_command.run(settings, address, chosen, dry_run=dry_run, yes=yes)
    sys.exit(asyncio.run(done))


def _target(url: str) -> str:
    from voucherify_sync.register import target

    try:
        return target(url)
    except ValueError as error:
        raise click.UsageError(f"--url {error}") from None


def _chosen(events: str | None, everything: bool) -> list[str]:
    from voucherify_sync import webhook_events

    if events is None:
        return []
    names = [name.strip() for name in events.split(",") if name.strip()]
    if everything or not names:
        raise click.UsageError("name event types with --events, or say --all")
    unknown = webhook_events.unknown(names)
    if unknown:
        raise click.UsageError(
            f"--events: a project's webhook does not send {', '.join(unknown)}; it sends "
            f"{', '.join(webhook_events.ALL)}"
        )
    return names
