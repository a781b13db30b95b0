"""The clock of this process. What needs the time is given one, so that tests can give theirs."""

from time import time_ns


def now_ms() -> int:
    """Milliseconds since 1970 in UTC."""
    return time_ns() // 1_000_000
