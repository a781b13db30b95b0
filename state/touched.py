"""Which ledger a change touches, and from when on it has to be looked through for holes.

Told by what was written, in the transaction that writes it, so that no change is forgotten. It
decides nothing about holes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from state import kinds
from state.facts import Fact, Observed
from state.ledger import has_balance, is_loose
from state.merge import Row
from state.things import Lookups

BEGINNING: Final = -(1 << 62)
END: Final = 1 << 62
_UNTOUCHED: Final = END + 1


class Touched(NamedTuple):
    """The card's project and id as the database holds them, and the earliest moment in ms."""

    project: str
    voucher: str
    since: int


class _Change(Protocol):
    @property
    def touched(self) -> Touched | None: ...


def touched(
    key: tuple[str, str, str], row: Row, lookups: Lookups, about: Sequence[Fact]
) -> Touched | None:
    """The ledger that a changed thing is an entry of, or the card of; None for any other thing."""
    project, kind, id_ = key
    if kind == kinds.TRANSACTION:
        card = lookups.voucher
        return None if card is None else Touched(project, card, _made(row, lookups))
    if kind != kinds.VOUCHER:
        return None
    if row.gone or _tells_an_opening(about):
        return Touched(project, id_, BEGINNING)
    return Touched(project, id_, END) if has_balance(row) else None


def earliest(changes: Iterable[_Change]) -> Mapping[tuple[str, str], int]:
    """For each touched ledger the earliest moment."""
    found: dict[tuple[str, str], int] = {}
    for change in changes:
        if change.touched is not None:
            card, since = change.touched[:2], change.touched.since
            if since < found.get(card, _UNTOUCHED):
                found[card] = since
    return found


def _made(row: Row, lookups: Lookups) -> int:
    """When the entry was made; one that nobody told the moment of may stand anywhere."""
    return BEGINNING if is_loose(row.fields) else lookups.created


def _tells_an_opening(about: Iterable[Fact]) -> bool:
    return any(isinstance(fact, Observed) and kinds.OPENING in fact.fields for fact in about)
