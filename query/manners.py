"""How the query API treats its callers: how many at once, how long they wait, which web pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Manners:
    """`at_once` readers read the state, `in_line` more wait for `in_line_seconds` to do so.

    `waiters` may wait for up to `wait_seconds` until the state is complete up to a moment.
    """

    at_once: int = 16
    in_line: int = 512
    in_line_seconds: float = 2.0
    waiters: int = 5_000
    wait_seconds: float = 10.0
    origins: Collection[str] = ()


DEFAULT: Final = Manners()
