"""`voucherify-sync register`, from settings to what is printed."""

from collections.abc import Sequence

import click
from rich.console import Console

from voucherify_sync import mending, register, webhook_events
from voucherify_sync.management import Management, Webhook
from voucherify_sync.mending import plural, printable
from voucherify_sync.register import Plan
from voucherify_sync.settings import PREFIX, Settings, SettingsError

_HEADINGS = ("webhook", "", "events", "address")


async def run(
    settings: Settings, url: str, events: Sequence[str], *, dry_run: bool, yes: bool
) -> int:
    """Print what is there and what changes, then change it; the exit code.

    A person takes a while to answer, and a change overwrites: so it is looked again after the
    answer, and asked again where it is no longer what was agreed to.
    """
    management = opened(settings)
    agreed: Plan | None = None
    try:
        while True:
            found = await management.webhooks()
            todo = register.plan(found, url, events or webhook_events.ALL)
            if todo == agreed:
                break
            if agreed:
                click.echo("Somebody has changed it meanwhile.")
            if not _show(found, todo, dry_run=dry_run):
                return 0
            if yes:
                break
            if not mending.confirmed("Change it at Voucherify?", yes):
                click.echo("voucherify-sync: nothing was changed", err=True)
                return 1
            agreed = todo
        made, refused = await register.carry_out(management, todo)
    finally:
        await management.close()
    click.echo(f"{made.id} is {'active' if made.active else 'disabled'} and sends {_count(made)}.")
    return _say_what_is_left(made, refused, is_new=todo.before is None)


def opened(settings: Settings) -> Management:
    """The management API of the settings' project. Raises SettingsError for what is missing."""
    key = settings.management_key()
    if key is None:
        raise SettingsError(
            f"{PREFIX}MANAGEMENT_ID and {PREFIX}MANAGEMENT_TOKEN (or …_TOKEN_FILE) are not set: "
            "make a key in Voucherify (Team settings, Management API)"
        )
    if not settings.project:
        raise SettingsError(f"{PREFIX}PROJECT is not set: the id of the project, or --project")
    return Management(
        settings.vendor_url(),
        settings.project,
        key,
        waiting=lambda line: click.echo(line, err=True),
    )


def _show(found: Sequence[Webhook], todo: Plan, *, dry_run: bool) -> bool:
    """Print what is there and what changes; whether anything is to be changed now."""
    mending.print_rows(Console(), _HEADINGS, map(_row, found))
    for line in register.changes(todo):
        click.echo(printable(line))
    if todo.is_done:
        click.echo(f"Nothing to change: {todo.after.id} sends {_count(todo.after)} there.")
    elif dry_run:
        click.echo("Nothing was changed (--dry-run).")
    return not (todo.is_done or dry_run)


def _say_what_is_left(made: Webhook, refused: Sequence[str], *, is_new: bool) -> int:
    if refused:
        click.echo(
            f"warning: Voucherify's API takes no {', '.join(refused)}; tick it in the dashboard",
            err=True,
        )
    if is_new:
        click.echo(
            "Copy the project's webhook secret from Voucherify (Project settings, Webhooks) into "
            f"{PREFIX}WEBHOOK_SECRETS; then `voucherify-sync doctor --url {printable(made.url)}`."
        )
    if not made.active:
        click.echo("voucherify-sync: it is still disabled; look in the dashboard", err=True)
    return 0 if made.active else 1


def _row(webhook: Webhook) -> list[str]:
    state = "active" if webhook.active else "disabled"
    return [webhook.id, state, str(len(webhook.events)), webhook.url]


def _count(webhook: Webhook) -> str:
    return plural(len(webhook.events), "event type")
