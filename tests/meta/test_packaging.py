"""What is installed is what the program needs, and nothing else lands in site-packages."""

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGES = {"receiver", "eventlog", "schemas", "handlers", "state", "query", "voucherify_sync"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as an installer builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_the_listed_packages_only(wheel: zipfile.ZipFile) -> None:
    """No tests, benchmarks or docs are installed under generic names."""
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {*PACKAGES, "voucherify_sync-0.1.0.dist-info"} == tops


def test_the_wheel_has_what_is_no_python(wheel: zipfile.ZipFile) -> None:
    """SQL files and the markers of typed packages are there."""
    files = set(wheel.namelist())
    here = {str(path.relative_to(ROOT)) for path in (ROOT / "state" / "sql").rglob("*.sql")}

    assert here <= files
    assert {f"{package}/py.typed" for package in PACKAGES} <= files


def test_the_metadata(wheel: zipfile.ZipFile) -> None:
    """The wheel can't be uploaded by mistake, and says what it needs."""
    text = wheel.read("voucherify_sync-0.1.0.dist-info/METADATA").decode()
    metadata = Parser().parsestr(text)

    assert "Private :: Do Not Upload" in (metadata.get_all("Classifier") or [])
    assert (">=3.11", "Apache-2.0") == (metadata["Requires-Python"], metadata["License-Expression"])


def test_constraints_pin_without_hosts_or_hashes() -> None:
    """The constraints file names versions, and no place where they come from."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    pins = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in pin and "://" not in pin and "--" not in pin for pin in pins)


def test_every_dependency_is_pinned() -> None:
    """What the program and its tests need by name has a version in the constraints."""
    pins = {line.split("==")[0].lower() for line in _lines("constraints.txt")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {Requirement(line).name.lower() for line in project["dependencies"]}
    wanted |= {Requirement(line).name.lower() for line in _lines("requirements-dev.txt")}

    assert set() == {name.replace("_", "-") for name in wanted} - {
        pin.replace("_", "-") for pin in pins
    }


def _lines(name: str) -> list[str]:
    lines = (ROOT / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]
