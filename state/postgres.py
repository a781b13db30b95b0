"""The state database on PostgreSQL: the write side, for several copies at once.

Which statements a transaction is made of stands in `state/postgres_batch.py`; here it is made again
where another copy was faster.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from schemas import named_sql
from state import gap_checks, letters, postgres_batch, postgres_ledgers, postgres_migrations
from state.gap_checks import CardKey
from state.letter_people import Scrub, emptied
from state.postgres_address import Address, Url
from state.postgres_batch import OvertakenError, change
from state.postgres_columns import columns
from state.postgres_connections import Connections
from state.postgres_errors import LOST_RACES, explained
from state.postgres_login import Connection
from state.sqltext import escape, unescape
from state.store import (
    Applied,
    Batch,
    DeadLetter,
    Gap,
    LetterPlace,
    Mark,
    PartitionKey,
    StateUnavailableError,
)

T = TypeVar("T")

_CONNECTIONS: Final = 3
_ATTEMPTS: Final = 6
_LONGEST_PAUSE_SECONDS: Final = 0.05


class PostgresState:
    """State in a PostgreSQL database, in the schema that its connections begin in.

    Raises ValueError for a URL that makes no sense; nothing connects before the first use. `scrub`
    frees dead letters of deleted customers.
    """

    def __init__(self, url: Url, *, scrub: Scrub = emptied) -> None:
        self._name = Address.of(url).name
        self._connections = Connections(url, size=_CONNECTIONS)
        self._scrub = scrub
        self._sql = named_sql.load("state", "sql/postgres.sql")
        self._checked_to = gap_checks.FIRST

    async def migrate(self) -> None:
        """See StateWriter."""
        await self._run(postgres_migrations.migrate)

    async def check(self) -> None:
        """See StateWriter."""
        await self._run(postgres_migrations.check)

    async def positions(self) -> Mapping[PartitionKey, int]:
        """See StateWriter."""
        rows = await self._fetch("positions")
        return {(name, number): after for name, number, after in rows}

    async def marks(self) -> Mapping[PartitionKey, Mark]:
        """See StateWriter."""
        rows = await self._fetch("marks")
        return {(name, number): Mark(*mark) for name, number, *mark in rows}

    async def apply(self, batch: Batch) -> Applied:
        """See StateWriter."""
        with explained(self._name):
            for attempt in range(_ATTEMPTS):
                try:
                    async with self._connections.one() as connection:
                        return await postgres_batch.apply(
                            connection, batch, locked=attempt > 0, scrub=self._scrub
                        )
                except (OvertakenError, *LOST_RACES):
                    await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311
        raise StateUnavailableError(
            f"{self._name} is busy: other copies write the same things or hold them locked"
        )

    async def now(self) -> int:
        """See StateWriter."""
        ((now,),) = await self._fetch("now")
        return int(now)

    async def advance_as_of(self, moment: int) -> None:
        """See StateWriter."""
        await self._execute("advance_as_of", moment)

    async def move_position(self, partition: PartitionKey, before: int, after: int) -> None:
        """See StateWriter."""
        await self.apply(Batch((), {partition: (before, after)}))

    async def dead_letters(
        self,
        *,
        places: Sequence[LetterPlace] | None = None,
        reason: str | None = None,
        after: LetterPlace | None = None,
        limit: int = 100,
    ) -> Sequence[DeadLetter]:
        """See StateWriter."""
        at: Sequence[Any] = (None, None, None) if places is None else columns(places, 3)
        behind = after or (None, None, None)
        rows = await self._fetch("dead_letters", *at, _escaped(reason), *behind, limit)
        return [letters.from_row(row) for row in rows]

    async def count_dead_letters(self, reason: str | None = None) -> Mapping[str, int]:
        """See StateWriter."""
        rows = await self._fetch("count_dead_letters", _escaped(reason))
        return {unescape(why): count for why, count in rows}

    async def discard(self, places: Sequence[LetterPlace]) -> int:
        """See StateWriter."""
        return await self._execute("delete_dead_letters", *columns(places, 3))

    async def change_reasons(self, reasons: Mapping[LetterPlace, str]) -> None:
        """See StateWriter."""
        rows = [(*place, escape(reason)) for place, reason in reasons.items()]
        await self._execute("change_reasons", *columns(rows, 4))

    async def unpublished_dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """See StateWriter."""
        rows = await self._fetch("unpublished_dead_letters", limit)
        return [letters.from_row(row) for row in rows]

    async def mark_published(self, places: Sequence[LetterPlace]) -> None:
        """See StateWriter."""
        await self._execute("mark_published", *columns(places, 3))

    async def check_ledgers(self, limit: int) -> int:
        """See StateWriter."""
        cards = await self._check_ledgers(self._checked_to, limit)
        if not cards and self._checked_to != gap_checks.FIRST:
            cards = await self._check_ledgers(gap_checks.FIRST, limit)
        self._checked_to = max(cards, default=gap_checks.FIRST)
        return len(cards)

    async def gaps(self, *, known_for: int, limit: int = 100) -> Sequence[Gap]:
        """See StateWriter."""
        return [gap_checks.gap(row) for row in await self._fetch("gaps", known_for, limit)]

    async def count_gaps(self, *, known_for: int) -> int:
        """See StateWriter."""
        ((count,),) = await self._fetch("count_gaps", known_for)
        return int(count)

    async def close(self) -> None:
        """See StateWriter."""
        await self._connections.close()

    async def _check_ledgers(self, after: CardKey, limit: int) -> list[CardKey]:
        return await self._run(lambda connection: postgres_ledgers.check(connection, after, limit))

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        with explained(self._name):
            async with self._connections.one() as connection:
                return await work(connection)

    async def _fetch(self, name: str, *values: Any) -> Sequence[Any]:
        return await self._run(lambda connection: connection.fetch(self._sql[name], *values))

    async def _execute(self, name: str, *values: Any) -> int:
        """Run a statement; return how many rows it changed."""
        return await self._run(lambda connection: change(connection, self._sql[name], *values))


def _escaped(text: str | None) -> str | None:
    return None if text is None else escape(text)
