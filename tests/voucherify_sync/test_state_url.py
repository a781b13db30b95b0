"""The database's URL is followed as its file changes, as far as it may be."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voucherify_sync.settings import Settings, SettingsError
from voucherify_sync.state_url import FollowedUrl


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the URL of a database."""
    path = tmp_path / "url"
    path.write_text("postgresql://sync:first@host/sync\n")
    return path


@pytest.fixture
def followed(file: Path) -> FollowedUrl:
    """What is followed there."""
    return FollowedUrl(Settings.model_validate({"state_file": file}).state_url)


def test_user_and_password_may_change(followed: FollowedUrl, file: Path) -> None:
    """They hold from the next connection on; the log line has neither."""
    with capture_logs() as lines:
        file.write_text("postgresql://other:second@host/sync\n")
        assert "postgresql://other:second@host/sync" == followed()
        assert "postgresql://other:second@host/sync" == followed()
    assert [("state_url_changed", "PostgreSQL database sync at host:5432")] == [
        (line["event"], line["database"]) for line in lines
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postgresql://sync:second@elsewhere/sync\n", "needs a restart"),
        ("postgresql://sync:second@host/other\n", "needs a restart"),
        ("sqlite:///state.db\n", "postgresql://"),
        ("", "postgresql://"),
        (None, "can't be read"),
    ],
)
def test_what_can_not_be_followed_leaves_what_holds(
    followed: FollowedUrl, file: Path, text: str | None, said: str
) -> None:
    """Another database, no URL, no file: one warning, without the password, and no change."""
    with capture_logs() as lines:
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
        assert ["postgresql://sync:first@host/sync"] * 2 == [followed(), followed()]
    (line,) = lines
    assert "state_url_kept" == line["event"]
    assert said in line["problem"]
    assert "second" not in str(line)


def test_no_url_at_the_start(tmp_path: Path) -> None:
    """It is refused as any setting is."""
    (tmp_path / "url").write_text("nowhere")
    with pytest.raises(SettingsError, match="STATE"):
        FollowedUrl(Settings.model_validate({"state_file": tmp_path / "url"}).state_url)
