"""The clock of the embedded database: this machine's, which its statements call `now_ms()`."""

import sqlite3
import time
from collections.abc import Callable

Clock = Callable[[], int]


def wall_clock_ms() -> int:
    """Milliseconds of this machine's clock."""
    return time.time_ns() // 1_000_000


def set_clock(db: sqlite3.Connection, now_ms: Clock) -> None:
    """Let the statements of a connection ask this clock."""
    db.create_function("now_ms", 0, now_ms)
