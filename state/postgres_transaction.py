"""A transaction of the write side, which can't stand in others' way for ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from state.postgres_connections import Connection

IDLE_SECONDS: Final = 10
"""A copy that was paused in the middle of a transaction holds its locks for so long."""
LOCK_SECONDS: Final = 10
_ROLLBACK_SECONDS: Final = 5.0

# One text, sent at once: behind a pooler that gives connections for transactions, settings hold for
# this one only. The planner may not scan tables: a plan that was made while they were small is kept
# while they grow.
_BEGIN: Final = """
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL idle_in_transaction_session_timeout = '{idle}s';
SET LOCAL lock_timeout = '{lock}s';
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off
"""


@asynccontextmanager
async def transaction(connection: Connection) -> AsyncIterator[None]:
    """Commit at the end of the block, take all back where it raises."""
    await connection.execute(_BEGIN.format(idle=IDLE_SECONDS, lock=LOCK_SECONDS))
    try:
        yield
    except Exception:
        # A connection on which this fails is not used again.
        with suppress(Exception):
            await connection.execute("ROLLBACK", timeout=_ROLLBACK_SECONDS)
        raise
    if await connection.execute("COMMIT") != "COMMIT":
        raise asyncpg.InterfaceError("the transaction was not committed")
