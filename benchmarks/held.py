"""A state of many cards with ten ledger entries each: what it takes to keep, to read, to add to."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import filling, growth, reads, services
from benchmarks.growth import Growing
from state.postgres import PostgresState
from state.sqlite import SqliteState
from tests.services.postgres import Postgres

_STATE = "VOUCHERIFY_SYNC_STATE"
_EVENTS = 2_000
_LARGE = {**services.LASTING, "shared_buffers": "1GB", "max_wal_size": "8GB"}


def run(cards: int = 12_000) -> list[str]:
    """Both databases; lines for the report. Of a hundredth as many cards is the small state."""
    small = max(2 * _EVENTS, cards // 100)
    return [*_sqlite(small, cards), *_postgres(small, cards)]


def _sqlite(small: int, cards: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {count: folder / f"{count}.db" for count in (small, cards)}
        for count, path in paths.items():
            asyncio.run(filling.fill_sqlite(path, count))
        size = _sqlite_bytes(paths[cards])
        states = {count: SqliteState(path) for count, path in paths.items()}
        settings = {_STATE: f"sqlite:///{paths[cards]}"}
        return [
            f"bytes for a card with {filling.ENTRIES} entries and its holder in SQLite: "
            f"{size / cards:.0f}",
            *reads.lines("SQLite", folder, settings, cards),
            asyncio.run(_growth("SQLite", folder, states)),
        ]


def _postgres(small: int, cards: int) -> list[str]:
    with _server() as (folder, server):
        urls = {count: server.create_database(f"of_{count}") for count in (small, cards)}
        for count, url in urls.items():
            asyncio.run(filling.fill_postgres(url, count))
        table, indexes = _postgres_bytes(server, f"of_{cards}")
        states = {count: PostgresState(url) for count, url in urls.items()}
        return [
            f"bytes for a card with {filling.ENTRIES} entries and its holder in PostgreSQL: "
            f"{(table + indexes) / cards:.0f} ({indexes / cards:.0f} of them indexes)",
            *reads.lines("PostgreSQL", folder, {_STATE: urls[cards]}, cards),
            asyncio.run(_growth("PostgreSQL", folder, states)),
        ]


@contextmanager
def _server() -> Iterator[tuple[Path, Postgres]]:
    with tempfile.TemporaryDirectory() as name:
        server = Postgres(Path(name) / "postgres", settings=_LARGE)
        server.start()
        try:
            yield Path(name), server
        finally:
            server.stop()


async def _growth(
    name: str, folder: Path, states: dict[int, SqliteState] | dict[int, PostgresState]
) -> str:
    growing = [
        Growing(state, cards, folder / f"{name}-{cards}.log") for cards, state in states.items()
    ]
    try:
        of_small, of_large = growing
        rate, ratio = await growth.compared(of_small, of_large, _EVENTS)
    finally:
        for one in growing:
            await one.close()
    small, large = states
    return (
        f"events applied/s into {name} of {large:,} cards: {rate:.0f}; "
        f"into one of {small:,} cards {ratio:.2f} times as many"
    )


def _sqlite_bytes(path: Path) -> int:
    db = sqlite3.connect(path)
    try:
        used, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    finally:
        db.close()
    return int((used - free) * size)


def _postgres_bytes(server: Postgres, database: str) -> tuple[int, int]:
    table = "pg_table_size('thing')"
    found = server.run(f"SELECT {table}, pg_indexes_size('thing')", database)
    of_table, of_indexes = found.split("|")
    return int(of_table), int(of_indexes)
