"""What the commands that mend have in common: a state that is there, questions, tables, progress.

A person at a terminal gets tables, bars and questions; anything else gets plain lines, and has to
say beforehand that it means it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from state.store import StateUnavailableError, StateWriter
from voucherify_sync.settings import Settings
from voucherify_sync.stores import open_state

Step = Callable[[int, int], None]
"""Called with the steps done and their number."""

_LINE_SECONDS: Final = 2.0
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


@asynccontextmanager
async def opened_state(settings: Settings) -> AsyncIterator[StateWriter]:
    """The state, reachable and of this version; else StateUnavailableError, SchemaMismatchError."""
    path = settings.state_path()
    if path is not None and not path.exists():  # else opening it would make it
        raise StateUnavailableError(f"there is no state database at {path}; name it with --state")
    state = open_state(settings)
    try:
        await state.check()
        yield state
    finally:
        await state.close()


def confirmed(question: str, yes: bool) -> bool:
    """Whether it is meant: said beforehand, or answered now."""
    return yes or click.confirm(question, err=True)


def print_rows(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on a terminal, else lines with tabs."""
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join(map(printable, row)))
        return
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)


def printable(text: str) -> str:
    """Text from outside that can neither end a line nor command the terminal."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _REPLACED for one in text)


@contextmanager
def steps(console: Console, what: str) -> Iterator[Step]:
    """Show long work: a bar on a terminal, else a line now and then."""
    if console.is_terminal:
        from voucherify_sync.simulator import display

        with display.steps(console, what) as step:
            yield step
        return
    told = monotonic()

    def now_and_then(done: int, total: int) -> None:
        nonlocal told
        if monotonic() - told >= _LINE_SECONDS:
            told = monotonic()
            click.echo(f"{what}: {done:,} of {total:,}", err=True)

    yield now_and_then


def plural(count: int, what: str) -> str:
    """`1 dead letter`, `1,234 dead letters`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
