"""`voucherify-sync rebuild`, from settings to what is printed."""

import click
from rich.console import Console

from handlers.applying import Applier
from handlers.brake import Brake
from voucherify_sync import mending, rebuild
from voucherify_sync.clock import now_ms
from voucherify_sync.databases import with_state
from voucherify_sync.mending import plural
from voucherify_sync.rebuild import Span
from voucherify_sync.settings import Settings
from voucherify_sync.simulator.simulation import stopping
from voucherify_sync.stores import open_reader, open_replay, open_state

_SHOWN = 10


async def run(settings: Settings, into: str) -> int:
    """Rebuild into the database at a URL and print how it went; the exit code."""
    target = with_state(settings, into, "--into")
    log, state, content = open_replay(settings), open_state(target), open_reader(target)
    try:
        await log.reader.ends()  # before anything is made: is the log there?
        await rebuild.prepare(state, content)
        applier = Applier(state, Brake(settings.dead_letter_brake), now_ms, lambda: None)
        with stopping() as stop, mending.steps(Console(stderr=True), "replaying") as step:
            done = await rebuild.replay(
                log.reader,
                state,
                applier,
                now_ms=now_ms,
                progress=lambda span: step(span.total - span.left, span.total),
                begun=_say_what_is_missing,
                stop=stop,
            )
        letters = sum((await state.count_dead_letters()).values())
    finally:
        await content.close()
        await state.close()
        await log.close()
    return _say_what_came_of_it(done, letters)


def _say_what_is_missing(span: Span) -> None:
    """A rebuilt state knows nothing of what the log has lost."""
    missing = list(span.missing.items())
    for (name, number), begin in missing[:_SHOWN]:
        click.echo(
            f"warning: {name}/{number} begins at {begin:,}: what its first {begin:,} records told "
            "is missing, unless later ones tell it, too",
            err=True,
        )
    if missing[_SHOWN:]:
        more = plural(len(missing) - _SHOWN, "partition")
        click.echo(f"warning: so do {more} more begin behind 0", err=True)


def _say_what_came_of_it(done: Span, letters: int) -> int:
    if done.left:
        click.echo(
            f"voucherify-sync: interrupted; {plural(done.left, 'record')} left. Drop the database "
            "and begin anew",
            err=True,
        )
        return 1
    click.echo(f"{plural(done.total, 'record')} replayed")
    if letters:
        click.echo(
            f"warning: {plural(letters, 'event')} could not be applied; name the new database with "
            "--state in `voucherify-sync dead-letters list`",
            err=True,
        )
    return 0
