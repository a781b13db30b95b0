"""What is made from something else is made from what that says now."""

from pathlib import Path

import pytest

from tests.deploy.made import DEPLOY, made


@pytest.mark.parametrize("path", made(), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_it_is_up_to_date(path: Path) -> None:
    """Else: python -m tests.deploy.made."""
    assert made()[path] == path.read_text()
