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


def _link(group: list[Entry], balance: int | float | None) -> list[Entry]:
    """Entries of one millisecond as their chain orders them, going on from a balance."""
    if len(group) == 1:
        return group
    linked: list[Entry] = []
    left = list(group)
    while left:
        path = _longest_path(left, _start(left, balance))
        linked += path
        taken = {entry.id for entry in path}
        left = [entry for entry in left if entry.id not in taken]
        balance = linked[-1].balance
    return linked


def _start(entries: list[Entry], balance: int | float | None) -> int | float | None:
    """The balance where the chain of these entries begins.

    It is the one balance that more entries begin at than end at; in a circle the one that the entry
    before left; with nothing known before it the lowest, because what comes first in one
    millisecond is the accrual that triggers the rest.
    """
    begins = Counter(entry.before for entry in entries if entry.before is not None)
    ends = Counter(entry.balance for entry in entries if entry.balance is not None)
    sources = [before for before in begins if begins[before] > ends[before]]
    if len(sources) == 1:
        return sources[0]
    if not begins or balance in begins:
        return balance
    return min(sources or begins)


def _longest_path(entries: list[Entry], start: int | float | None) -> list[Entry]:
    """A walk from a balance that uses as many entries as possible, each once (Hierholzer)."""
    outgoing: dict[int | float | None, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.id, reverse=True):
        outgoing.setdefault(entry.before, []).append(entry)
    walk: list[Entry] = []
    stack: list[Entry] = []
    while True:
        at = stack[-1].balance if stack else start
        if outgoing.get(at):
            stack.append(outgoing[at].pop())
        elif stack:
            walk.append(stack.pop())
        else:
            break
    walk.reverse()
    return walk or [min(entries, key=lambda entry: entry.id)]
