"""A few connections to one PostgreSQL database, made when needed and made anew after trouble.

A pool of our own and not asyncpg's, because that one asks the server to reset a connection after
each use, which takes as long as a small read. Here a connection is used again only if it is known
to be in order, and closed in any doubt.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from state.postgres_address import Url
from state.postgres_errors import BusyError
from state.postgres_login import Connection, Login

_TURN_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 2.0
_IDLE_SECONDS: Final = 240.0
"""Firewalls forget connections that are idle for longer (five minutes are usual)."""


class Connections:
    """At most `size` connections to the database at a URL, none before the first use.

    A statement may take `seconds`.
    """

    def __init__(self, url: Url, *, size: int, seconds: float | None = None) -> None:
        self._login = Login(url, seconds=seconds)
        self._turns = asyncio.Semaphore(size)
        self._size = size
        self._idle: list[tuple[Connection, float]] = []
        self._busy: set[Connection] = set()
        self._closed = False

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Connection]:
        """A connection for the time of the block. Raises what asyncpg raises, and BusyError."""
        await self._wait_for_turn()
        try:
            connection = self._take() or await self._login.connect()
            self._busy.add(connection)
            try:
                yield connection
            except (asyncio.CancelledError, TimeoutError, asyncpg.InternalClientError):
                connection.terminate()  # the server may still be at it, or gone unnoticed
                raise
            finally:
                self._busy.discard(connection)
                self._keep(connection)
        finally:
            self._turns.release()

    def drop_idle(self) -> None:
        """Have connections made anew: what ended one, unasked, has probably ended the others."""
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.terminate()

    async def close(self) -> None:
        """Let what is under way end, but not for long; then close all connections."""
        if self._closed:
            return
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                for _ in range(self._size):
                    await self._turns.acquire()
        for connection in self._busy:
            connection.terminate()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_close(connection) for connection, _ in idle))

    async def _wait_for_turn(self) -> None:
        if self._closed:
            raise asyncpg.InterfaceError("closed by this program")
        if not self._turns.locked():
            await self._turns.acquire()  # at once; a time limit would take longer than that
            return
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise BusyError from None

    def _take(self) -> Connection | None:
        """The connection that was used last, so that those not needed grow old."""
        while self._idle:
            connection, since = self._idle.pop()
            if not connection.is_closed() and time.monotonic() - since < _IDLE_SECONDS:
                return connection
            connection.terminate()
        return None

    def _keep(self, connection: Connection) -> None:
        if connection.is_closed():
            return
        if self._closed or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append((connection, time.monotonic()))


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=_CLOSE_SECONDS)
    except Exception:
        connection.terminate()
