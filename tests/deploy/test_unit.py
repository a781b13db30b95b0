"""The systemd unit: what it reads is there, and can change while it runs."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.made import DEPLOY
from voucherify_sync.settings import PREFIX, Settings

UNIT: Final = DEPLOY / "voucherify-sync.service"
README: Final = (DEPLOY / "README.md").read_text()


@pytest.fixture
def service() -> dict[str, list[str]]:
    """What `[Service]` says, each key with all its values."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    _, _, lines = UNIT.read_text().partition("[Service]\n")
    for line in lines.partition("\n[")[0].splitlines():
        key, _, value = line.partition("=")
        found[key].append(value)
    return dict(found)


def test_settings_are_settings(service: dict[str, list[str]]) -> None:
    """Every variable is one of this version."""
    given = dict(line.split("=", 1) for line in service["Environment"])
    ours = {name.removeprefix(PREFIX).lower() for name in given if name.startswith(PREFIX)}
    assert set() == ours - set(Settings.model_fields)


def test_secrets_can_change_while_it_runs(service: dict[str, list[str]]) -> None:
    """The installed file itself is read, by its group; credentials are copies made at the start."""
    given = dict(line.split("=", 1) for line in service["Environment"])
    installed = re.search(r"^install -m 640 -g (\S+) -D secrets (\S+)$", README, flags=re.M)
    assert installed
    (group,) = service["SupplementaryGroups"]
    assert (group, given[f"{PREFIX}WEBHOOK_SECRETS_FILE"]) == installed.groups()
    assert f"groupadd --system {group}\n" in README
    assert [] == [key for key in service if "Credential" in key]


def test_systemd_takes_it(tmp_path: Path) -> None:
    """Every key is known and has a value that makes sense."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub("ExecStart=.*", "ExecStart=/bin/true", UNIT.read_text()))
    done = subprocess.run(
        [analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert [] == [line for line in done.stderr.splitlines() if UNIT.name in line]
