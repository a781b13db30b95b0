"""Whether one more delivery is let in, by how long the last one took.

Beyond what the receiver can do, deliveries wait behind each other, until Voucherify counts all of
them as failed instead of some. So while they queue, those that come are refused at once. Pure: it
is told the times.

A log that is slow by itself is no reason, hence the comparison with its own quickest answers; nor
is one that does not answer at all: then waiting is right, for as long as there is time and memory.
"""

from math import inf
from typing import Final

# Long enough for another quiet moment of the log to come, short enough to forget a better network.
_WINDOW_SECONDS: Final = 60.0


class Admission:
    """Refuses while more than `always` wait and the last took `slack` seconds over the quickest."""

    def __init__(self, *, always: int, slack: float) -> None:
        self._always = always
        self._slack = slack
        self._last = 0.0
        self._quickest = inf
        self._quickest_before = inf
        self._window_ends = -inf

    def is_open(self, waiting: int) -> bool:
        """Whether one more is let in while so many wait for the log."""
        if waiting < self._always:
            return True
        return self._last <= min(self._quickest, self._quickest_before) + self._slack

    def took(self, seconds: float, now: float) -> None:
        """The log has a delivery after so many seconds; `now` in seconds of any steady clock."""
        self._last = seconds
        if now >= self._window_ends:
            self._window_ends = now + _WINDOW_SECONDS
            self._quickest_before, self._quickest = self._quickest, seconds
        elif seconds < self._quickest:
            self._quickest = seconds
