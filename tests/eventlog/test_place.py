"""The place of an open file: what is noticed, and how little is looked at to notice it."""

import os
from pathlib import Path

import pytest

from eventlog import place
from eventlog.place import SUFFIXES, Place

LONG_AGO = 1_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with its WAL and its shared memory, in a folder where nothing happened lately."""
    database = tmp_path / "log.db"
    for suffix in SUFFIXES:
        Path(f"{database}{suffix}").touch()
    os.utime(tmp_path, ns=(LONG_AGO, LONG_AGO))
    return database


def test_what_is_in_place_is_intact(path: Path) -> None:
    """Writing to the files changes nothing about where they are."""
    here = Place(path)
    path.write_text("more")

    assert [True, True, True] == [here.is_intact(), here.is_intact(), here.is_database_intact()]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("before", [0, 2])
def test_what_is_deleted_is_noticed(path: Path, suffix: str, before: int) -> None:
    """Each of the three files, whether or not it was looked at before."""
    here = Place(path)
    looks = [here.is_intact() for _ in range(before)]
    Path(f"{path}{suffix}").unlink()

    assert [True] * before == looks
    assert not here.is_intact()
    assert here.is_database_intact() is bool(suffix)


def test_what_is_replaced_is_noticed(path: Path) -> None:
    """Another file under the same name is another file."""
    here = Place(path)
    assert here.is_intact()
    path.with_name("other").touch()
    path.with_name("other").rename(path)

    assert not here.is_intact()


def test_a_folder_that_is_moved_is_noticed(path: Path) -> None:
    """Also where another folder comes into its place."""
    here = Place(path)
    assert here.is_intact()
    path.parent.rename(path.parent.with_name("elsewhere"))
    assert not here.is_intact()
    path.parent.mkdir()

    assert not here.is_intact()


def test_a_quiet_folder_is_looked_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first look, one call of the system is enough for each commit."""
    here = Place(path)
    assert here.is_intact()
    looked: list[Path] = []
    monkeypatch.setattr(place, "_files", looked.append)

    assert [True, True] == [here.is_intact(), here.is_intact()]
    assert [] == looked


def test_a_folder_that_changed_lately_is_not_trusted(path: Path) -> None:
    """A deletion in the same tick of the clock leaves the same time of change."""
    now = os.stat(path).st_mtime_ns  # noqa: PTH116 - beside os.utime
    os.utime(path.parent, ns=(now, now))
    here = Place(path)
    assert here.is_intact()
    path.unlink()
    os.utime(path.parent, ns=(now, now))

    assert not here.is_intact()


def test_leftovers_are_what_was_taken(path: Path) -> None:
    """Files that came into the place since are somebody else's."""
    here = Place(path)
    path.unlink()
    wal = Path(f"{path}-wal")
    wal.rename(path.with_name("moved"))
    wal.touch()

    assert [Path(f"{path}-shm")] == list(here.leftovers())
