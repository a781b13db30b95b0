"""What only the embedded state database has: a file, which can be missing, locked or damaged."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from schemas import jsontext
from state import kinds, sqlite_migrations
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import Batch, LetterPlace, SchemaMismatchError, StateUnavailableError
from tests.state.factories import LOG, PROJECT, observed

ROOT = Path(sqlite_migrations.__file__).parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state database will be."""
    return tmp_path / "folder" / "state.db"


async def test_migrating_twice_and_from_the_future(path: Path) -> None:
    """Migrating is idempotent; a database newer than the program is refused with the mend."""
    state = SqliteState(path)
    await state.migrate()
    await state.migrate()
    await state.check()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {sqlite_migrations.latest() + 1}")
    db.close()

    for attempt in (state.migrate, state.check):
        with pytest.raises(SchemaMismatchError, match="upgrade"):
            await attempt()
    await state.close()


async def test_dead_letters_of_the_first_version_are_kept(path: Path) -> None:
    """A database that was made before letters said what they are about keeps those it has."""
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript((ROOT / "sql" / "sqlite_migrations" / "0001_things.sql").read_text())
    db.execute(
        "INSERT INTO dead_letter VALUES ('embedded', 0, 7, 'topic', 'evt', 'KeyError', ?, ?, ?, 1)",
        (b"k", b"v", b'[["a", "ff"]]'),
    )
    db.execute("PRAGMA user_version = 1")
    db.close()
    state = SqliteState(path)
    await state.migrate()

    (kept,) = await state.dead_letters()

    assert LetterPlace("embedded", 0, 7) == kept.place
    assert (b"k", b"v", (("a", b"\xff"),), ()) == (kept.key, kept.value, kept.headers, kept.about)
    assert 0 < kept.recorded_at <= await state.now()
    assert [] == list(await state.unpublished_dead_letters(10))
    await state.close()


async def test_ledgers_of_an_older_version_are_looked_through_once(path: Path) -> None:
    """A hole that was there before holes were looked for is found after the migration."""
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    for step in ("0001_things.sql", "0002_dead_letters.sql"):
        db.executescript((ROOT / "sql" / "sqlite_migrations" / step).read_text())
    for id_, created, balance in (("a", 1, 5), ("c", 3, 9)):
        fields = {"details.balance.points": 1, "details.balance.balance": balance}
        db.execute(
            "INSERT INTO thing (project, kind, id, voucher, created, fields, stamps)"
            " VALUES ('p', 'transaction', ?, 'v_1', ?, ?, ?)",
            (id_, created, jsontext.encode(fields), b"[]"),
        )
    db.execute("PRAGMA user_version = 2")
    db.close()
    state = SqliteState(path)
    await state.migrate()

    assert (1, 0) == (await state.check_ledgers(10), await state.check_ledgers(10))
    (gap,) = await state.gaps(known_for=0)
    assert ("v_1", "a", "c", 3) == (gap.voucher, gap.after, gap.before, gap.points)
    await state.close()


async def test_its_clock_can_be_any(path: Path) -> None:
    """Moments are of the clock that it is given, the writer's and the reader's."""
    state, reader = SqliteState(path, now_ms=lambda: 10), SqliteReader(path, now_ms=lambda: 20)
    await state.migrate()
    await state.advance_as_of(11)
    await state.advance_as_of(9)

    standing = await reader.standing()
    assert (10, 9, 20) == (await state.now(), standing.as_of, standing.now)
    await reader.close()
    await state.close()


@pytest.mark.parametrize("steps", [1, 1_000])
async def test_only_large_statements_take_a_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """One that turns out to be large is run again elsewhere; the answer is the same."""
    monkeypatch.setattr("state.sqlite_reader._STEPS", steps)
    threads: list[int] = []

    def clock() -> int:
        threads.append(threading.get_ident())
        return 20

    state, reader = SqliteState(path), SqliteReader(path, now_ms=clock)
    await state.migrate()
    for number in range(3):
        await state.apply(Batch([observed(kinds.VOUCHER, "v_1", code=f"C{number}")], {}))
        assert 20 == (await reader.standing()).now
        assert await reader.by_name(PROJECT, kinds.VOUCHER, f"C{number}")

    assert (steps > 1) == (set(threads) == {threading.get_ident()})
    await reader.close()
    await state.close()


async def test_a_reader_waits_for_a_lock_without_holding_up_others(path: Path) -> None:
    """A file that is locked is waited for in a thread, and read when it is free."""
    state, reader = SqliteState(path), SqliteReader(path)
    await state.migrate()
    await state.close()
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("PRAGMA locking_mode = EXCLUSIVE")
    locker.execute("BEGIN EXCLUSIVE")

    reading = asyncio.create_task(reader.standing())
    await asyncio.sleep(0.1)
    assert not reading.done()
    locker.close()

    assert (await reading).as_of is None
    await reader.close()


async def test_a_database_that_is_not_there_or_none(path: Path) -> None:
    """The readers and writers of a missing, old or damaged database say what is wrong."""
    reader = SqliteReader(path)
    with pytest.raises(StateUnavailableError, match="state database"):
        await reader.standing()
    await reader.close()

    path.parent.mkdir()
    sqlite3.connect(path).close()
    reader = SqliteReader(path)
    with pytest.raises(SchemaMismatchError, match="voucherify-sync migrate"):
        await reader.check()
    await reader.close()


async def test_a_damaged_database_says_so_and_is_made_anew_once_away(path: Path) -> None:
    """A file that is no database is left as it is; once it is away, a new one is made."""
    damage(path)
    state = SqliteState(path)
    with pytest.raises(StateUnavailableError, match="built again from the log"):
        await state.migrate()

    path.rename(path.with_suffix(".away"))  # noqa: ASYNC240 - one small file
    await state.migrate()
    await state.close()


def damage(path: Path) -> None:
    """Put something at the path that is no database."""
    path.parent.mkdir()
    path.write_bytes(b"this is no database, it is a text that is long enough" * 100)


async def test_a_locked_database_is_unavailable_and_then_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that holds the database makes us wait and say so, not crash."""
    monkeypatch.setattr("state.sqlite.BUSY_MS", 50)
    state = SqliteState(path)
    await state.migrate()
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")

    with pytest.raises(StateUnavailableError, match="locked"):
        await state.apply(Batch([], {LOG: (0, 1)}))
    locker.execute("ROLLBACK")
    locker.close()

    await state.apply(Batch([], {LOG: (0, 1)}))
    assert {LOG: 1} == await state.positions()
    await state.close()
