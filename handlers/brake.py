"""Stops the handlers where most of what they read fails: that is a bad release, not bad events.

Without it, a defect in understanding would put the whole topic into dead letters within minutes.
"""

from collections import deque
from typing import Final

_REMEMBERED: Final = 100
_LEAST: Final = 20


class BrakeError(Exception):
    """Most events fail. Nothing of the batch was applied; it is read again later."""


class Brake:
    """Counts how the last events went; `limit` is the share of failures that is too much (0 to 1).

    With a limit of 1 it never stops anything. Fewer than 20 failures among the last 100 events and
    the batch at hand never do.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._failures: deque[bool] = deque(maxlen=_REMEMBERED)

    def allow(self, failed: int, of: int) -> None:
        """Raise BrakeError where a batch with so many failures would go over the limit."""
        failures = failed + sum(self._failures)
        events = of + len(self._failures)
        if failed and failures >= _LEAST and failures > self._limit * events:
            raise BrakeError(
                f"{failures} of the last {events} events can't be applied, more than "
                f"{self._limit:.0%}: the handlers stopped, because this release may be wrong. "
                "Nothing is lost; install one that understands the events (the log lines "
                "`dead_letter` name the errors), or set VOUCHERIFY_SYNC_DEAD_LETTER_BRAKE=1 to put "
                "them all into dead letters"
            )

    def note(self, failed: int, of: int) -> None:
        """Remember how an applied batch went."""
        self._failures.extend([False] * min(of - failed, _REMEMBERED))
        self._failures.extend([True] * min(failed, _REMEMBERED))
