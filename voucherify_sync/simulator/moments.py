"""Simulated time: moments in whole milliseconds, days, and the clock of a world.

Voucherify writes moments with three fractional digits or with six. The digits after the third are
of no use to a reader, who can't compare them with a moment that has three; so they carry nothing.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = (datetime(2026, 3, 2, 7, 30, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
"""When every world begins."""


class At(int):
    """A moment in a payload, in milliseconds since 1970 in UTC; text once the payload is written.

    Takes an int, so a moment can be made of any number of milliseconds.
    """

    __slots__ = ()


@lru_cache(maxsize=4096)
def text(milliseconds: int, digits: int = 3) -> str:
    """ISO 8601 in UTC, with three or six fractional digits."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    fraction = f"{moment.microsecond // 1000:03d}"
    if digits == 6:
        fraction += f"{milliseconds * 7919 % 1000:03d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def parse(written: str) -> int:
    """Milliseconds of a moment with any number of fractional digits. Raises ValueError."""
    return (datetime.fromisoformat(written) - _EPOCH) // timedelta(milliseconds=1)


def date(milliseconds: int) -> str:
    """The day of a moment, in UTC."""
    return f"{_EPOCH + timedelta(milliseconds=milliseconds):%Y-%m-%d}"


def optional(milliseconds: int | None) -> At | None:
    """A moment, or null for what has not happened."""
    return None if milliseconds is None else At(milliseconds)


class Clock:
    """The time of a world. It stands still until it is moved."""

    def __init__(self, now: int) -> None:
        self.now = now

    def tick(self, low: int, high: int, share: float) -> int:
        """Let some milliseconds between low and high pass, as the share says; return the time."""
        self.now += low + int(share * (high - low + 1))
        return self.now
