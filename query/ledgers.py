"""Ledgers: the transactions of a loyalty card or gift card, in the order of their balance chain.

`order=id` is oldest first and `-id` newest first: the vendor's ids grow with time, and within one
millisecond the chain orders entries, not their ids, which mean nothing to us.
"""

from typing import Any, Final

from query import listing
from query.asked import Asked
from query.described import TEXT, Answer, Parameter, Value
from query.errors import not_found
from query.members import ROOTS, get_member
from query.paths import Path
from state import kinds
from state.reader import Thing

ORDERS: Final = ("id", "-id")


async def list_member_transactions(asked: Asked) -> dict[str, Any]:
    """The ledger of the path's member."""
    return await _ledger(asked, await get_member(asked))


async def list_voucher_transactions(asked: Asked) -> dict[str, Any]:
    """The ledger of the path's voucher."""
    return await _ledger(asked, await asked.voucher(asked.names["code"]))


async def _ledger(asked: Asked, card: Thing) -> dict[str, Any]:
    parameters = asked.parameters
    parameters.refuse({"filters"})
    limit = parameters.limit()
    order = parameters.choice("order", ORDERS)
    after = parameters.one("starting_after_id")
    page = await asked.reader.ledger(
        asked.project, card["id"], newest_first=order != "id", limit=limit, after=after
    )
    if page is None:
        raise not_found(kinds.TRANSACTION, after or "")
    return envelope(page.entries, page.has_more)


def envelope(entries: Any, has_more: bool) -> dict[str, Any]:
    """The vendor's list object for lists that go on behind their last entry."""
    if not has_more:
        return listing.envelope("data", entries, has_more=False)
    return listing.envelope(
        "data", entries, has_more=True, more_starting_after=entries[-1].get("id")
    )


TAKES: Final = (
    listing.LIMIT,
    Parameter("order", Value(choices=ORDERS, default="-id")),
    Parameter("starting_after_id", TEXT),
)
BESIDE: Final = ("has_more", "more_starting_after")

_ENTRIES: Final = Answer("Transaction", "data", BESIDE)

PATHS: Final = (
    *(
        Path(
            f"{root}/transactions",
            list_member_transactions,
            "The ledger of a loyalty card",
            _ENTRIES,
            TAKES,
        )
        for root in ROOTS
    ),
    Path(
        "/v1/vouchers/{code}/transactions",
        list_voucher_transactions,
        "The ledger of a loyalty card or gift card",
        _ENTRIES,
        TAKES,
    ),
)
