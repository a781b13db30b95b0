"""What is left of customers who were deleted before this version goes when it is migrated to."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg

from state import postgres_migrations, sqlite_migrations
from state.postgres import PostgresState
from state.sqlite import SqliteState
from tests.privacy import dumping
from tests.services.postgres import Postgres
from tests.state.stores import PostgresStore, SqliteStore

GONE, THERE = "cust_gone", "cust_there"
LEFT = [
    ("customer", GONE, None, True, "{}"),
    ("customer", THERE, None, False, '{"name":"Bob"}'),
    ("custom_event", "event_1", GONE, False, '{"note":"Ann was here"}'),
    ("custom_event", "event_2", THERE, False, '{"note":"Bob was here"}'),
    ("redemption", "r_1", GONE, False, '{"amount":7}'),
]
INSERT = "INSERT INTO thing (project, kind, id, customer, gone, created, fields, stamps) VALUES "


def before(steps: tuple[tuple[int, str], ...], number: int) -> list[str]:
    """The migrations up to a version."""
    return [script for version, script in steps if version < number]


def expect(rows: list[dumping.Row]) -> None:
    """Ann is gone, Bob is there, and so is what is nobody's."""
    left = dumping.texts(rows)
    assert {"Bob was here", "Bob"} <= left
    assert "Ann was here" not in left
    assert GONE in left


async def test_sqlite(tmp_path: Path) -> None:
    """In a file of the version before."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        for script in before(sqlite_migrations._steps(), 4):
            db.executescript(script)
        db.execute("PRAGMA user_version = 3")
        rows = [(*row[:4], row[4].encode()) for row in LEFT]
        db.executemany(f"{INSERT} ('p', ?, ?, ?, ?, 0, ?, x'5b5d')", rows)
        db.commit()
    state = SqliteState(path)
    await state.migrate()

    expect(await dumping.rows(SqliteStore(path)))
    await state.close()


async def test_postgresql(postgres: Postgres) -> None:
    """In a database of the version before."""
    url = postgres.create_database("left_over")
    connection = await asyncpg.connect(url)
    await connection.execute(postgres_migrations._MADE)
    for script in before(postgres_migrations._steps(), 3):
        await connection.execute(script)
    await connection.execute("INSERT INTO voucherify_sync_migration (version) VALUES (2)")
    await connection.executemany(f"{INSERT} ('p', $1, $2, $3, $4, 0, $5, '[]')", LEFT)
    await connection.close()
    state = PostgresState(url)
    await state.migrate()

    expect(await dumping.rows(PostgresStore(url)))
    await state.close()
