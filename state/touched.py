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
    def key(self) -> tuple[str, str, str]: ...

    @property
    def lookups(self) -> Lookups: ...

    @property
    def touches(self) -> int | None: ...


def touches(kind: str, row: Row, lookups: Lookups, about: Sequence[Fact]) -> int | None:
    """From when on the ledger is touched that a changed entry or card has; None where it has none.

    Asked for each thing that is written, so it makes nothing.
    """
    if kind == kinds.TRANSACTION:
        return None if lookups.voucher is None else _made(row, lookups)
    if kind != kinds.VOUCHER:
        return None
    if row.gone or (kinds.OPENING in row.fields and _tells_an_opening(about)):
        return BEGINNING
    return END if has_balance(row) else None


def earliest(changes: Iterable[_Change]) -> Mapping[tuple[str, str], int]:
    """For each touched ledger, by its card's project and id, the earliest moment."""
    found: dict[tuple[str, str], int] = {}
    for change in changes:
        since = change.touches
        if since is None:
            continue
        project, kind, id_ = change.key
        card = (project, (change.lookups.voucher or id_) if kind == kinds.TRANSACTION else id_)
        if since < found.get(card, _UNTOUCHED):
            found[card] = since
    return found


def _made(row: Row, lookups: Lookups) -> int:
    """When the entry was made; one that nobody told the moment of may stand anywhere."""
    return BEGINNING if is_loose(row.fields) else lookups.created


def _tells_an_opening(about: Iterable[Fact]) -> bool:
    return any(isinstance(fact, Observed) and kinds.OPENING in fact.fields for fact in about)
