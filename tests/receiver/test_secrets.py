"""Secrets: where they come from, how a file of them is followed, and that they stay hidden."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from receiver.secrets import FileSecrets, FixedSecrets


class Seconds:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two secrets."""
    file = tmp_path / "secrets"
    file.write_text("one\ntwo\n")
    return file


@pytest.fixture
def seconds() -> Seconds:
    """The clock that says when to look at the file again."""
    return Seconds()


def later(secrets: FileSecrets, seconds: Seconds) -> tuple[bytes, ...]:
    """The secrets when it is time to look again."""
    seconds.now += 1
    return secrets.current()


def test_fixed_secrets() -> None:
    """They are given as they were set, in bytes."""
    assert (b"one", "zwölf".encode()) == FixedSecrets(["one", "", "zwölf"]).current()


def test_no_fixed_secrets() -> None:
    """A receiver without a secret could verify nothing."""
    with pytest.raises(ValueError, match="no webhook secret is given"):
        FixedSecrets([""])


@pytest.mark.parametrize(
    "content",
    [b"one\ntwo", b"\n  one \t\r\n\r\n two\r\n\n", b"\xef\xbb\xbfone\ntwo\n", b"one\rtwo\r"],
)
def test_a_file_has_one_secret_a_line(path: Path, content: bytes) -> None:
    """Blank lines, white space around, line ends and an editor's byte order mark don't count."""
    path.write_bytes(content)

    assert (b"one", b"two") == FileSecrets(path).current()


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "can't be read: No such file"), (b" \n\n", "holds no secret: write one a line")],
)
def test_a_file_without_secrets_at_the_start(
    path: Path, content: bytes | None, problem: str
) -> None:
    """It is refused with its name and what is wrong."""
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValueError, match=f"secrets {problem}"):
        FileSecrets(path)


def test_a_changed_file_is_read_again(path: Path, seconds: Seconds) -> None:
    """A second later, the new secrets hold; what is logged of it is how many there are."""
    secrets = FileSecrets(path, seconds=seconds)
    path.write_text("three\n")
    with capture_logs() as lines:
        found = later(secrets, seconds)

    assert (b"three",) == found
    assert [("secrets_changed", 1)] == [(line["event"], line["secrets"]) for line in lines]


def test_a_file_is_not_looked_at_for_every_delivery(path: Path, seconds: Seconds) -> None:
    """Within a second the disk is left alone."""
    secrets = FileSecrets(path, seconds=seconds)
    path.write_text("three\n")
    seconds.now += 0.9

    assert (b"one", b"two") == secrets.current()


def test_a_change_of_nothing_but_the_content(path: Path, seconds: Seconds) -> None:
    """A secret of the same length, written to the same file, is noticed by the time of change."""
    secrets = FileSecrets(path, seconds=seconds)
    path.write_text("eno\ntwo\n")
    os.utime(path, ns=(1, 1))

    assert (b"eno", b"two") == later(secrets, seconds)


def test_a_folder_that_kubernetes_swaps(tmp_path: Path, seconds: Seconds) -> None:
    """The file is a link into a linked folder that is exchanged at once."""
    for name, content in (("..1", "old\n"), ("..2", "new\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secrets").write_text(content)
        os.utime(tmp_path / name / "secrets", ns=(1, 1))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "secrets").symlink_to("..data/secrets")
    secrets = FileSecrets(tmp_path / "secrets", seconds=seconds)
    assert (b"old",) == secrets.current()
    (tmp_path / "..data_tmp").symlink_to("..2")
    (tmp_path / "..data_tmp").replace(tmp_path / "..data")

    assert (b"new",) == later(secrets, seconds)


@pytest.mark.parametrize("content", [None, b"", b"\n \n"])
def test_a_file_that_is_gone_or_empty_leaves_the_secrets(
    path: Path, seconds: Seconds, content: bytes | None
) -> None:
    """What holds goes on to hold, with one warning; what is written next holds then."""
    secrets = FileSecrets(path, seconds=seconds)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with capture_logs() as lines:
        found = [later(secrets, seconds) for _ in range(3)]
    path.write_text("three\n")

    assert [(b"one", b"two")] * 3 == found
    assert ["secrets_kept"] == [line["event"] for line in lines]
    assert (b"three",) == later(secrets, seconds)


def test_each_loss_is_warned_of(path: Path, seconds: Seconds) -> None:
    """A file that came back and went away again is worth another warning."""
    secrets = FileSecrets(path, seconds=seconds)
    with capture_logs() as lines:
        for _ in range(2):
            path.unlink()
            later(secrets, seconds)
            path.write_text("one\ntwo\n")
            later(secrets, seconds)

    assert ["secrets_kept", "secrets_kept"] == [line["event"] for line in lines]


def test_secrets_stay_hidden(path: Path, seconds: Seconds) -> None:
    """Neither a repr nor a log line shows one."""
    secrets = FileSecrets(path, seconds=seconds)
    shown = [repr(secrets), str(secrets), repr(FixedSecrets(["one", "two"]))]
    with capture_logs() as lines:
        path.write_text("three\n")
        later(secrets, seconds)
        path.unlink()
        later(secrets, seconds)

    assert "2 hidden" in shown[0]
    assert "2 hidden" in shown[2]
    assert not [word for word in ("one", "two", "three") if word in str([shown, lines])]
