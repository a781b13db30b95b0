"""Ids of zeros are placeholders; everything else may be an id."""

import pytest

from schemas.placeholder import is_placeholder


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        ("proj_000000000000", True),
        ("00000000-0000-0000-0000-000000000000", True),
        ("0", True),
        ("proj_0001", False),
        ("proj_", False),
        ("", False),
        ("o0o", False),
        ("proj_test", False),
    ],
)
def test_is_placeholder(id_: str, expected: bool) -> None:
    """Zeros only, whatever the prefix and length."""
    assert expected == is_placeholder(id_)
