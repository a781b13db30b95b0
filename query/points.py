"""Points that are not on the balance for good: pending ones, and those that will expire."""

from typing import Any, Final

from query import campaigns, listing, required, scrolling
from query.asked import Asked
from query.listing import Listing
from query.members import ROOTS, get_member
from query.scrolling import Scroll
from state import kinds
from state.selection import AnyOf, Condition

PENDING: Final = Scroll(kind=kinds.PENDING_POINTS, shape=required.pending_points)
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
    """Points of a member not yet activated.

    An entry may be activated between two pages, so the cursor need not exist any more.
    """
    card = await get_member(asked)
    return await scrolling.answer(asked, PENDING, Condition("voucher", "=", card["id"]))


async def list_programme_pending_points(asked: Asked) -> dict[str, Any]:
    """Points of all members of a programme not yet activated."""
    programme = await campaigns.programme(asked)
    return await scrolling.answer(asked, PENDING, Condition("campaign", "=", programme["id"]))


async def list_points_expiration(asked: Asked) -> dict[str, Any]:
    """The card's points by the day they expire, without those that have."""
    card = await get_member(asked)
    return await listing.answer(
        asked, EXPIRATION, Condition("voucher", "=", card["id"]), _NOT_EXPIRED
    )


PATHS: Final = (
    *(
        scrolling.path(
            f"{root}/pending-points",
            list_pending_points,
            "A member's points that are not yet on the balance",
            "PendingPoints",
            PENDING,
        )
        for root in ROOTS
    ),
    scrolling.path(
        "/v1/loyalties/{campaignId}/pending-points",
        list_programme_pending_points,
        "All members' points that are not yet on a balance",
        "PendingPoints",
        PENDING,
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
