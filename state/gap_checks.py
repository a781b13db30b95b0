"""A look through the ledgers that were touched: what was loaded of them in, changed gaps out.

Pure, and the same for both databases, which load the rows and write what comes out in one
transaction. Projects, cards and entries go by their ids as the columns hold them. Where holes are
in a ledger, `state/gaps.py` decides.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from schemas import jsontext
from state import gaps, ledger
from state.chain import Entry
from state.gaps import Hole, Ledger
from state.merge import Row, unpack
from state.sqltext import unescape
from state.store import Gap
from state.touched import BEGINNING, Touched

NONE: Final = ""
"""Stands in a column for the entry that there is none of; no entry has this id."""

CardKey = tuple[str, str]
"""A card's project and id."""

FIRST: Final[CardKey] = ("", "")
"""Before all cards. Noted ledgers are taken in the order of their cards and in turn, so that those
which are touched all the time do not hold up the others."""


@dataclass(slots=True)
class Window:
    """A ledger from the moment of an entry that is alone in its millisecond; whole without one."""

    start: int | None = None
    entries: list[Entry] = field(default_factory=list)
    loose: list[Entry] = field(default_factory=list)


class Card(NamedTuple):
    """What is known of a card; `gone` if it or its campaign is."""

    row: Row
    gone: bool


class Known(NamedTuple):
    """A gap as it is kept, its points as JSON; `seen_at` is None for one that is new."""

    project: str
    voucher: str
    after: str
    before: str
    since: int
    until: int
    points: str
    seen_at: int | None


class Changes(NamedTuple):
    """The gaps that are no more, and those that are new."""

    closed: list[Known]
    opened: list[Known]


def windows(
    rows: Iterable[Sequence[Any]], document: Callable[[Any], bytes]
) -> dict[CardKey, Window]:
    """Rows of project, card, start of the window, and an entry's id, moment and fields."""
    found: dict[CardKey, Window] = {}
    for project, voucher, start, id_, created, stored in rows:
        window = found.setdefault((project, voucher), Window(start))
        fields = jsontext.decode(document(stored))
        entry = ledger.entry(id_, created, fields)
        (window.loose if ledger.is_loose(fields) else window.entries).append(entry)
    return found


def in_doubt(found: Mapping[CardKey, Window], cards: Mapping[CardKey, Card]) -> list[Touched]:
    """Ledgers that have to be looked at as a whole, whatever was touched of them."""
    return [
        Touched(*key, BEGINNING)
        for key, window in found.items()
        if window.start is not None and _is_in_doubt(window, window.start, cards.get(key))
    ]


def _is_in_doubt(window: Window, start: int, card: Card | None) -> bool:
    """Whether there are entries that may stand anywhere, none that count any more, or some that
    are no younger than the card's creation: with these, it may begin with another balance.
    """
    if window.loose or card is None:
        return bool(window.loose)
    opening = ledger.opening(card.row)
    return card.gone or (opening is not None and opening.at >= start)


def card(fields: bytes, stamps: bytes, *, gone: bool) -> Card:
    """A card from its row."""
    return Card(unpack(fields, stamps, gone=gone), gone)


def changes(
    looked_at: Iterable[CardKey],
    ledgers: Mapping[CardKey, Window],
    cards: Mapping[CardKey, Card],
    known: Sequence[Known],
) -> Changes:
    """What has to be written once these cards were looked at."""
    kept: dict[CardKey, list[Known]] = {}
    for one in known:
        kept.setdefault((one.project, one.voucher), []).append(one)
    changed = Changes([], [])
    for key in looked_at:
        window = ledgers.get(key, Window())
        found = _holes(cards.get(key), window)
        rows = [_known(key, hole) for hole in found]
        closed, opened = _renewed(kept.get(key, ()), rows, window.start)
        changed.closed.extend(closed)
        changed.opened.extend(opened)
    return changed


def _holes(card: Card | None, window: Window) -> list[Hole]:
    if card is not None and card.gone:
        return []
    row = Row() if card is None else card.row
    whole = window.start is None
    return gaps.holes(
        Ledger(
            entries=window.entries,
            opening=ledger.opening(row) if whole else None,
            newest=ledger.told_balance(row),
            loose=window.loose,
        )
    )


def _renewed(known: Iterable[Known], found: Iterable[Known], start: int | None) -> Changes:
    """A gap that is found again stays; one of which a part is left keeps when it was first seen."""
    held = {one[:-1]: one for one in known if start is None or _is_behind(one, start)}
    anew = {one[:-1]: one for one in found}
    return Changes(
        closed=[one for key, one in held.items() if key not in anew],
        opened=[
            one._replace(seen_at=_first_seen(one, held.values()))
            for key, one in anew.items()
            if key not in held
        ],
    )


def _is_behind(gap: Known, start: int) -> bool:
    """Whether a gap is behind the entry that is alone in this moment, where a window begins.

    One before it may be as young: what the card was created with may be of the same moment.
    """
    return gap.before == NONE or gap.until > start


def _first_seen(found: Known, held: Iterable[Known]) -> int | None:
    """Since when something is known to be missing there: at the same end of a gap as before.

    What was told of the card itself is no such end: that goes on while entries are just late.
    """
    same = (
        one.seen_at
        for one in held
        if one.after == found.after or one.before == found.before != NONE
    )
    return min((seen_at for seen_at in same if seen_at is not None), default=None)


def _known(card: CardKey, hole: Hole) -> Known:
    points = jsontext.encode(hole.points).decode()
    return Known(
        *card, hole.after or NONE, hole.before or NONE, hole.since, hole.until, points, None
    )


def gap(row: Sequence[Any]) -> Gap:
    """The gap that a row keeps."""
    known = Known(*row)
    return Gap(
        project=unescape(known.project),
        voucher=unescape(known.voucher),
        after=unescape(known.after) or None,
        before=unescape(known.before) or None,
        since=known.since,
        until=known.until,
        points=jsontext.decode(known.points.encode()),
        seen_at=known.seen_at or 0,
    )
