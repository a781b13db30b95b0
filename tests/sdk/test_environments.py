"""What is said where an SDK can't be fetched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sdk import environments
from tests.services.cache import ServiceMissingError


@pytest.mark.parametrize("fetch", [environments.python, environments.javascript])
def test_without_a_registry_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fetch: Callable[[], object]
) -> None:
    """In one line, with the registry client's last words, and leaves nothing behind."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(ServiceMissingError, match=r"need the network once\): .*No matching"):
        fetch()
    assert [] == list(tmp_path.glob("*/*"))
