"""A card's ledger as it is read: entries from rows, the balance at the chain's end, pages.

Pure functions; the readers of each database fetch the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from state import chain, kinds
from state.merge import Row, view


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
    rows: Sequence[tuple[chain.Entry, Mapping[str, Any]]], *, newest_first: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """Ids and objects of entries as the chain orders them."""
    objects = {entry.id: fields for entry, fields in rows}
    ids = [entry.id for entry in chain.order([entry for entry, _ in rows])]
    if newest_first:
        ids.reverse()
    return [(id_, objects[id_]) for id_ in ids]


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value
