"""What the embedded database's files hold once a customer is deleted, byte by byte."""

import sqlite3
from contextlib import closing
from pathlib import Path

from handlers.scrubbing import scrub
from state import sqlite
from state.sqlite import SqliteState
from state.store import Batch
from tests.factories import facts, webhook
from tests.privacy import ann


def held(path: Path) -> set[str]:
    """What of Ann stands anywhere in the files."""
    files = [path, path.with_name(f"{path.name}-wal")]
    held = b"".join(file.read_bytes() for file in files if file.exists())
    return {secret for secret in ann.SECRETS if secret.encode() in held}


async def test_nothing_is_left_in_the_files(tmp_path: Path) -> None:
    """Neither in freed pages nor in the journal, though nobody compacted them."""
    path = tmp_path / "state.db"
    state = SqliteState(path, scrub=scrub)
    await state.migrate()
    for number, event in enumerate(ann.events()[:-1]):
        await state.apply(Batch(facts(event), {}, [ann.letter(event, number)]))
    for number in range(200):
        other = {"id": f"cust_{number}", "name": "x" * 300, "object": "customer"}
        await state.apply(Batch(facts(webhook("customer.created", {"customer": other})), {}))
    assert ann.SECRETS == held(path)

    await state.apply(Batch(facts(ann.DELETED), {}))

    assert set() == held(path)
    await state.close()


async def test_readers_delay_the_emptying_of_the_journal_only(tmp_path: Path) -> None:
    """Who reads in the moment of the deletion holds nothing up; later it is done."""
    path = tmp_path / "state.db"
    state = SqliteState(path, scrub=scrub)
    await state.migrate()
    await state.apply(Batch(facts(ann.events()[0]), {}))

    with closing(sqlite3.connect(path, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM thing").fetchone()
        await state.apply(Batch(facts(ann.DELETED), {}))
        assert held(path)

    await state.advance_as_of(1)
    assert set() == held(path)
    await state.close()


def test_every_writer_overwrites_what_it_deletes(tmp_path: Path) -> None:
    """Whatever SQLite does by itself, which differs between builds."""
    with closing(sqlite.connect(tmp_path / "state.db")) as db:
        assert (1,) == db.execute("PRAGMA secure_delete").fetchone()
