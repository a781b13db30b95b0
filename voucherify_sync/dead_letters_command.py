"""`voucherify-sync dead-letters`, from settings to what is printed.

Bodies hold personal data: one is shown where somebody asks for it, and nowhere else.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click
from rich.console import Console

from schemas import jsontext, moment, topics
from state.store import DeadLetter
from voucherify_sync import dead_letters, mending
from voucherify_sync.clock import now_ms
from voucherify_sync.dead_letters import Choice, Redriven
from voucherify_sync.mending import plural, printable
from voucherify_sync.settings import Settings
from voucherify_sync.simulator.simulation import stopping

_WHAT: Final = "dead letter"
_HEADINGS: Final = ("id", "recorded at", "event type", "event id", "reason")
_TYPE_PREFIX: Final = "io.voucherify."


async def list_(settings: Settings, reason: str | None, limit: int, *, as_json: bool) -> None:
    """Print the first dead letters and, unless as JSON, how many there are for each reason."""
    async with mending.opened_state(settings) as state:
        found = await dead_letters.first(state, Choice(reason=reason), limit)
        counts = await state.count_dead_letters(reason)
    told = [summary(letter) for letter in found]
    if as_json:
        for one in told:
            click.echo(jsontext.encode(one))
        return
    if told:
        shown = ("id", "recorded_at", "event_type", "event_id", "reason")
        rows = [[str(one[name]) for name in shown] for one in told]
        mending.print_rows(Console(), _HEADINGS, rows)
    # Beside the lines, not among them: they are for a script.
    click.echo(totals(counts), err=not sys.stdout.isatty())


async def show(settings: Settings, id_: str, *, body: bool) -> None:
    """Print all that is known of one dead letter, its body only if asked for."""
    choice = Choice((dead_letters.parse_place(id_),))
    async with mending.opened_state(settings) as state:
        await dead_letters.find(state, choice)
        (letter,) = await dead_letters.first(state, choice, 1)
    for line in details(letter):
        click.echo(printable(line))
    if body:
        click.echo()
        click.echo(letter.value)


async def redrive(
    settings: Settings, ids: Sequence[str], reason: str | None, *, dry_run: bool
) -> int:
    """Redrive letters and print what became of them; the exit code."""
    choice = _choice(ids, reason)
    console = Console(stderr=True)
    async with mending.opened_state(settings) as state:
        with stopping() as stop, mending.steps(console, "redriving") as step:
            redriven = await dead_letters.redrive(
                state,
                await dead_letters.find(state, choice),
                now_ms=now_ms,
                progress=lambda so_far: step(so_far.done, so_far.total),
                stop=stop,
                dry_run=dry_run,
            )
    click.echo(outcome(redriven, dry_run=dry_run))
    for line in troubles(redriven):
        click.echo(f"voucherify-sync: {line}", err=True)
    return 1 if redriven.failed or redriven.left else 0


async def discard(
    settings: Settings, ids: Sequence[str], reason: str | None, *, dry_run: bool, yes: bool
) -> int:
    """Discard letters, once that is confirmed, and print how many; the exit code."""
    choice = _choice(ids, reason)
    async with mending.opened_state(settings) as state:
        places = await dead_letters.find(state, choice)
        found = plural(len(places), _WHAT)
        if dry_run or not places:
            click.echo(f"{found} would be discarded" if dry_run else f"{found} discarded")
            return 0
        if not mending.confirmed(f"Discard {found}? What they tell stays unknown.", yes):
            click.echo("voucherify-sync: nothing was discarded", err=True)
            return 1
        discarded = await dead_letters.discard(state, places)
    click.echo(f"{plural(discarded, _WHAT)} discarded")
    return 0


def summary(letter: DeadLetter) -> dict[str, object]:
    """What tells a letter from others; nothing of its body."""
    headers = {name: topics.text(value) for name, value in letter.headers}
    return {
        "id": str(letter.place),
        "recorded_at": moment.to_text(letter.recorded_at),
        "event_type": headers.get("ce_type", "").removeprefix(_TYPE_PREFIX),
        "event_id": headers.get("ce_id", ""),
        "project": letter.project,
        "topic": letter.topic,
        "reason": letter.reason,
    }


def details(letter: DeadLetter) -> Iterator[str]:
    """Lines with all that is known of a letter but its body."""
    told: list[tuple[str, object]] = [
        *((name.replace("_", " "), value) for name, value in summary(letter).items()),
        ("about", ", ".join(letter.about)),
        ("key", topics.text(letter.key)),
        *((f"header {name}", topics.text(value)) for name, value in letter.headers),
        ("body", f"{plural(len(letter.value), 'byte')}; --body shows it, with personal data"),
    ]
    width = max(len(name) for name, _ in told)
    for name, value in told:
        yield f"{name:<{width}}  {'' if value is None else value}".rstrip()


def totals(counts: Mapping[str, int]) -> str:
    """How many there are in all and for each reason, the commonest first."""
    reasons = Counter(counts)
    listed = ", ".join(f"{count:,} x {reason}" for reason, count in reasons.most_common())
    return printable(plural(reasons.total(), _WHAT) + (f": {listed}" if listed else ""))


def outcome(redriven: Redriven, *, dry_run: bool) -> str:
    """What became of the letters."""
    what = "understood now; nothing was changed" if dry_run else "applied"
    line = f"{redriven.applied:,} of {plural(redriven.total, _WHAT)} {what}"
    if redriven.vanished:
        line += f" ({redriven.vanished:,} were redriven or discarded by somebody else)"
    return line


def troubles(redriven: Redriven) -> Iterator[str]:
    """What did not go through, in a line each."""
    if redriven.failed:
        ((reason, _),) = redriven.failed.most_common(1)
        yield f"{redriven.failed.total():,} failed again, most often: {printable(reason)}"
    if redriven.left:
        yield f"interrupted; {redriven.left:,} are left"


def _choice(ids: Sequence[str], reason: str | None) -> Choice:
    return Choice(tuple(map(dead_letters.parse_place, ids)) or None, reason)
