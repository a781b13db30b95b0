"""Holes in a card's ledger: where entries must be missing, because those that are there do not fit.

Each entry tells the balance before and after it (see `state/chain.py`), so a complete ledger is one
unbroken walk from balance to balance: from what the card was created with to what was told of it
last. A hole is where no order that the moments allow makes such a walk. What leaves no trace in a
balance (lost entries that cancel each other out) is no hole, and what was never told (a beginning
before our time, an entry without its points) proves none. Pure: which part of a ledger is looked at
and where holes are kept, the databases decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby, pairwise

from state import chain
from state.chain import Entry

Number = int | float


@dataclass(frozen=True, slots=True)
class Told:
    """A balance that was told of the card itself, and as of when, in ms."""

    at: int
    balance: Number


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of a ledger, or of its end from one entry on.

    `opening` is what the card was created with: None where that was not told, and where the ledger
    is looked at from a later entry on. `newest` is what was told last of the card itself. `loose`
    are the entries of which nobody told when they were made; they may stand anywhere.
    """

    entries: Sequence[Entry]
    opening: Told | None = None
    newest: Told | None = None
    loose: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Hole:
    """Entries are missing between two entries: after one and before the other, by their ids.

    `after` is None where the first ones are missing, `before` where it shows by the balance that
    was told of the card later. The missing ones were made between `since` and `until` (in ms) and
    come to so many points, or so much of a gift card's amount.
    """

    after: str | None
    before: str | None
    since: int
    until: int
    points: Number


@dataclass(frozen=True, slots=True)
class _Break:
    """A step of the walk that does not fit: one balance was left, another one is needed."""

    after: str | None
    before: str | None
    since: int
    until: int
    left: Number
    needed: Number


def holes(ledger: Ledger) -> list[Hole]:
    """The holes of a ledger, oldest first. The same for any order its entries are given in."""
    if any(entry.before is None for entry in ledger.loose):
        return []  # it may be the very one that seems to be missing
    scale = _scale(ledger)
    exact = _scaled(ledger, scale)
    walk = _Walk(exact.opening if _begins_with(exact.opening, exact.entries) else None)
    by_time = sorted(exact.entries, key=lambda entry: (entry.at, entry.id))
    for _, group in groupby(by_time, key=lambda entry: entry.at):
        walk.over(list(group))
    if exact.newest is not None:
        walk.up_to(exact.newest)
    return [_hole(one, scale) for one in _not_filled(walk.breaks, exact.loose)]


def _begins_with(opening: Told | None, entries: Iterable[Entry]) -> bool:
    """Whether the balance told at the creation is the one before all entries.

    It may have been told after the first of them: then it is what one of those left.
    """
    return opening is not None and not any(
        entry.at <= opening.at and entry.balance == opening.balance for entry in entries
    )


@dataclass(slots=True)
class _Walk:
    """A walk through a ledger, as far as it came.

    `balances` are those that it may stand at: more than one after entries of one millisecond that
    end where they begin, if where that was is not known; None where any is possible.
    """

    opening: Told | None
    balances: frozenset[Number] | None = None
    breaks: list[_Break] = field(default_factory=list)
    last: Sequence[Entry] = ()

    def __post_init__(self) -> None:
        if self.opening is not None:
            self.balances = frozenset({self.opening.balance})

    def over(self, group: list[Entry]) -> None:
        """Go on over the entries of one millisecond."""
        if any(entry.before is None for entry in group):
            self._pass(group)
            return
        own = {entry.before for entry in group if entry.before is not None}
        walks = _walks(group, own if self.balances is None else self.balances)
        if not walks:
            walks = _walks(group, own) or [chain.order(group, start=self._left())]
            self._break_before(walks[0])
        self.last = walks[0]
        self.balances = frozenset(
            walk[-1].balance for walk in walks if walk[-1].balance is not None
        )

    def up_to(self, newest: Told) -> None:
        """End at a balance told of the card itself.

        One that is of the last entries' own millisecond may be of any moment among them.
        """
        at = self._at()
        if self.balances is None or newest.at < at:
            return
        possible = set(self.balances)
        if newest.at == at:
            if any(entry.before is None for entry in self.last):
                return
            possible.update(entry.balance for entry in self.last if entry.balance is not None)
            possible.update(entry.before for entry in self.last if entry.before is not None)
        if newest.balance not in possible:
            self._break(None, newest.at, newest.balance)

    def _pass(self, group: list[Entry]) -> None:
        """Entries that do not tell enough prove nothing; a single one may tell what it left."""
        self.last = chain.order(group)
        left = group[0].balance if len(group) == 1 else None
        self.balances = None if left is None else frozenset({left})

    def _break_before(self, walk: list[Entry]) -> None:
        """Note where the walk over these entries does not fit, before it and within it."""
        first = walk[0]
        fits = self.balances is None or first.before in self.balances
        if not fits and first.before is not None:
            self._break(first.id, first.at, first.before)
        for one, then in pairwise(walk):
            if one.balance is not None and then.before is not None and one.balance != then.before:
                found = _Break(one.id, then.id, one.at, then.at, one.balance, then.before)
                self.breaks.append(found)

    def _break(self, before: str | None, until: int, needed: Number) -> None:
        after = self.last[-1].id if self.last else None
        left = self._left()
        if left is not None:
            self.breaks.append(_Break(after, before, min(self._at(), until), until, left, needed))

    def _left(self) -> Number | None:
        return min(self.balances) if self.balances else None

    def _at(self) -> int:
        if self.last:
            return self.last[-1].at
        return self.opening.at if self.opening else 0


def _walks(group: list[Entry], starts: Iterable[Number]) -> list[list[Entry]]:
    """The unbroken walks over all entries of a millisecond, one for each start that has one."""
    return [walk for start in sorted(starts) if (walk := _unbroken(group, start)) is not None]


def _unbroken(group: list[Entry], start: Number) -> list[Entry] | None:
    walk = group if len(group) == 1 else chain.order(group, start=start)
    if walk[0].before != start:
        return None
    return walk if all(one.balance == then.before for one, then in pairwise(walk)) else None


def _not_filled(breaks: Iterable[_Break], loose: Iterable[Entry]) -> Iterator[_Break]:
    """The breaks that no loose entries lead over."""
    spare = list(loose)
    for one in breaks:
        left_over = _led_over(one, spare)
        if left_over is None:
            yield one
        else:
            spare = left_over


def _led_over(one: _Break, spare: Sequence[Entry]) -> list[Entry] | None:
    """The entries that are left once some of them lead over a break; None if they don't."""
    balance: Number | None = one.left
    left_over = list(spare)
    while balance != one.needed:
        step = next((entry for entry in left_over if entry.before == balance), None)
        if step is None:
            return None
        left_over.remove(step)
        balance = step.balance
    return left_over


def _hole(one: _Break, scale: int | None) -> Hole:
    points = _unscaled(one.needed - one.left, scale)
    return Hole(one.after, one.before, one.since, one.until, points)


# Amounts may be told with a fraction. Doubles have noise (0.1 + 0.2 is not 0.3), so all numbers are
# taken as they were spelled, as whole numbers of the smallest unit that occurs.


def _scale(ledger: Ledger) -> int | None:
    """The power of ten by which everything told becomes whole; None where it is so already."""
    told = [one.balance for one in (ledger.opening, ledger.newest) if one is not None]
    for entry in (*ledger.entries, *ledger.loose):
        told += [number for number in (entry.points, entry.balance) if number is not None]
    return max((_decimals(number) for number in told if isinstance(number, float)), default=None)


def _decimals(number: float) -> int:
    exponent = Decimal(repr(number)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _scaled(ledger: Ledger, scale: int | None) -> Ledger:
    if scale is None:
        return ledger
    return Ledger(
        entries=[_scaled_entry(entry, scale) for entry in ledger.entries],
        opening=_scaled_telling(ledger.opening, scale),
        newest=_scaled_telling(ledger.newest, scale),
        loose=[_scaled_entry(entry, scale) for entry in ledger.loose],
    )


def _scaled_entry(entry: Entry, scale: int) -> Entry:
    points = None if entry.points is None else _whole(entry.points, scale)
    balance = None if entry.balance is None else _whole(entry.balance, scale)
    return replace(entry, points=points, balance=balance)


def _scaled_telling(told: Told | None, scale: int) -> Told | None:
    return told and Told(told.at, _whole(told.balance, scale))


def _whole(number: Number, scale: int) -> int:
    if isinstance(number, int):
        return int(number * 10**scale)
    return int(Decimal(repr(number)).scaleb(scale))


def _unscaled(number: Number, scale: int | None) -> Number:
    if not scale:
        return number
    whole, rest = divmod(number, 10**scale)
    return float(Decimal(number).scaleb(-scale)) if rest else whole
