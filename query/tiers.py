"""Loyalty tiers: those of a programme, and the one that a member is in."""

from math import floor
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


async def get_tier(asked: Asked) -> Thing:
    """A tier by its id, if it is one of the path's programme."""
    programme = await campaigns.programme(asked)
    of_it = Condition("campaign", "=", programme["id"])
    return await asked.one(kinds.LOYALTY_TIER, asked.names["loyaltyTierId"], of_it)


async def list_member_tiers(asked: Asked) -> dict[str, Any]:
    """The tier that the card's holder is in: one, or none."""
    tier = await tier_of(asked, await get_member(asked))
    found = [] if tier is None else [tier]
    return listing.envelope("data", found, total=len(found))


async def tier_of(asked: Asked, card: Thing) -> Thing | None:
    """The tier that the card's holder is in."""
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


def of_tier(tier: Thing, mapping: str, id_: str, told: Any) -> Any:
    """What is told of points, as the tier's mapping for the rule or assignment changes it.

    A tier multiplies the points or sets its own. Points are whole: what is multiplied is rounded
    down.
    """
    mappings = tier.get(mapping)
    change = mappings.get(id_) if isinstance(mappings, dict) else None
    return _with_points(told, change) if isinstance(change, dict) else told


def _with_points(told: Any, change: Thing) -> Any:
    if not isinstance(told, dict):
        return told
    changed = {name: _with_points(value, change) for name, value in told.items()}
    if isinstance(told.get("points"), int | float):
        changed["points"] = _changed(told["points"], change)
    return changed


def _changed(points: int | float, change: Thing) -> int | float:
    multiplier, own = change.get("multiplier"), change.get("points")
    if change.get("type") == "CUSTOM" and isinstance(own, int | float):
        return own
    if change.get("type") == "MULTIPLY" and isinstance(multiplier, int | float):
        return floor(points * multiplier)
    return points


PATHS: Final = (
    listing.path(
        "/v1/loyalties/{campaignId}/tiers",
        list_tiers,
        "The tiers of a loyalty programme",
        "LoyaltyTier",
        TIERS,
    ),
    Path(
        "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}",
        get_tier,
        "One tier of a loyalty programme",
        Answer("LoyaltyTier"),
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
