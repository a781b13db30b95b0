"""A card's ledger as it is read: entries from rows, the balance at the chain's end, pages.

Pure functions; the readers of each database fetch the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas import moment
from state import chain, kinds
from state.gaps import Told
from state.merge import Row, view

_BALANCES: Final = ("loyalty_card.balance", "gift.balance")


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Ledger entries in the order asked for, and whether there are more behind them."""

    entries: Sequence[Mapping[str, Any]]
    has_more: bool


def entry(id_: str, created: int, fields: Mapping[str, Any]) -> chain.Entry:
    """The chain's view of a stored entry; a gift card's `amount` is its points."""
    points = fields.get("details.balance.points")
    if points is None:
        points = fields.get("details.balance.amount")
    balance = fields.get("details.balance.balance")
    return chain.Entry(id_, created, _number(points), _number(balance))


def is_loose(fields: Mapping[str, Any]) -> bool:
    """Whether nobody told when the entry was made: it is dated by when it was told of."""
    return kinds.TOLD_AT in fields and moment.parse(fields.get("created_at")) is None


def has_balance(row: Row) -> bool:
    """Whether a balance was told of a card itself, be it a number or not."""
    return not row.fields.keys().isdisjoint(_BALANCES)


def told_balance(row: Row) -> Told | None:
    """The balance that was told last of a card itself; None where no number was."""
    for path in _BALANCES:
        balance = _number(row.fields.get(path))
        if balance is not None:
            return Told(row.stamp_of(path).version, balance)
    return None


def opening(row: Row) -> Told | None:
    """What a card was created with; None where that was not told."""
    told = row.fields.get(kinds.OPENING)
    if not isinstance(told, list) or len(told) != 2:
        return None
    balance, at = _number(told[0]), _number(told[1])
    return Told(int(at), balance) if balance is not None and at is not None else None


def with_balance(row: Row, newest: Sequence[chain.Entry]) -> dict[str, Any]:
    """A card as one object, with the balance that the end of its chain left.

    `newest` are the entries of the last millisecond that the ledger has entries of. A telling of
    the card itself that is newer than that one outranks the chain.
    """
    card = view(kinds.KINDS[kinds.VOUCHER], row)
    end = chain.order(newest)[-1].balance if newest else None
    if end is None:
        return card
    for struct in ("loyalty_card", "gift"):
        inner = card.get(struct)
        if isinstance(inner, dict) and row.stamp_of(f"{struct}.balance").version <= newest[0].at:
            inner["balance"] = end
    return card


def ordered(
    rows: Sequence[tuple[chain.Entry, Mapping[str, Any]]],
    *,
    newest_first: bool,
    start: int | float | None,
) -> list[tuple[str, Mapping[str, Any]]]:
    """Ids and objects of entries as the chain orders them, from the balance before them on."""
    objects = {entry.id: fields for entry, fields in rows}
    ids = [entry.id for entry in chain.order([entry for entry, _ in rows], start)]
    if newest_first:
        ids.reverse()
    return [(id_, objects[id_]) for id_ in ids]


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value
