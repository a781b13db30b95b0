"""Loyalty tiers: those of a programme, and the one that a member is in."""

from typing import Any, Final

from query import campaigns, listing
from query.asked import Asked
from query.described import Answer
from query.listing import Listing
from query.members import ROOTS, get_member
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition

TIERS: Final = Listing(kind=kinds.LOYALTY_TIER, data_ref="data")


async def list_tiers(asked: Asked) -> dict[str, Any]:
    """A programme's tiers."""
    programme = await campaigns.programme(asked)
    return await listing.answer(asked, TIERS, Condition("campaign", "=", programme["id"]))


async def list_member_tiers(asked: Asked) -> dict[str, Any]:
    """The tier that the card's holder is in: one, or none."""
    tier = await _tier_of(asked, await get_member(asked))
    found = [] if tier is None else [tier]
    return listing.envelope("data", found, total=len(found))


async def _tier_of(asked: Asked, card: Thing) -> Thing | None:
    customer, campaign = card.get("holder_id"), card.get("campaign_id")
    if not isinstance(customer, str) or not isinstance(campaign, str):
        return None
    membership = await asked.first(
        kinds.MEMBERSHIP,
        Condition("customer", "=", customer),
        Condition("campaign", "=", campaign),
    )
    if membership is None or membership.get("tier_id") is None:
        return None
    return await _joined(asked, membership)


async def _joined(asked: Asked, membership: Thing) -> Thing:
    """The tier's definition with what holds for this member only."""
    id_ = membership["tier_id"]
    known = await asked.reader.get(asked.project, kinds.LOYALTY_TIER, id_) or {}
    told = {"id": id_, "campaign_id": membership["campaign_id"], "object": "loyalty_tier"}
    expiration = membership.get("expiration")
    # Told with an earlier tier, it says nothing of this one.
    if isinstance(expiration, dict) and expiration.get("tier_id") == id_:
        known = known | {"expiration": expiration}
    return told | known


PATHS: Final = (
    listing.path(
        "/v1/loyalties/{campaignId}/tiers",
        list_tiers,
        "The tiers of a loyalty programme",
        "LoyaltyTier",
        TIERS,
    ),
    *(
        Path(
            f"{root}/tiers",
            list_member_tiers,
            "The tier that a member is in",
            Answer("LoyaltyTier", "data", ("total",)),
        )
        for root in ROOTS
    ),
)
