"""Looking through touched ledgers in the embedded database, in one transaction of its writer."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas import jsontext, named_sql
from state import gap_checks
from state.gap_checks import Card, CardKey, Known, Window
from state.joining import Write
from state.kinds import CAMPAIGN
from state.touched import Touched, earliest

_SQL: Final = named_sql.load("state", "sql/sqlite.sql")


def note(db: sqlite3.Connection, writes: Sequence[Write]) -> None:
    """Note, with what was written, which ledgers have to be looked through."""
    touched = earliest(writes)
    db.executemany(_SQL["note_ledger"], [(*card, since) for card, since in touched.items()])
    gone = [write.key for write in writes if write.gone and write.key[1] == CAMPAIGN]
    db.executemany(_SQL["note_campaign"], [(project, id_) for project, _, id_ in gone])


def check(db: sqlite3.Connection, after: CardKey, limit: int) -> list[CardKey]:
    """Look through noted ledgers behind a card; return whose."""
    taken = [Touched(*row) for row in db.execute(_SQL["take_noted"], (*after, limit)).fetchall()]
    cards = [(project, voucher) for project, voucher, _ in taken]
    if cards:
        known = [Known(*row) for row in _fetch(db, "gaps_of", cards)]
        found = _cards(db, cards)
        changed = gap_checks.changes(cards, _windows(db, taken, found), found, known)
        db.executemany(_SQL["delete_gap"], [one[:3] for one in changed.closed])
        db.executemany(_SQL["insert_gap"], changed.opened)
    return cards


def _windows(
    db: sqlite3.Connection, touched: Iterable[Touched], cards: Mapping[CardKey, Card]
) -> dict[CardKey, Window]:
    found = gap_checks.windows(_fetch(db, "ledger_windows", touched), bytes)
    whole = gap_checks.in_doubt(found, cards)
    return found | gap_checks.windows(_fetch(db, "ledger_windows", whole), bytes)


def _cards(db: sqlite3.Connection, cards: Iterable[CardKey]) -> Mapping[CardKey, Card]:
    return {
        (project, id_): gap_checks.card(fields, stamps, gone=bool(gone))
        for project, id_, gone, fields, stamps in _fetch(db, "touched_cards", cards)
    }


def _fetch(db: sqlite3.Connection, name: str, keys: Iterable[tuple[Any, ...]]) -> list[Any]:
    return db.execute(_SQL[name], (jsontext.encode(list(keys)).decode(),)).fetchall()
