"""The SQLite file: every trouble is one error that names the file and the mend, and passes."""

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from eventlog import batches, log_file
from eventlog.log import LogUnavailableError
from eventlog.log_file import LogFile, transaction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log will be; its folder does not exist yet."""
    return tmp_path / "data" / "log.db"


@pytest.fixture
def file(path: Path) -> Iterator[LogFile]:
    """A log file that nothing was done with, closed at the end."""
    opened = LogFile(path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "BUSY_SECONDS", 0.05)


def append(file: LogFile, *packed: bytes) -> None:
    """Commit a batch."""
    file.write(lambda db: batches.append(db, packed, 0))


def end(file: LogFile) -> int:
    """How many records were ever appended."""
    return file.read(batches.end)


def read_by_another(path: Path) -> int:
    """The end as a process sees it that opens the file anew."""
    other = LogFile(path)
    try:
        return end(other)
    finally:
        other.close()


def locked() -> sqlite3.OperationalError:
    """What SQLite raises where another program holds a lock."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


@contextmanager
def write_lock(path: Path) -> Iterator[None]:
    """Another program that holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def remove(path: Path, *suffixes: str) -> None:
    """Delete the file with these endings."""
    for suffix in suffixes:
        Path(f"{path}{suffix}").unlink()


def test_nothing_is_made_before_the_first_use(file: LogFile, path: Path) -> None:
    """Building the object touches no disk; the first use makes folder and file."""
    assert not path.parent.exists()
    append(file, b"1")

    assert path.exists()


def test_a_commit_is_durable(file: LogFile) -> None:
    """The journal is a WAL, and a commit returns after the fsync."""
    settings = ("journal_mode", "synchronous", "fullfsync", "page_size")

    def ask(db: sqlite3.Connection) -> list[object]:
        return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in settings]

    assert ["wal", 2, 1, 16_384] == file.read(ask)


def test_a_file_opened_again_goes_on(file: LogFile, path: Path) -> None:
    """The same file is the same log, with the same name for its one partition."""
    append(file, b"1")
    file.close()
    again = LogFile(path)
    append(again, b"2")
    again.close()

    assert 2 == end(file)
    assert again.partition == file.partition


def test_a_locked_file(file: LogFile, path: Path) -> None:
    """Another program's lock is waited for briefly, then named; without it, all works again."""
    append(file, b"1")
    with (
        write_lock(path),
        pytest.raises(LogUnavailableError, match=r"log\.db is locked by another"),
    ):
        append(file, b"2")
    append(file, b"3")

    assert 2 == end(file)


@pytest.mark.parametrize(("patience", "refusals"), [(10, 2), (0, 1)])
def test_another_process_that_makes_the_file(
    file: LogFile, monkeypatch: pytest.MonkeyPatch, patience: float, refusals: int
) -> None:
    """The switch to a WAL is tried again for a while, since SQLite itself does not wait there."""
    monkeypatch.setattr(log_file, "BUSY_SECONDS", patience)
    left = refusals

    class Stubborn(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            nonlocal left
            if "journal_mode" in sql and left:
                left -= 1
                raise locked()
            return super().execute(sql, *values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Stubborn))
    if not patience:
        with pytest.raises(LogUnavailableError, match="is locked by another program"):
            append(file, b"0")
    append(file, b"1")

    assert (0, 1) == (left, end(file))


def test_a_file_that_can_not_grow(file: LogFile) -> None:
    """SQLite's own word for a full disk: nothing of the batch is there, and it passes."""
    append(file, b"1")
    file.read(lambda db: db.execute("PRAGMA max_page_count = 8").fetchone())

    with pytest.raises(LogUnavailableError, match=r"log\.db can't grow: the disk is full; free"):
        append(file, b"x" * 1_000_000)
    assert 1 == end(file)
    append(file, b"x" * 1_000_000)
    assert 2 == end(file)


def test_a_disk_that_takes_no_more(file: LogFile, path: Path) -> None:
    """A write that the system really refuses: an error, and no half of a batch; then it passes."""
    append(file, b"1")
    used = Path(f"{path}-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (used + 100_000, before[1]))
    try:
        with pytest.raises(LogUnavailableError, match=r"log\.db can't be read or written: check"):
            append(file, b"x" * 1_000_000)
        assert 1 == end(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    append(file, b"x" * 1_000_000)

    assert 2 == end(file)
    assert 2 == read_by_another(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(file: LogFile, path: Path) -> None:
    """Missing rights are named, and with them it works."""
    path.parent.mkdir()
    path.parent.chmod(0o500)
    with pytest.raises(LogUnavailableError, match=r"log\.db can't be opened"):
        append(file, b"1")
    path.parent.chmod(0o700)
    append(file, b"1")

    assert 1 == end(file)


def test_a_folder_that_is_a_file(file: LogFile, path: Path) -> None:
    """A path that can't be is named with the system's reason."""
    path.parent.write_text("in the way")
    with pytest.raises(LogUnavailableError, match=r"log\.db can't be opened: "):
        append(file, b"1")
    path.parent.unlink()
    append(file, b"1")

    assert 1 == end(file)


def test_a_path_that_is_a_folder(file: LogFile, path: Path) -> None:
    """SQLite's refusal to open is named."""
    path.mkdir(parents=True)

    with pytest.raises(
        LogUnavailableError, match=r"log\.db can't be opened: check that its folder"
    ):
        append(file, b"1")


def test_a_damaged_file(file: LogFile, path: Path) -> None:
    """What is no database is never written over; moved away, a new log begins."""
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(LogUnavailableError, match=r"log\.db is no database; move it away"):
        append(file, b"1")
    path.rename(path.with_suffix(".broken"))
    append(file, b"1")

    assert 1 == end(file)


def test_pages_that_are_damaged(file: LogFile, path: Path) -> None:
    """A database whose pages were written over says so, instead of giving odd records."""
    append(file, *[b"x" * 5_000] * 100)
    file.close()
    with path.open("r+b") as raw:
        raw.seek(16_384)
        raw.write(b"\xff" * 16_384 * 4)

    with pytest.raises(LogUnavailableError, match=r"log\.db is damaged; move it away"):
        end(file)


def test_the_database_of_something_else(file: LogFile, path: Path) -> None:
    """A database that is no log (the state's, say) stays as it is."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE thing (id)")

    with pytest.raises(
        LogUnavailableError, match="is the database of something else; name another"
    ):
        append(file, b"1")
    assert "log.db" == ",".join(entry.name for entry in path.parent.iterdir())


def test_a_log_of_a_newer_program(file: LogFile) -> None:
    """A format that this program does not know is not touched."""
    append(file, b"1")
    file.read(lambda db: db.execute("PRAGMA user_version = 2"))
    file.close()

    with pytest.raises(LogUnavailableError, match="is of a newer voucherify-sync"):
        append(file, b"2")


def test_a_log_without_its_mark(file: LogFile) -> None:
    """A file in which the table `log` was emptied acknowledges nothing, open or opened anew."""
    append(file, b"1")
    file.read(lambda db: db.execute("DELETE FROM log"))

    for use in (lambda: append(file, b"2"), lambda: end(file), lambda: append(file)):
        with pytest.raises(LogUnavailableError, match="the table `log` is empty"):
            use()
        with pytest.raises(LogUnavailableError, match="the table `log` is empty"):
            use()


def test_an_open_file_without_its_mark(file: LogFile) -> None:
    """The same, noticed by the connection that has the file open."""

    def empty_and_ask(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM log")
        batches.end(db)

    with pytest.raises(LogUnavailableError, match="the table `log` is empty"):
        file.read(empty_and_ask)


@pytest.mark.parametrize("gone", [("", "-wal", "-shm"), ("", "-wal"), ("", "-shm"), ("",)])
def test_a_deleted_file(file: LogFile, path: Path, gone: tuple[str, ...]) -> None:
    """What is appended after a deletion is in a file that is there, under another name."""
    append(file, b"1")
    before = file.partition
    remove(path, *gone)
    append(file, b"2")

    assert (1, 1) == (end(file), read_by_another(path))
    assert before != file.partition


def test_a_file_deleted_with_others_at_work(file: LogFile, path: Path) -> None:
    """Two connections that had the deleted file open meet again in the new one."""
    other = LogFile(path)
    append(file, b"1")
    assert 1 == end(other)
    remove(path, "")
    append(file, b"2")
    append(other, b"3")
    append(file, b"4")

    assert (3, 3, 3) == (end(file), end(other), read_by_another(path))
    other.close()


def test_a_file_deleted_before_a_process_begins(file: LogFile, path: Path) -> None:
    """What another process still holds of a deleted file is not taken for the new one's."""
    append(file, b"1")
    remove(path, "")
    beginner = LogFile(path)
    append(beginner, b"2")
    append(file, b"3")

    assert (2, 2, 2) == (end(beginner), end(file), read_by_another(path))
    beginner.close()


def test_a_file_deleted_in_the_middle(file: LogFile, path: Path) -> None:
    """A commit into a file that went away meanwhile is not acknowledged."""
    append(file, b"1")

    def delete_and_append(db: sqlite3.Connection) -> None:
        remove(path, "", "-wal", "-shm")
        batches.append(db, [b"2"], 0)

    with pytest.raises(LogUnavailableError, match="was deleted or replaced while in use"):
        file.write(delete_and_append)
    append(file, b"3")

    assert 1 == read_by_another(path)


@pytest.mark.parametrize("gone", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_a_deleted_journal(file: LogFile, path: Path, gone: tuple[str, ...]) -> None:
    """What stood in the -wal alone is saved by the connection that still has it open."""
    append(file, b"1")
    remove(path, *gone)
    append(file, b"2")

    assert (2, 2) == (end(file), read_by_another(path))


@pytest.mark.parametrize("gone", [("-wal",), ("-wal", "-shm")])
def test_a_journal_deleted_with_others_at_work(
    file: LogFile, path: Path, gone: tuple[str, ...]
) -> None:
    """What one connection committed is saved, though another one keeps the file open."""
    other = LogFile(path)
    append(file, b"1")
    assert 1 == end(other)
    remove(path, *gone)
    append(file, b"2")
    append(other, b"3")

    assert (3, 3, 3) == (end(file), end(other), read_by_another(path))
    other.close()


def test_a_replaced_file(file: LogFile, path: Path) -> None:
    """Another log moved into the place of an open one is used from then on, and not harmed."""
    other_path = path.with_name("other.db")
    other = LogFile(other_path)
    append(other, b"1", b"2", b"3")
    other.close()
    append(file, b"1")
    other_path.rename(path)
    append(file, b"4")

    assert (4, 4) == (end(file), read_by_another(path))


def test_a_folder_that_vanished(file: LogFile, path: Path) -> None:
    """A folder that went away is not made anew, because its disk may come back; then it works."""
    append(file, b"1")
    shutil.move(path.parent, path.parent.with_name("elsewhere"))
    with pytest.raises(LogUnavailableError, match="its folder is gone; bring it back"):
        append(file, b"2")
    with pytest.raises(LogUnavailableError, match="its folder is gone"):
        end(file)
    shutil.move(path.parent.with_name("elsewhere"), path.parent)
    append(file, b"3")

    assert (2, 2) == (end(file), read_by_another(path))


def test_the_space_on_a_disk_that_is_gone(file: LogFile) -> None:
    """Where the folder does not exist, no space is left."""
    with pytest.raises(LogUnavailableError, match="No such file or directory"):
        file.require_space()


def test_a_linked_file(file: LogFile, path: Path) -> None:
    """A link is followed, and the files beside what it points to are watched."""
    real = path.parent.with_name("disk") / "log.db"
    real.parent.mkdir()
    path.parent.mkdir()
    path.symlink_to(real)
    append(file, b"1")
    remove(real, "", "-wal", "-shm")
    append(file, b"2")

    assert 1 == read_by_another(real)


def test_a_transaction_that_fails_is_taken_back(file: LogFile) -> None:
    """Whatever is raised in it, nothing of it stays and the lock is let go."""

    def fail(db: sqlite3.Connection) -> None:
        with transaction(db):
            batches_before = db.execute("UPDATE log SET next = 99").rowcount
            assert 1 == batches_before
            raise KeyError("for once")

    with pytest.raises(KeyError):
        file.read(fail)
    append(file, b"1")

    assert 1 == end(file)


def test_a_transaction_left_open_is_taken_back(file: LogFile) -> None:
    """An error in the middle of a transaction leaves no lock behind."""

    def leave_open(db: sqlite3.Connection) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE log SET next = 99")
        raise locked()

    with pytest.raises(LogUnavailableError, match="is locked"):
        file.read(leave_open)
    append(file, b"1")

    assert 1 == end(file)
