"""Many rows as the parameters of one statement."""

from collections.abc import Sequence
from typing import Any


def columns(rows: Sequence[Sequence[Any]], width: int) -> Sequence[Sequence[Any]]:
    """Rows turned into the columns that `unnest` makes rows of again."""
    return list(zip(*rows, strict=True)) if rows else [()] * width
