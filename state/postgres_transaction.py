"""A transaction of the write side, which can't stand in others' way for ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from state.postgres_login import Connection

IDLE_SECONDS: Final = 10
"""A copy that was paused in the middle of a transaction holds its locks for so long."""
LOCK_SECONDS: Final = 10
WHOLE_SECONDS: Final = 60
"""The same, where it was paused between a statement's text and its values (PostgreSQL 17 or newer):
for the server, that is not idle."""
_ROLLBACK_SECONDS: Final = 5.0

# One text, sent at once: behind a pooler that gives connections for transactions, settings hold for
# this one only. A server that can't get rid of what it sends is not idle either, and no timeout of
# its own ends it, but TCP's does. The planner may not scan tables: a plan that was made while they
# were small is kept while they grow.
_BEGIN: Final = """
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL idle_in_transaction_session_timeout = '{idle}s';
SET LOCAL tcp_user_timeout = '{idle}s';
SET LOCAL lock_timeout = '{lock}s';
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SELECT set_config('transaction_timeout', '{whole}s', true)
WHERE current_setting('transaction_timeout', true) IS NOT NULL
"""


@asynccontextmanager
async def transaction(
    connection: Connection, *, whole_seconds: int = WHOLE_SECONDS
) -> AsyncIterator[None]:
    """Commit at the end of the block, take all back where it raises.

    The server ends one that takes longer than `whole_seconds`; 0 lets it take as long as it takes.
    """
    settings = _BEGIN.format(idle=IDLE_SECONDS, lock=LOCK_SECONDS, whole=whole_seconds)
    await connection.execute(settings)
    try:
        yield
    except Exception:
        # A connection on which this fails is not used again.
        with suppress(Exception):
            await connection.execute("ROLLBACK", timeout=_ROLLBACK_SECONDS)
        raise
    if await connection.execute("COMMIT") != "COMMIT":
        raise asyncpg.InterfaceError("the transaction was not committed")
