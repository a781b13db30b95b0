"""Migrations of the embedded state database: numbered SQL files, applied once, under a lock."""

import sqlite3
from functools import cache
from importlib.resources import files

from state.store import NotMigratedError, SchemaMismatchError


@cache
def _steps() -> tuple[tuple[int, str], ...]:
    """The migrations that this program knows, in their order: number and SQL."""
    folder = files("state") / "sql" / "sqlite_migrations"
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(
        (int(entry.name[:4]), entry.read_text(encoding="utf-8"))
        for entry in found
        if entry.name.endswith(".sql")
    )


def latest() -> int:
    """The version that this program works with."""
    return _steps()[-1][0]


def migrate(db: sqlite3.Connection) -> None:
    """Apply what is missing, all in one transaction. Raises SchemaMismatchError if it is newer."""
    db.execute("BEGIN IMMEDIATE")
    try:
        version = _version(db)
        if version > latest():
            raise _newer(version)
        for number, script in _steps():
            if number > version:
                _run_script(db, script)
        db.execute(f"PRAGMA user_version = {latest()}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def check(db: sqlite3.Connection) -> None:
    """Raise SchemaMismatchError unless the database is of this program's version."""
    version = _version(db)
    if version > latest():
        raise _newer(version)
    if version < latest():
        error = SchemaMismatchError if version else NotMigratedError
        raise error(
            f"the state database is at version {version}, this program needs {latest()}: "
            "run `voucherify-sync migrate`"
        )


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def _newer(version: int) -> SchemaMismatchError:
    return SchemaMismatchError(
        f"the state database is at version {version}, newer than this program ({latest()}): "
        "upgrade voucherify-sync"
    )


def _run_script(db: sqlite3.Connection, script: str) -> None:
    """Run statements one by one: `executescript` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
