"""The state database on PostgreSQL: the read side."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas import named_sql
from state import postgres_migrations
from state.postgres_address import Address, Url
from state.postgres_connections import Connections
from state.postgres_errors import ENDED, explained
from state.postgres_terms import PostgresTerms
from state.reading import Reading
from state.sqltext import escape, shorten, unescape_document
from state.store import GAP_WAIT_MS
from state.terms import Terms

_SIZE: Final = 8
_ATTEMPTS: Final = 3
"""A read changes nothing, so one whose connection was ended is made again over another one."""

_SECONDS: Final = 5.0
"""Whoever asks waits no longer for an answer, and its connection is free again for others."""


class PostgresReader(Reading):
    """Reads the state from a PostgreSQL database, over at most `size` connections.

    Raises ValueError for a URL that makes no sense; nothing connects before the first use.
    """

    def __init__(self, url: Url, *, size: int = _SIZE, gap_wait_ms: int = GAP_WAIT_MS) -> None:
        super().__init__(_Server(url, size), gap_wait_ms)


class _Server:
    """The Database of a Reading."""

    def __init__(self, url: Url, size: int) -> None:
        self._name = Address.of(url).name
        self._connections = Connections(url, size=size, seconds=_SECONDS)
        self.sql: Mapping[str, str] = named_sql.load("state", "sql/postgres.sql")

    async def check(self) -> None:
        """See Database."""
        with explained(self._name):
            async with self._connections.one() as connection:
                await postgres_migrations.check(connection)

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Database."""
        with explained(self._name):
            for _ in range(_ATTEMPTS - 1):
                try:
                    return await self._fetch(statement, *values)
                except ENDED:
                    self._connections.drop_idle()
            return await self._fetch(statement, *values)

    async def _fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        async with self._connections.one() as connection:
            return await connection.fetch(statement, *values)

    def terms(self) -> Terms:
        """See Database."""
        return PostgresTerms()

    def key(self, text: str) -> str:
        """See Database."""
        return shorten(escape(text))

    def listed(self, keys: Iterable[str]) -> list[str]:
        """See Database."""
        return list(keys)

    def document(self, stored: str) -> bytes:
        """See Database."""
        return unescape_document(stored)

    async def close(self) -> None:
        """See Database."""
        await self._connections.close()
