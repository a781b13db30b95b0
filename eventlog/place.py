"""Notices that a database file is deleted or replaced while it is open.

SQLite does not: it goes on reading and writing a file that has no name any more, and what is
written there is gone when the last process closes it.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SUFFIXES: Final = ("", "-wal", "-shm")

# Longer than a tick of any file system's clock: a change after it has another time of change.
_SETTLED_NS: Final = 3_000_000_000

_Inode = tuple[int, int]
_Folder = tuple[int, int, int]


class Place:
    """The names of an open database, its WAL and its shared memory, with the files behind them."""

    def __init__(self, path: Path) -> None:
        """Take what stands there now; the database has to be open."""
        self.path = path
        self._files = _files(path)
        self._quiet: _Folder | None = None

    def is_intact(self) -> bool:
        """Whether the same files still stand under the names.

        Called for every commit, and each look at the disk gives up the interpreter's lock. A folder
        with an old time of change had no deletion since: then one look is enough.
        """
        folder = _folder(self.path.parent)
        if folder is not None and folder == self._quiet:
            return True
        if _files(self.path) != self._files:
            return False
        if folder is not None and time.time_ns() - folder[-1] > _SETTLED_NS:
            self._quiet = folder
        return True

    def is_database_intact(self) -> bool:
        """Whether the database itself still stands there."""
        return _inode(self.path) == self._files[0]

    def leftovers(self) -> Iterator[Path]:
        """What still stands there of the files that were taken."""
        for suffix, inode in zip(SUFFIXES, self._files, strict=True):
            beside = Path(f"{self.path}{suffix}")
            if inode is not None and inode == _inode(beside):
                yield beside


def _files(path: Path) -> tuple[_Inode | None, ...]:
    return tuple(_inode(Path(f"{path}{suffix}")) for suffix in SUFFIXES)


def _inode(path: Path) -> _Inode | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _folder(path: Path) -> _Folder | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns
