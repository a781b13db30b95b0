"""The laptop's compose file is valid by the specification's own program, and names what exists."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.go_tools import COMPOSE_SPEC
from tests.deploy.made import DEPLOY
from voucherify_sync.settings import PREFIX, Settings

pytestmark = pytest.mark.cluster

PARTS: Final = ("receiver", "handlers", "query")


@pytest.fixture(scope="module")
def services() -> Mapping[str, Any]:
    """The services, as an engine would be told of them."""
    folder = DEPLOY / "compose"
    done = subprocess.run(
        [str(COMPOSE_SPEC.path()), "-format", "json", "compose.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)["services"]
    return found


def test_every_part_runs_with_settings_that_exist(services: Mapping[str, Any]) -> None:
    """The settings are checked as at a start."""
    for part in PARTS:
        given = services[part]["environment"]
        Settings.model_validate({name.removeprefix(PREFIX).lower(): given[name] for name in given})
        assert {name.removeprefix(PREFIX).lower() for name in given} <= set(Settings.model_fields)
        assert [part] == services[part]["command"]


def test_files_that_are_mounted_are_there(services: Mapping[str, Any]) -> None:
    """An engine would make folders of those that are not."""
    for service in services.values():
        for volume in service.get("volumes", []):
            assert volume["type"] == "volume" or Path(volume["source"]).exists()


def test_it_listens_on_this_machine_alone(services: Mapping[str, Any]) -> None:
    """Its passwords stand in the file."""
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all("127.0.0.1" == port["host_ip"] for port in ports)


def test_images_of_others_have_a_version(services: Mapping[str, Any]) -> None:
    """What was tried together stays together."""
    images = {service["image"] for service in services.values() if "build" not in service}
    assert all(image.rpartition(":")[2][:1].isdigit() or ":v" in image for image in images)
