"""Erasing deleted customers in PostgreSQL: their personal things, and dead letters.

Part of the transaction that deletes them. Another copy may tell something personal of them at the
same moment, of which neither transaction could see the other's. So whoever tells it holds the
customer together with others, and whoever deletes them holds them alone, until the end of the
transaction: one of the two comes second, and sees what the first did.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

from schemas import named_sql
from state import kinds, letter_people, letters
from state.facts import ThingKey
from state.letter_people import Scrub
from state.personal import AlsoOf, Concerned
from state.postgres_login import Connection
from state.sqltext import escape, shorten
from state.store import DeadLetter

_SQL: Final = named_sql.load("state", "sql/postgres.sql")
_PEOPLE: Final = 0x76_73_70_70  # "vspp", so that no other program's locks are taken for ours
_LANES: Final = 64
"""Customers share locks, because a server has room for some thousands only."""


async def hold(connection: Connection, whom: Concerned, kept: Sequence[DeadLetter]) -> None:
    """Hold the customers that a batch is about, before any row is locked, in one order."""
    alone = {_lane(customer.id) for customer in whom.deleted}
    lanes = alone | {_lane(customer.id) for customer in whom.customers}
    lanes |= {_lane(id_) for letter in kept for id_ in (*letter.about, *letter.people)}
    if lanes:
        held = sorted(lanes)
        await connection.execute(_SQL["hold_people"], _PEOPLE, held, [one in alone for one in held])


async def erase(connection: Connection, deleted: Sequence[ThingKey]) -> None:
    """Let everything go that belongs to these customers."""
    projects, ids = _columns((_key(one.project), _key(one.id)) for one in deleted)
    await connection.execute(_SQL["erase_personal"], projects, ids, sorted(kinds.PERSONAL))
    await connection.execute(_SQL["forget_also_of"], projects, ids)


async def note(connection: Connection, also_of: Sequence[AlsoOf]) -> None:
    """Keep whose things are beside the customers in their rows."""
    rows = sorted({tuple(map(shorten, one)) for one in also_of})
    await connection.execute(_SQL["insert_also_of"], *zip(*rows, strict=True))


async def free_letters(connection: Connection, deleted: Sequence[ThingKey], scrub: Scrub) -> None:
    """Take these customers out of the dead letters that are about them."""
    for customer in deleted:
        about = letters.telling_of(customer.project, customer.id)
        for row in await connection.fetch(_SQL["letters_about"], *about):
            letter = letters.from_row(tuple(row))
            freed = letter_people.freed(letter, [customer.id], scrub)
            if freed != letter:
                await connection.execute(_SQL["replace_dead_letter"], *letter_people.to_row(freed))
                await connection.execute(_SQL["forget_about"], *freed.place)
                await connection.executemany(_SQL["insert_about"], letters.about(freed))


async def freed(
    connection: Connection, kept: Sequence[DeadLetter], scrub: Scrub
) -> list[DeadLetter]:
    """New letters without those of whom they tell late."""
    projects: list[str] = []
    if any(letter.project is None for letter in kept):
        projects = [name for (name,) in await connection.fetch(_SQL["projects"])]
    asked = letter_people.asked(kept, projects, _key)
    found = await connection.fetch(_SQL["gone_customers"], *_columns(asked))
    gone = {(project, id_) for project, id_ in found}
    return [letter_people.freed_of(letter, gone, projects, _key, scrub) for letter in kept]


def _key(text: str) -> str:
    return shorten(escape(text))


def _columns(rows: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    listed = list(rows)
    return [first for first, _ in listed], [second for _, second in listed]


def _lane(id_: str) -> int:
    return crc32(id_.encode("utf-8", "surrogatepass")) % _LANES
