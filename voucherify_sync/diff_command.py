"""`voucherify-sync diff`, from two URLs to what is printed.

Values are personal data: they are shown where somebody asks for them, and nowhere else. A thing's
project, kind and id and the names of its fields tell nothing of a person.
"""

from contextlib import AsyncExitStack
from dataclasses import asdict

import click

from schemas import jsontext
from voucherify_sync.databases import opened_reader
from voucherify_sync.diff import Difference, differences
from voucherify_sync.mending import plural, printable
from voucherify_sync.settings import Settings


async def run(settings: Settings, first: str, second: str, *, values: bool, as_json: bool) -> int:
    """Print all differences, as they are found; the exit code is 1 where there are any."""
    compared = found = 0
    things: tuple[str, str, str] | None = None
    count = 0

    def note(so_far: int) -> None:
        nonlocal compared
        compared = so_far

    async with AsyncExitStack() as stack:
        readers = []
        for url, name in ((first, "the first URL"), (second, "the second URL")):
            readers.append(await opened_reader(settings, url, name))
            stack.push_async_callback(readers[-1].close)
        async for difference in differences(readers[0], readers[1], note):
            found += 1
            thing = (difference.project, difference.kind, difference.id)
            count += thing != things
            things = thing
            click.echo(_json(difference, values) if as_json else _line(difference, values))
    summary = f"{plural(compared, 'thing')} compared, "
    summary += (
        f"{plural(found, 'difference')} in {plural(count, 'thing')}" if found else "all equal"
    )
    click.echo(summary, err=True)  # beside the lines, not among them: they are for a script
    return 1 if found else 0


def _line(difference: Difference, values: bool) -> str:
    told = [difference.project, difference.kind, difference.id, difference.field, difference.what]
    if values:
        told += [_spelt(difference.first), _spelt(difference.second)]
    return "\t".join(map(printable, told))


def _json(difference: Difference, values: bool) -> bytes:
    told = asdict(difference)
    if not values:
        del told["first"], told["second"]
    return jsontext.encode(told)


def _spelt(value: object) -> str:
    return jsontext.encode(value).decode()
