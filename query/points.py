"""Points that are not on the balance for good: pending ones, and those that will expire."""

from typing import Any, Final

from query import ledgers, listing
from query.asked import Asked
from query.described import Answer
from query.listing import Listing
from query.members import ROOTS, get_member
from query.paths import Path
from state import kinds
from state.selection import AnyOf, Condition, Selection

EXPIRATION: Final = Listing(
    kind=kinds.POINTS_BUCKET,
    data_ref="data",
    orders={"expires_at": "fields.expires_at"},
    default_order="expires_at",
)

_NOT_EXPIRED: Final = AnyOf(
    (
        (Condition("fields.status", "is null"),),
        (Condition("fields.status", "!=", "EXPIRED"),),
    )
)


async def list_pending_points(asked: Asked) -> dict[str, Any]:
    """Points not yet activated, by id as the vendor orders them.

    An entry may be activated between two pages, so `starting_after_id` need not exist any more.
    """
    card = await get_member(asked)
    parameters = asked.parameters
    parameters.refuse({"filters"})
    limit = parameters.limit()
    descending = parameters.choice("order", ledgers.ORDERS) != "id"
    conditions = [Condition("voucher", "=", card["id"])]
    after = parameters.one("starting_after_id")
    if after is not None:
        conditions.append(Condition("id", "<" if descending else ">", after))
    found = await asked.reader.find(
        Selection(
            asked.project,
            kinds.PENDING_POINTS,
            tuple(conditions),
            order="id",
            descending=descending,
            limit=limit + 1,
        )
    )
    return ledgers.envelope(found[:limit], len(found) > limit)


async def list_points_expiration(asked: Asked) -> dict[str, Any]:
    """The card's points by the day they expire, without those that have."""
    card = await get_member(asked)
    return await listing.answer(
        asked, EXPIRATION, Condition("voucher", "=", card["id"]), _NOT_EXPIRED
    )


PATHS: Final = (
    *(
        Path(
            f"{root}/pending-points",
            list_pending_points,
            "A member's points that are not yet on the balance",
            Answer("PendingPoints", "data", ledgers.BESIDE),
            ledgers.TAKES,
        )
        for root in ROOTS
    ),
    *(
        listing.path(
            f"{root}/points-expiration",
            list_points_expiration,
            "A member's points by the day on which they expire",
            "PointsBucket",
            EXPIRATION,
        )
        for root in ROOTS
    ),
)
