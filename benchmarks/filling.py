"""Fills a state database with cards and their ledgers, quickly, in the form that the product keeps.

One card is understood, joined and packed by the product itself; all others are that card with other
numbers in its rows. Rows come in the order of time and not of cards, as webhooks do, into indexes
that are there already: both decide how large and how scattered a database becomes.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks import bodies
from handlers import table
from schemas import envelope, moment
from schemas.envelope import Envelope
from state import kinds
from state.facts import Fact
from state.joining import Write, by_key, join_batch
from state.personal import concerned
from state.postgres import PostgresState
from state.sqlite import SqliteState
from state.sqltext import escape_document

ENTRIES: Final = 10
"""Ledger entries of each card."""

NUMBERS: Final = bodies.NUMBERS
"""A movement of a card has the number of the card plus a multiple of this."""

_AT_ONCE: Final = 20_000
_SECONDS: Final = 3_600
_SCATTER: Final = 61_803_399
_MODEL: Final = 87_654_321
_COLUMNS: Final = (
    *("project", "kind", "id", "gone", "name", "voucher", "campaign", "customer"),
    *("created", "updated", "fields", "stamps"),
)
_OF_A_CARD: Final = (kinds.VOUCHER, kinds.CUSTOMER)


def card(place: int) -> int:
    """The number of the card that was made as so-manieth."""
    return place * _SCATTER % NUMBERS


def code(place: int) -> str:
    """The code of the card that was made as so-manieth."""
    return f"BENCH-{card(place):08d}"


async def fill_sqlite(path: Path, cards: int) -> None:
    """Make a database with so many cards."""
    state = SqliteState(path)
    await state.migrate()
    await state.close()
    await asyncio.to_thread(_insert, path, cards)


async def fill_postgres(url: str, cards: int) -> None:
    """Make tables with so many cards in an empty database."""
    state = PostgresState(url)
    await state.migrate()
    await state.close()
    connection = await asyncpg.connect(url)
    try:
        rows = (_for_postgres(row) for row in _rows(cards))
        while some := list(islice(rows, _AT_ONCE)):
            await connection.copy_records_to_table("thing", records=some, columns=_COLUMNS)
        await connection.execute("VACUUM (ANALYZE) thing", timeout=_SECONDS)
        await connection.execute("CHECKPOINT", timeout=_SECONDS)
    finally:
        await connection.close()


def _insert(path: Path, cards: int) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA cache_size = -2000000")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    marks = ", ".join("?" * len(_COLUMNS))
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO thing ({', '.join(_COLUMNS)}) VALUES ({marks})", _rows(cards))  # noqa: S608 - names are ours
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def _for_postgres(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *looked_up, fields, stamps = row
    return (*looked_up, escape_document(fields), escape_document(stamps))


def _rows(cards: int) -> Iterator[tuple[Any, ...]]:
    """All rows: the campaign, then each card with its holder, then entry after entry."""
    model = _model()
    yield model.campaign
    numbers = [card(place) for place in range(cards)]
    for number in numbers:
        marks = _marks(number, ENTRIES - 1)
        yield from (thing.row(number, marks) for thing in model.things)
    for turn, entry in enumerate(model.entries):
        yield from (entry.row(number, _marks(number, turn)) for number in numbers)


Marks = dict[bytes, bytes]
"""What the rows of a card tell of its number and moments, by name."""


class _Pattern:
    """A row of the model card, with gaps where it tells what other cards tell otherwise."""

    def __init__(self, write: Write, turn: int) -> None:
        marks = _marks(_MODEL, turn)
        project, kind, id_ = write.key
        name, voucher, campaign, customer, created, updated = write.lookups
        self._texts = [
            None if text is None else _gapped(text.encode(), marks)
            for text in (id_, name, voucher, customer)
        ]
        self._documents = [_gapped(text, marks) for text in (write.fields, write.stamps)]
        self._same = project, kind, write.gone, campaign
        self._created, self._updated = created, updated

    def row(self, card: int, marks: Marks) -> tuple[Any, ...]:
        """The row of another card."""
        project, kind, gone, campaign = self._same
        id_, name, voucher, customer = [text and (text % marks).decode() for text in self._texts]
        fields, stamps = [text % marks for text in self._documents]
        created = self._created and self._created + card - _MODEL
        updated = self._updated and self._updated + card - _MODEL
        looked_up = (name, voucher, campaign, customer, created, updated)
        return (project, kind, id_, gone, *looked_up, fields, stamps)


@dataclass(frozen=True, slots=True)
class _Model:
    campaign: tuple[Any, ...]
    things: tuple[_Pattern, ...]
    entries: tuple[_Pattern, ...]


def _marks(card: int, turn: int) -> Marks:
    """The longest first: the number of the card is a part of others."""
    at = turn * NUMBERS + card
    return {
        b"number": b"%020d" % at,
        b"at": moment.to_text(bodies.START + at).encode(),
        b"made": moment.to_text(bodies.START - NUMBERS + card).encode(),
        b"version": b"%d" % (bodies.START + at),
        b"card": b"%08d" % card,
    }


def _gapped(text: bytes, marks: Marks) -> bytes:
    text = text.replace(b"%", b"%%")
    for name, mark in marks.items():
        text = text.replace(mark, b"%%(%b)b" % name)
    return text


def _model() -> _Model:
    """The model card as the product keeps it after all its movements."""
    facts: list[Fact] = []
    for turn in range(ENTRIES):
        event = envelope.read(bodies.movement(turn * NUMBERS + _MODEL, NUMBERS))
        if not isinstance(event, Envelope):
            raise TypeError(f"a movement of ours is {event}")
        facts += table.facts(event)
    _, writes = join_batch(by_key(facts), {}, concerned(facts))
    of: dict[str, list[Write]] = {}
    for write in writes:
        of.setdefault(write.key[1], []).append(write)
    entries = sorted(of[kinds.TRANSACTION], key=lambda entry: entry.lookups.created)
    last = ENTRIES - 1
    (campaign,) = of[kinds.CAMPAIGN]
    return _Model(
        _Pattern(campaign, last).row(_MODEL, _marks(_MODEL, last)),
        tuple(_Pattern(one, last) for kind in _OF_A_CARD for one in of[kind]),
        tuple(_Pattern(one, turn) for turn, one in enumerate(entries)),
    )
