"""Migrations of the PostgreSQL state database: numbered SQL files, applied once, under a lock."""

from functools import cache
from importlib.resources import files
from typing import Final

import asyncpg

from state.postgres_login import Connection
from state.postgres_transaction import transaction
from state.store import NotMigratedError, SchemaMismatchError

_LOCK: Final = 0x76_73_73_74  # "vsst", so that no other program's lock is taken for ours
_SECONDS: Final = 24 * 3_600
"""A new index of a large table takes as long as it takes."""
_MADE: Final = """
CREATE TABLE IF NOT EXISTS voucherify_sync_migration (
    version    integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@cache
def _steps() -> tuple[tuple[int, str], ...]:
    """The migrations that this program knows, in their order: number and SQL."""
    folder = files("state") / "sql" / "postgres_migrations"
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(
        (int(entry.name[:4]), entry.read_text(encoding="utf-8"))
        for entry in found
        if entry.name.endswith(".sql")
    )


def latest() -> int:
    """The version that this program works with."""
    return _steps()[-1][0]


async def migrate(connection: Connection) -> None:
    """Apply what is missing, all in one transaction. Raises SchemaMismatchError if it is newer."""
    await _require_utf8(connection)
    if await _version(connection) == latest():
        return  # a user who may only read and write rows can come so far
    try:
        async with transaction(connection, whole_seconds=0):
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(_MADE)
            await _apply_missing(connection, await _version(connection))
    except asyncpg.DuplicateTableError:
        raise SchemaMismatchError(
            "the state database has tables of something else; give voucherify-sync a database or "
            "schema of its own"
        ) from None


async def check(connection: Connection) -> None:
    """Raise SchemaMismatchError unless the database is of this program's version."""
    version = await _version(connection)
    if version > latest():
        raise _newer(version)
    if version < latest():
        error = SchemaMismatchError if version else NotMigratedError
        raise error(
            f"the state database is at version {version}, this program needs {latest()}: "
            "run `voucherify-sync migrate`"
        )


async def _apply_missing(connection: Connection, version: int) -> None:
    if version > latest():
        raise _newer(version)
    for number, script in _steps():
        if number > version:
            await connection.execute(script, timeout=_SECONDS)
            await connection.execute(
                "INSERT INTO voucherify_sync_migration (version) VALUES ($1)", number
            )


async def _version(connection: Connection) -> int:
    if await connection.fetchval("SELECT to_regclass('voucherify_sync_migration')") is None:
        return 0
    version: int | None = await connection.fetchval(
        "SELECT max(version) FROM voucherify_sync_migration"
    )
    return version or 0


async def _require_utf8(connection: Connection) -> None:
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise SchemaMismatchError(
            f"the state database is in {encoding}, which has no room for every text: create one "
            "with ENCODING 'UTF8'"
        )


def _newer(version: int) -> SchemaMismatchError:
    return SchemaMismatchError(
        f"the state database is at version {version}, newer than this program ({latest()}): "
        "upgrade voucherify-sync"
    )
