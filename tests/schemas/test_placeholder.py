"""Ids of zeros are placeholders; everything else may be an id."""

import pytest

from schemas.placeholder import is_placeholder, without


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


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["proj_000", "proj_a"], ["proj_a"]),
        (["proj_000"], ["proj_000"]),
        (["proj_a", "proj_b"], ["proj_a", "proj_b"]),
        ([], []),
    ],
)
def test_without(told: list[str], expected: list[str]) -> None:
    """A placeholder is better than nothing: of a fresh installation it is all there is."""
    assert expected == without(told)
