"""`voucherify-sync copy`, from settings to what is printed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click
from rich.console import Console

from schemas import topics
from voucherify_sync import copying, mending
from voucherify_sync.copying import Copied, New, Old
from voucherify_sync.databases import with_state
from voucherify_sync.diff import Difference
from voucherify_sync.mending import plural, printable
from voucherify_sync.settings import PREFIX, Settings, SettingsError
from voucherify_sync.simulator.simulation import stopping
from voucherify_sync.stores import open_log, open_reader, open_state, open_whole

_SHOWN = 10


async def run(
    settings: Settings, into_log: str, into_state: str, *, prefix: str | None = None
) -> int:
    """Copy to another log and state, and print how it went; the exit code."""
    target = _target(settings, into_log, into_state, prefix)
    console = Console(stderr=True)
    async with _opened(settings, target) as (old, new):
        copied = await copying.begin(old, new)
        with stopping() as stop:
            with mending.steps(console, "copying the log") as step:
                await copying.carry_log(
                    old,
                    new,
                    copied,
                    progress=lambda one: step(one.carried, one.records),
                    stop=stop,
                )
            if not stop.is_set():
                click.echo("copying the state", err=True)
                await copying.carry_state(old, new, copied, progress=lambda _: None, stop=stop)
            if stop.is_set():
                click.echo(
                    "voucherify-sync: interrupted; the same command goes on where it was", err=True
                )
                return 1
        click.echo("comparing", err=True)
        return _say_what_came_of_it(copied, await copying.finish(old, new, copied))


def _target(settings: Settings, into_log: str, into_state: str, prefix: str | None) -> Settings:
    target = with_state(settings, into_state, "--into-state")
    topics_by = settings.topic_prefix if prefix is None else prefix
    target = target.model_copy(update={"log": into_log, "topic_prefix": topics_by})
    if target.log_path() is None:
        try:
            target.kafka_servers()
        except SettingsError as error:
            raise SettingsError(str(error).replace(f"{PREFIX}LOG", "--into-log")) from None
    _refuse_the_old_one(settings, target)
    for what, there in (("log", settings.log_path()), ("state", settings.state_path())):
        _require(what, there)
    return target


def _refuse_the_old_one(settings: Settings, target: Settings) -> None:
    old, new = (
        {
            "log": one.log_path() or (one.kafka_servers(), one.topic_prefix),
            "state": one.state_path() or one.state_url(),
        }
        for one in (settings, target)
    )
    for what, where in old.items():
        same = where.resolve() if isinstance(where, Path) else where
        other = new[what]
        if same == (other.resolve() if isinstance(other, Path) else other):
            raise SettingsError(f"--into-{what}: is the old one")


def _require(what: str, path: Path | None) -> None:
    """Opening what is not there would make it."""
    if path is not None and not path.exists():
        raise copying.CopyError(f"there is no {what} at {path}; name it with --{what}")


@asynccontextmanager
async def _opened(settings: Settings, target: Settings) -> AsyncIterator[tuple[Old, New]]:
    async with AsyncExitStack() as stack:
        old_log, new_log = open_whole(settings), open_log(target, topics.ALL_TOPICS)
        states = open_state(settings), open_state(target)
        contents = open_reader(settings), open_reader(target)
        for one in (old_log, new_log, *states, *contents):
            stack.push_async_callback(one.close)
        await states[0].check()
        yield (
            Old(old_log.reader, states[0], contents[0], _kept(settings)),
            New(new_log.writer, new_log.reader, states[1], contents[1]),
        )


def _kept(settings: Settings) -> frozenset[str]:
    """The partitions that nobody applies; in the embedded log there are none but the one."""
    if settings.log_path():
        return frozenset()
    unread = set(topics.ALL_TOPICS) - set(topics.EVENT_TOPICS)
    return frozenset(settings.topic_prefix + one for one in unread)


def _say_what_came_of_it(copied: Copied, found: Sequence[Difference]) -> int:
    click.echo(
        f"{plural(copied.records, 'record')}, {plural(copied.things, 'thing')} and "
        f"{plural(copied.letters, 'dead letter')} copied; "
        f"{plural(copied.left, 'record')} of them to be applied by the new handlers"
    )
    for difference in found[:_SHOWN]:
        told = (difference.kind, difference.id, difference.field, difference.what)
        click.echo("\t".join(map(printable, told)), err=True)
    if found:
        click.echo(
            f"voucherify-sync: the new state differs at {plural(len(found), 'place')}; keep the "
            "old installation, and report this",
            err=True,
        )
        return 1
    click.echo("The new state equals the old one. Start the new installation with it.")
    return 0
