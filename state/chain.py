"""The balance chain: which ledger entry of a card came after which, and what balance is left.

Each entry leaves a balance; before it the card had that balance less the entry's points. So entries
link up: balance before + points = balance after. Entries of different milliseconds are ordered by
time. Several can share one millisecond (an accrual and the redemption it triggers): there the chain
orders them, not the clock and not their ids, which are opaque.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry: its moment in ms, its signed points (or gift amount), the balance after.

    `points` and `balance` are None where no telling of the entry carried them.
    """

    id: str
    at: int
    points: int | float | None
    balance: int | float | None

    @property
    def before(self) -> int | float | None:
        """The balance before the entry."""
        if self.points is None or self.balance is None:
            return None
        return self.balance - self.points


def order(entries: Sequence[Entry], start: int | float | None = None) -> list[Entry]:
    """The entries of one card, oldest first. The same for any order they are given in.

    `start` is the balance before them, where that is known.
    """
    ordered: list[Entry] = []
    by_time = sorted(entries, key=lambda entry: (entry.at, entry.id))
    for _, group in groupby(by_time, key=lambda entry: entry.at):
        balance = ordered[-1].balance if ordered else start
        ordered += _link(list(group), balance)
    return ordered


def has_one_beginning(entries: Sequence[Entry]) -> bool:
    """Whether entries of one millisecond tell by themselves where their chain begins.

    An accrual and its redemption in full, say, do not: they are a circle.
    """
    begins = Counter(entry.before for entry in entries)
    begins.subtract(entry.balance for entry in entries)
    return sum(surplus for surplus in begins.values() if surplus > 0) == 1


def _link(group: list[Entry], balance: int | float | None) -> list[Entry]:
    """Entries of one millisecond as their chain orders them, going on from a balance."""
    if len(group) == 1:
        return group
    left = _Left(group)
    linked: list[Entry] = []
    while len(linked) < len(group):
        linked += left.take_longest_path(left.start(balance))
        balance = linked[-1].balance
    return linked


class _Left:
    """The entries of one millisecond that are not linked yet.

    What is counted of them is kept up to date: there may be thousands that do not link up.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self._outgoing: dict[int | float | None, list[Entry]] = {}
        for entry in sorted(entries, key=lambda entry: entry.id, reverse=True):
            self._outgoing.setdefault(entry.before, []).append(entry)
        self._begins = Counter(entry.before for entry in entries if entry.before is not None)
        self._ends = Counter(entry.balance for entry in entries if entry.balance is not None)
        self._sources = {at for at in self._begins if self._begins[at] > self._ends[at]}

    def start(self, balance: int | float | None) -> int | float | None:
        """The balance where the chain of these entries begins.

        It is the one balance that more entries begin at than end at; in a circle the one that the
        entry before left; with nothing known before it the lowest, because what comes first in one
        millisecond is the accrual that triggers the rest.
        """
        if len(self._sources) == 1:
            return next(iter(self._sources))
        if not self._begins or balance in self._begins:
            return balance
        return min(self._sources or self._begins)

    def take_longest_path(self, start: int | float | None) -> list[Entry]:
        """A walk from a balance with as many entries as possible, each once (Hierholzer)."""
        walk: list[Entry] = []
        stack: list[Entry] = []
        while True:
            at = stack[-1].balance if stack else start
            if self._outgoing.get(at):
                stack.append(self._outgoing[at].pop())
            elif stack:
                walk.append(stack.pop())
            else:
                break
        walk.reverse()
        # From a balance that none begins at, none of those left tells where it begins.
        path = walk or [self._outgoing[None].pop()]
        self._forget(path)
        return path

    def _forget(self, path: list[Entry]) -> None:
        begins = [entry.before for entry in path if entry.before is not None]
        ends = [entry.balance for entry in path if entry.balance is not None]
        self._begins.subtract(begins)
        self._ends.subtract(ends)
        for at in {*begins, *ends}:
            if not self._begins[at]:
                del self._begins[at]
            if self._begins[at] > self._ends[at]:
                self._sources.add(at)
            else:
                self._sources.discard(at)
