"""Looking through touched ledgers in PostgreSQL, each by one copy at a time.

Whoever takes a note holds its row until the look is committed. A batch that touches the same ledger
meanwhile waits for that and notes it anew, so its entries are seen by this look or by the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas import named_sql
from state import gap_checks
from state.gap_checks import Card, CardKey, Known, Window
from state.joining import Write
from state.kinds import CAMPAIGN
from state.postgres_columns import columns
from state.postgres_login import Connection
from state.postgres_transaction import transaction
from state.sqltext import shorten, unescape_document
from state.touched import Touched, earliest

_SQL: Final = named_sql.load("state", "sql/postgres.sql")


async def note(connection: Connection, writes: Sequence[Write]) -> None:
    """Note, with what was written, which ledgers have to be looked through; in one order."""
    touched = {
        (shorten(project), shorten(voucher)): since
        for (project, voucher), since in earliest(writes).items()
    }
    if touched:
        rows = sorted((*card, since) for card, since in touched.items())
        await connection.execute(_SQL["note_ledgers"], *columns(rows, 3))
    gone = [write.key for write in writes if write.gone and write.key[1] == CAMPAIGN]
    if gone:
        campaigns = [(shorten(project), shorten(id_)) for project, _, id_ in gone]
        await connection.execute(_SQL["note_campaigns"], *columns(campaigns, 2))


async def check(connection: Connection, after: CardKey, limit: int) -> list[CardKey]:
    """Look through noted ledgers behind a card; return whose."""
    async with transaction(connection):
        rows = await connection.fetch(_SQL["take_noted"], *after, limit)
        taken = [Touched(*row) for row in rows]
        cards = [(project, voucher) for project, voucher, _ in taken]
        if cards:
            known = [Known(*row) for row in await _fetch(connection, "gaps_of", cards)]
            found = await _cards(connection, cards)
            ledgers = await _windows(connection, taken, found)
            changed = gap_checks.changes(cards, ledgers, found, known)
            if changed.closed:
                keys = [one[:3] for one in changed.closed]
                await connection.execute(_SQL["delete_gaps"], *columns(keys, 3))
            if changed.opened:
                await connection.execute(_SQL["insert_gaps"], *columns(changed.opened, 8))
    return cards


async def _windows(
    connection: Connection, touched: Sequence[Touched], cards: Mapping[CardKey, Card]
) -> dict[CardKey, Window]:
    rows = await _fetch(connection, "ledger_windows", touched)
    found = gap_checks.windows(rows, unescape_document)
    whole = gap_checks.in_doubt(found, cards)
    if whole:
        rows = await _fetch(connection, "ledger_windows", whole)
        found |= gap_checks.windows(rows, unescape_document)
    return found


async def _cards(connection: Connection, cards: Sequence[CardKey]) -> Mapping[CardKey, Card]:
    return {
        (project, id_): gap_checks.card(
            unescape_document(fields), unescape_document(stamps), gone=gone
        )
        for project, id_, gone, fields, stamps in await _fetch(connection, "touched_cards", cards)
    }


async def _fetch(
    connection: Connection, name: str, keys: Sequence[tuple[Any, ...]]
) -> Iterable[Any]:
    return await connection.fetch(_SQL[name], *columns(keys, len(keys[0])))
