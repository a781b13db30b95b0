"""Lists that the vendor answers whole: they take no page, and what is asked for has few things."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from query.asked import Asked
from state.reader import Thing
from state.selection import AnyOf, Condition, Selection

_AT_ONCE: Final = 1_000


async def read(asked: Asked, kind: str, *conditions: Condition | AnyOf) -> Sequence[Thing]:
    """All things of a kind that meet the conditions, the newest first."""
    selection = Selection(asked.project, kind, conditions, limit=_AT_ONCE)
    found = list(await asked.reader.find(selection))
    while len(found) == selection.offset + _AT_ONCE:
        selection = replace(selection, offset=len(found))
        found += await asked.reader.find(selection)
    return found
