"""Campaigns as they are known, and what a path's campaign (its id or its name) stands for."""

from typing import Any, Final

from query import listing
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition

CAMPAIGNS: Final = Listing(
    kind=kinds.CAMPAIGN,
    data_ref="campaigns",
    refused=frozenset(
        {"campaign_type", "campaign_status", "is_referral_code", "expand", "access_settings"}
    ),
)

LOYALTY: Final = "LOYALTY_PROGRAM"


async def get_campaign(asked: Asked) -> Thing:
    """A campaign by id or name."""
    name = asked.names["campaignId"]
    campaign = await asked.find(kinds.CAMPAIGN, name)
    if campaign is None:
        raise not_found(kinds.CAMPAIGN, name)
    return campaign


async def list_campaigns(asked: Asked) -> dict[str, Any]:
    """A page of all campaigns."""
    return await listing.answer(asked, CAMPAIGNS)


async def programme(asked: Asked) -> Thing:
    """The loyalty programme of the path, by id or name. Raises ApiError (404).

    Of one that was never told itself, the id is known from its cards or tiers.
    """
    name = asked.names["campaignId"]
    campaign = await asked.find(kinds.CAMPAIGN, name)
    if campaign is None:
        belongs = Condition("campaign", "=", name)
        if not (
            await asked.first(kinds.VOUCHER, belongs)
            or await asked.first(kinds.LOYALTY_TIER, belongs)
        ):
            raise not_found(kinds.CAMPAIGN, name)
        return {"id": name}
    if campaign.get("campaign_type", LOYALTY) != LOYALTY:
        raise not_found(kinds.CAMPAIGN, name)
    return campaign


PATHS: Final = (
    listing.path("/v1/campaigns", list_campaigns, "All campaigns", "Campaign", CAMPAIGNS),
    Path(
        "/v1/campaigns/{campaignId}",
        get_campaign,
        "One campaign, by its id or its name",
        Answer("Campaign"),
    ),
)
