"""docs/capacity.md shows what its model says."""

from itertools import pairwise
from pathlib import Path

from benchmarks.capacity import RATES, Known, tables

DOCUMENT = Path(__file__).parents[2] / "docs" / "capacity.md"


def test_the_tables_are_current() -> None:
    """Run `python -m benchmarks.capacity` if this fails, and put its tables in."""
    shown = DOCUMENT.read_text(encoding="utf-8").splitlines()

    assert [line for line in tables(Known()) if line] == [
        line for line in shown if line.startswith("|")
    ]


def test_more_needs_more() -> None:
    """Ten times the events: no fewer copies, no less of anything that is counted."""
    rows = [line.split("|") for line in tables(Known()) if line[2:3].isdigit()]

    for less, more in pairwise(rows[: len(RATES)]):
        assert int(less[2]) <= int(more[2])
        assert float(less[8]) < float(more[8])
