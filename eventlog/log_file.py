"""The SQLite file of the embedded log: opened at first use, opened anew after trouble.

Stands under `embedded.py` and says in `LogUnavailableError` what SQLite says in error codes.
"""

import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from eventlog.log import LogUnavailableError, Partition
from eventlog.place import Place
from schemas import named_sql

T = TypeVar("T")

BUSY_SECONDS: Final = 1.5
LEAST_FREE_BYTES: Final = 4 * 1024 * 1024
APPLICATION_ID: Final = 0x76_73_6C_67  # "vslg", so that no other database is taken for a log
VERSION: Final = 1

_PRAGMAS: Final = (
    # The commit returns after the fsync; on macOS only `fullfsync` reaches the disk.
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    # 16 MiB: a checkpoint stalls the commits behind it, so it is neither rare nor large.
    "PRAGMA wal_autocheckpoint = 1024",
    "PRAGMA journal_size_limit = 67108864",
    # Trimmed pages are soon written over; zeroing each of them would double the work of trimming.
    "PRAGMA secure_delete = FAST",
)

_MENDS: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another program; end what holds it (a backup, a shell)",
    sqlite3.SQLITE_LOCKED: "is locked by another program; end what holds it (a backup, a shell)",
    sqlite3.SQLITE_FULL: "can't grow: the disk is full; free some space on it",
    sqlite3.SQLITE_READONLY: "can't be written: let this user write it and its folder",
    sqlite3.SQLITE_PERM: "can't be opened: let this user read and write it and its folder",
    sqlite3.SQLITE_CANTOPEN: "can't be opened: check that its folder exists and can be written",
    sqlite3.SQLITE_IOERR: "can't be read or written: check the disk and the space on it",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away with its -wal and -shm, and a new one begins",
    sqlite3.SQLITE_NOTADB: "is no database; move it away, and a new one begins",
}
_WAITING_HELPS: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_REOPENING: Final = threading.Lock()


class LogFile:
    """One connection to the file, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._db: sqlite3.Connection | None = None
        self._place: Place | None = None
        self.partition = Partition("embedded", 0)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` makes of the open file. Raises LogUnavailableError."""
        try:
            return work(self._open_file())
        except sqlite3.Error as error:
            self._recover(error)
            raise unavailable(self._path, error) from error
        except OSError as error:
            raise LogUnavailableError(
                f"event log {self._path} can't be opened: {error.strerror}"
            ) from error

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `read`, and raises where what was written is in a file that is no longer there."""
        result = self.read(work)
        if self._place is None or not self._place.is_intact():
            raise LogUnavailableError(
                f"event log {self._path} was deleted or replaced while in use"
            )
        return result

    def require_space(self) -> None:
        """Raise LogUnavailableError where the disk is all but full, before a batch fails."""
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError as error:
            raise LogUnavailableError(f"event log {self._path}: {error.strerror}") from error
        if free < LEAST_FREE_BYTES:
            raise LogUnavailableError(
                f"event log {self._path}: its disk has {free >> 10} KiB left; free some space on it"
            )

    def close(self) -> None:
        """Let go of the file. A later use opens it again."""
        if self._db:
            self._db.close()
            self._db = None

    def _open_file(self) -> sqlite3.Connection:
        if self._db and self._place and self._place.is_intact():
            return self._db
        # One at a time: what one connection leaves, the other must not find half removed.
        with _REOPENING:
            if self._db and self._place:
                self._leave(self._db, self._place)
            self._make_folder()
            real = self._path.resolve()  # SQLite keeps -wal and -shm beside the file itself
            self._db = _connect(real)
            self._place = Place(real)
            self.partition = _partition(self._db)
            return self._db

    def _make_folder(self) -> None:
        """Make the folder, but not in place of one that vanished: its disk may come back."""
        if self._place is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        elif not self._path.parent.is_dir():
            raise LogUnavailableError(
                f"event log {self._path}: its folder is gone; bring it back (is a disk unmounted?)"
            )

    def _leave(self, db: sqlite3.Connection, place: Place) -> None:
        """Leave a file that is not in its place, or not whole.

        Where only the -wal is gone, this connection alone still has what it holds, and saves it.
        Where the file is gone, its -wal and -shm go, too: they must not be read with a new one.
        """
        if place.is_database_intact():
            with suppress(sqlite3.Error):
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for leftover in place.leftovers():
                leftover.unlink(missing_ok=True)
        self.close()

    def _recover(self, error: sqlite3.Error) -> None:
        if self._db and self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        # After a failed write or fsync it is unknown what the connection's pages are worth.
        if _code(error) not in _WAITING_HELPS:
            self.close()


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction that takes the write lock at once, and takes all back when anything fails."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def unavailable(path: Path, error: sqlite3.Error) -> LogUnavailableError:
    """SQLite's error in words that name the file and the mend."""
    mend = _MENDS.get(_code(error), "can't be used")
    return LogUnavailableError(f"event log {path} {mend} ({error})")


def _code(error: sqlite3.Error) -> int:
    """The primary result code; -1 where the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _refuse_foreign(db, path)
        db.execute("PRAGMA page_size = 16384")  # three usual webhooks a page; for a new file only
        _switch_to_wal(db)
        for pragma in _PRAGMAS:
            db.execute(pragma)
        _create(db)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_foreign(db: sqlite3.Connection, path: Path) -> None:
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application_id != APPLICATION_ID:
        raise LogUnavailableError(
            f"{path} is the database of something else; name another file for the event log"
        )
    if version > VERSION:
        raise LogUnavailableError(
            f"event log {path} is of a newer voucherify-sync (format {version}, here {VERSION}): "
            "upgrade this one"
        )


def _switch_to_wal(db: sqlite3.Connection) -> None:
    """SQLite does not wait here by itself while another process makes the same switch."""
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) not in _WAITING_HELPS or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _create(db: sqlite3.Connection) -> None:
    """Make what a new file lacks; of several processes the first one does it."""
    if _is_created(db):
        return
    sql = named_sql.load("eventlog", "embedded.sql")
    with transaction(db):
        if not _is_created(db):
            for name in ("create_log", "create_batch", "create_advance"):
                db.execute(sql[name])
            db.execute(sql["begin_log"], (secrets.token_hex(4),))
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {VERSION}")


def _is_created(db: sqlite3.Connection) -> bool:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return bool(version)


def _partition(db: sqlite3.Connection) -> Partition:
    """The one partition of this file.

    Its name differs from file to file: where a file was deleted, positions in the old one must not
    be taken for positions in the new one, or as many of its records would be skipped.
    """
    row = db.execute(named_sql.load("eventlog", "embedded.sql")["generation"]).fetchone()
    if row is None:
        raise sqlite3.DatabaseError("the table `log` is empty")
    return Partition(f"embedded-{row[0]}", 0)
