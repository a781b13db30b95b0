"""What is said where a machine lacks what the broker needs."""

from pathlib import Path

import pytest

from tests.services import kafka_jars
from tests.services.cache import ServiceMissingError


def test_without_maven_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In one line, and leaves nothing behind."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceMissingError, match=r"need Maven .* apt-get install maven"):
        kafka_jars.jars()
    assert [] == list(tmp_path.glob("*/*"))


def test_a_java_that_can_not_run_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """JAVA_HOME may be wrong and another Java there."""
    there = kafka_jars.java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert there == kafka_jars.java()
