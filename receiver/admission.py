"""How many deliveries may wait for the log at once; one more is refused.

Beyond what the receiver can do, deliveries wait behind each other, until Voucherify counts all of
them as failed instead of some. So there is a window for them, which goes as TCP's does: one that
took too long halves it, each that was quick opens it a little, and when nobody had to be refused
for a moment it is open for all. Pure: it is told the times.

A log that is slow by itself is no reason, hence the comparison with its own quickest answers; nor
is one that does not answer at all: then waiting is right, for as long as there is time and memory.
"""

from math import inf
from typing import Final

# Long enough for another quiet moment of the log to come, short enough to forget a better network.
_MEMORY_SECONDS: Final = 60.0
# For each window of quick answers: a window of 128 doubles in some 6,000 of them, a second or two.
_OPENED_BY: Final = 4
# Where nobody was refused for so long, no more comes than can be done.
_CALM_SECONDS: Final = 0.25


class Admission:
    """Never fewer than `always`; too long is `slack` seconds more than the quickest took."""

    def __init__(self, *, always: int, slack: float) -> None:
        self._always = always
        self._slack = slack
        self._window = inf
        self._halved_at = -inf
        self._refused_at = -inf
        self._quickest = inf
        self._quickest_before = inf
        self._memory_ends = -inf

    def is_open(self, waiting: int, now: float) -> bool:
        """Whether one more is let in while so many wait for the log."""
        if waiting < self._window:
            return True
        self._refused_at = now
        return False

    def took(self, seconds: float, now: float, waiting: int) -> None:
        """The log has a delivery after so many seconds, and so many wait for it still.

        `now` in seconds of any steady clock.
        """
        self._remember(seconds, now)
        if seconds <= min(self._quickest, self._quickest_before) + self._slack:
            is_over = now - self._refused_at > _CALM_SECONDS
            self._window = inf if is_over else self._window + _OPENED_BY / self._window
        elif now - seconds > self._halved_at:
            # Only by what was let in since: the others waited behind the same queue.
            self._halved_at = now
            self._window = max(self._always, min(self._window, waiting) / 2)

    def _remember(self, seconds: float, now: float) -> None:
        if now >= self._memory_ends:
            self._memory_ends = now + _MEMORY_SECONDS
            self._quickest_before, self._quickest = self._quickest, seconds
        elif seconds < self._quickest:
            self._quickest = seconds
