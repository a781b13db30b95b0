"""All that a database holds, in every table: each text of each row, JSON and hexadecimal read."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import asyncpg

from schemas import jsontext
from state.sqltext import unescape
from tests.state.stores import PostgresStore, SqliteStore, Store

_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2})+")
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

Row = tuple[Any, ...]


async def rows(store: Store) -> list[Row]:
    """Every row of every table, each with its table's name before it."""
    if isinstance(store, SqliteStore):
        return _from_sqlite(store)
    assert isinstance(store, PostgresStore)
    return await _from_postgres(store)


async def things(store: Store) -> list[Row]:
    """The rows of all things, in the order of their keys, documents as objects."""
    found = [row for row in await rows(store) if row[0] == "thing"]
    read = ([_document(value) for value in row] for row in found)
    return sorted((tuple(row) for row in read), key=lambda row: row[1:4])


async def letters(store: Store) -> list[Row]:
    """The rows of all dead letters."""
    return sorted(row for row in await rows(store) if row[0] == "dead_letter")


def texts(found: Sequence[Row]) -> set[str]:
    """Every text in these rows."""
    return {text for row in found for value in row for text in _texts(value)}


def _from_sqlite(store: SqliteStore) -> list[Row]:
    with closing(sqlite3.connect(store.path)) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return [(name, *row) for name in tables for row in db.execute(f"SELECT * FROM {name}")]  # noqa: S608 - its own tables


async def _from_postgres(store: PostgresStore) -> list[Row]:
    connection = await asyncpg.connect(store.url)
    try:
        tables = [name for (name,) in await connection.fetch(_TABLES)]
        return [
            (name, *row)
            for name in tables
            for row in await connection.fetch(f"SELECT * FROM {name}")  # noqa: S608 - as above
        ]
    finally:
        await connection.close()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield unescape(value)
        if value[:1] in ("{", "["):
            yield from _texts(_document(value, otherwise=None))
        elif _HEXADECIMAL.fullmatch(value):
            yield from _texts(bytes.fromhex(value).decode("utf-8", "replace"))


def _document(value: Any, otherwise: Any = ...) -> Any:
    """A JSON text as what it says, anything else as it is."""
    given = value.encode() if isinstance(value, str) else value
    if isinstance(given, bytes) and given[:1] in (b"{", b"["):
        try:
            return jsontext.decode(given)
        except jsontext.NotJSONError:
            pass
    return value if otherwise is ... else otherwise
