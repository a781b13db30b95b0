"""A version is the same for the same rows, and for no others."""

from decimal import Decimal
from itertools import combinations
from typing import Any

from state.seen import Seen

READS: list[list[list[tuple[Any, ...]]]] = [
    [],
    [[]],
    [[], []],
    [[("a", "b")]],
    [[("ab",)]],
    [[("a",), ("b",)]],
    [[("a",)], [("b",)]],
    [[("b",), ("a",)]],
    [[(b"a", "b")]],
    [[(1,)]],
    [[(1.0,)]],
    [[(True,)]],
    [[("1",)]],
    [[(None,)]],
    [[("\ud800",)]],
    [[(Decimal("1.0"),)]],
    [[(Decimal("1.00"),)]],
]


def version(reads: list[list[tuple[Any, ...]]], beginning: bytes = b"") -> str:
    """Of the rows of these statements."""
    seen = Seen(beginning)
    for rows in reads:
        seen.rows(rows)
    return seen.version()


def test_the_same_rows() -> None:
    """However they are held."""
    for reads in READS:
        copied = [[(*row,) for row in rows] for rows in reads]
        assert version(reads) == version(copied)
        assert version(reads) != version(reads, b"other code")


def test_other_rows() -> None:
    """Whichever of them differs, and however little."""
    for one, other in combinations(READS, 2):
        assert version(one) != version(other), (one, other)


def test_what_else_matters() -> None:
    """It is no row and can't be mistaken for another."""
    versions = set()
    for added in [(), ("a",), ("a", "b"), ("ab",), ("b", "a")]:
        seen = Seen()
        seen.add(*added)
        versions.add(seen.version())

    assert 5 == len(versions)
