"""The commands that mend: `dead-letters` and `positions`, their flags and how they may be combined.

What they do and show is imported when one of them runs.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from voucherify_sync.flags import LOG, STATE, example, settings_of, settings_options

F = TypeVar("F", bound=Callable[..., Any])

_dry_run = click.option("--dry-run", is_flag=True, help="Change nothing; say what it would do.")
_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group(name="dead-letters", epilog=example("voucherify-sync dead-letters list"))
def dead_letters() -> None:
    """See, redrive or discard the events that could not be applied."""


@click.group(epilog=example("voucherify-sync positions list"))
def positions() -> None:
    """See how far the log is applied, and get over what it has lost."""


def _choosing(command: F) -> F:
    """Which letters are meant: the ids given, or one of the two flags."""
    command = click.option("--all", "everything", is_flag=True, help="All of them.")(command)
    command = click.option("--reason", help="All whose reason begins so.")(command)
    return click.argument("ids", nargs=-1, metavar="[ID]...")(command)


def _check_choice(ids: Sequence[str], reason: str | None, everything: bool) -> None:
    if sum((bool(ids), bool(reason), everything)) != 1:
        raise click.UsageError("name dead letters by their ids, by --reason, or say --all")


@dead_letters.command(
    name="list", epilog=example("voucherify-sync dead-letters list --reason KeyError")
)
@click.option("--reason", help="Only those whose reason begins so.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@settings_options(*STATE)
def list_letters(reason: str | None, limit: int, as_json: bool, **flags: Any) -> None:
    """List dead letters: id, when, event type, event id, reason."""
    settings = settings_of(flags)
    from voucherify_sync import dead_letters_command as run

    asyncio.run(run.list_(settings, reason, limit, as_json=as_json))


@dead_letters.command(
    epilog=example("voucherify-sync dead-letters show voucherify.v2024-01-01.loyalty/3/41")
)
@click.argument("id_", metavar="ID")
@click.option("--body", is_flag=True, help="The body, too, which holds personal data.")
@settings_options(*STATE)
def show(id_: str, body: bool, **flags: Any) -> None:
    """Show all that is known of one dead letter."""
    settings = settings_of(flags)
    from voucherify_sync import dead_letters_command as run

    asyncio.run(run.show(settings, id_, body=body))


@dead_letters.command(epilog=example("voucherify-sync dead-letters redrive --reason KeyError"))
@_choosing
@_dry_run
@settings_options(*STATE)
def redrive(
    ids: Sequence[str], reason: str | None, everything: bool, dry_run: bool, **flags: Any
) -> None:
    """Apply the events of dead letters; those that fail again stay.

    With --dry-run it only tries which of them are understood now.
    """
    _check_choice(ids, reason, everything)
    settings = settings_of(flags)
    from voucherify_sync import dead_letters_command as run

    sys.exit(asyncio.run(run.redrive(settings, ids, reason, dry_run=dry_run)))


@dead_letters.command(epilog=example("voucherify-sync dead-letters discard --all --yes"))
@_choosing
@_dry_run
@_yes
@settings_options(*STATE)
def discard(
    ids: Sequence[str],
    reason: str | None,
    everything: bool,
    dry_run: bool,
    yes: bool,
    **flags: Any,
) -> None:
    """Forget dead letters for good: what they tell stays unknown to the state."""
    _check_choice(ids, reason, everything)
    _check_yes(yes or dry_run)
    settings = settings_of(flags)
    from voucherify_sync import dead_letters_command as run

    sys.exit(asyncio.run(run.discard(settings, ids, reason, dry_run=dry_run, yes=yes)))


@positions.command(name="list", epilog=example("voucherify-sync positions list"))
@settings_options(*LOG, *STATE)
def list_positions(**flags: Any) -> None:
    """List partitions: position, begin and end of the log, records behind."""
    settings = settings_of(flags)
    from voucherify_sync import positions_command as run

    asyncio.run(run.list_(settings))


@positions.command(name="skip-lost", epilog=example("voucherify-sync positions skip-lost"))
@_dry_run
@_yes
@settings_options(*LOG, *STATE)
def skip_lost(dry_run: bool, yes: bool, **flags: Any) -> None:
    """Move positions whose records the log no longer has to the oldest that it has."""
    _check_yes(yes or dry_run)
    settings = settings_of(flags)
    from voucherify_sync import positions_command as run

    sys.exit(asyncio.run(run.skip_lost(settings, dry_run=dry_run, yes=yes)))


def _check_yes(yes: bool) -> None:
    """Refuse, as wrong use, to ask where nobody can answer."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; --yes does it without a question")
