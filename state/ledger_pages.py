"""Pages of a card's ledger, read in windows: only as much of it as a page needs.

How the entries of one millisecond are linked may depend on the balance before them. So a window
begins at the ledger's beginning, before which stands what the card was created with, or at an entry
that is alone in its millisecond. All ids here are as the database's columns hold them.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from schemas import jsontext
from state import chain, kinds
from state.chain import Entry, has_one_beginning
from state.ledger import LedgerPage, entry, opening, ordered
from state.merge import Row, view
from state.reader import Thing

_FAR = 1 << 62
_SPARE = 32
"""So many entries more than asked for are read at once: seldom do more share a millisecond."""

Window = list[tuple[Entry, Thing]]


class Rows(Protocol):
    """What is needed of a database here; see Database in `state/reading.py`."""

    @property
    def sql(self) -> Mapping[str, str]: ...

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]: ...

    def document(self, stored: Any) -> bytes: ...


class Card(NamedTuple):
    """Whose ledger it is."""

    project: str
    id: str


async def page(
    rows: Rows, card: Card, *, newest_first: bool, limit: int, after: str | None
) -> LedgerPage | None:
    """The page behind an entry; None where the card has no such entry."""
    start: int | None = _FAR if newest_first else -_FAR
    if after is not None:
        start = await _start(rows, card, after, newest_first=newest_first)
    if start is None:
        return None
    width = limit + _SPARE
    while True:
        window, is_last = await _window(rows, card, newest_first, start, width)
        balance = await _opening(rows, card, window)
        found = _behind(ordered(window, newest_first=newest_first, start=balance), after)
        if len(found) > limit or is_last:
            return LedgerPage([thing for _, thing in found[:limit]], len(found) > limit)
        width *= 2


async def last_entry(rows: Rows, card: Card) -> list[Entry]:
    """The end of a card's chain, where its last millisecond alone does not tell it."""
    width = _SPARE
    while True:
        window, is_last = await _window(rows, card, True, _FAR, width)
        if window or is_last:
            balance = await _opening(rows, card, window)
            return chain.order([entry for entry, _ in window], balance)[-1:]
        width *= 2


async def _opening(rows: Rows, card: Card, window: Window) -> int | float | None:
    """What the card was created with, where only that tells how a window's first entries link."""
    if not window:
        return None
    beginning = min(entry.at for entry, _ in window)
    if has_one_beginning([entry for entry, _ in window if entry.at == beginning]):
        return None
    for (stored,) in await rows.fetch(rows.sql["card_fields"], card.project, card.id):
        told = opening(Row(fields=jsontext.decode(rows.document(stored))))
        return None if told is None else told.balance
    return None


async def _start(rows: Rows, card: Card, after: str, *, newest_first: bool) -> int | None:
    """The moment where the first window begins."""
    found = await rows.fetch(rows.sql["entry_moment"], card.project, card.id, after)
    if not found:
        return None
    moment: int = found[0][0]
    if newest_first:
        return moment
    before = await rows.fetch(rows.sql["lone_entry_before"], card.project, card.id, moment)
    return before[0][0] if before else -_FAR


async def _window(
    rows: Rows, card: Card, newest_first: bool, start: int, width: int
) -> tuple[Window, bool]:
    """At most so many entries from a moment on, and whether the ledger ends with them."""
    statement = rows.sql["entries_down" if newest_first else "entries_up"]
    found = await rows.fetch(statement, card.project, card.id, start, width)
    window = [_entry(rows, *row) for row in found]
    if len(window) < width:
        return window, True
    return _settled(window, newest_first=newest_first), False


def _entry(rows: Rows, id_: str, created: int, stored: Any) -> tuple[Entry, Thing]:
    fields = jsontext.decode(rows.document(stored))
    return entry(id_, created, fields), view(kinds.KINDS[kinds.TRANSACTION], Row(fields=fields))


def _settled(window: Window, *, newest_first: bool) -> Window:
    """The window without its last millisecond, which may be cut.

    Newest first, its end is where the chain begins: there an entry has to stand that is alone in
    its millisecond.
    """
    groups = [list(group) for _, group in groupby(window, key=lambda row: row[0].at)]
    groups.pop()
    while newest_first and groups and len(groups[-1]) > 1:
        groups.pop()
    return [row for group in groups for row in group]


def _behind(found: list[tuple[str, Any]], after: str | None) -> list[tuple[str, Any]]:
    if after is None:
        return found
    ids = [id_ for id_, _ in found]
    return found[ids.index(after) + 1 :] if after in ids else []
