"""Campaigns as they are known, and what a path's campaign (its id or its name) stands for."""

from collections.abc import Sequence
from typing import Any, Final

from query import conditions, filters, listing
from query.asked import Asked
from query.conditions import Field
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition

LOYALTY: Final = "LOYALTY_PROGRAM"

TYPES: Final = (LOYALTY, "GIFT_VOUCHERS", "DISCOUNT_COUPONS", "PROMOTION", "REFERRAL_PROGRAM")
_STATUSES: Final = ("DONE", "IN_PROGRESS", "FAILED", "DRAFT", "MODIFYING")
_BELONGS: Final = (
    kinds.VOUCHER,
    kinds.LOYALTY_TIER,
    kinds.EARNING_RULE,
    kinds.REWARD_ASSIGNMENT,
)

FIELDS: Final = {
    "campaigns": Field("name", parts="fields.name"),
    "campaigns_id": Field("id"),
    "campaign_status": Field("fields.creation_status"),
    "active": Field(
        "fields.active",
        {"$enabled": conditions.always(value=True), "$disabled": conditions.always(value=False)},
    ),
    "is_referral_code": Field(
        "fields.voucher.is_referral_code", conditions.EXACT, {"TRUE": True, "FALSE": False}
    ),
    "voucher_type": Field("fields.voucher.type"),
    "type": Field("fields.type", conditions.AMONG),
    "created_date": conditions.moments("created"),
    "updated_at": conditions.moments("updated"),
}

CAMPAIGNS: Final = Listing(
    kind=kinds.CAMPAIGN,
    data_ref="campaigns",
    filters={
        "campaign_type": filters.one_of_these("fields.campaign_type", TYPES),
        "campaign_status": filters.one_of_these("fields.creation_status", _STATUSES),
        "is_referral_code": filters.choice(
            "fields.voucher.is_referral_code", {"true": True, "false": False}
        ),
    },
    fields=FIELDS,
    refused=frozenset({"expand", "access_settings"}),
)
PROGRAMMES: Final = Listing(
    kind=kinds.CAMPAIGN, data_ref="campaigns", refused=frozenset({"expand"})
)


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


async def get_programme(asked: Asked) -> Thing:
    """A campaign by id or name, if it is a loyalty programme."""
    campaign = await get_campaign(asked)
    if campaign.get("campaign_type") != LOYALTY:
        raise not_found(kinds.CAMPAIGN, asked.names["campaignId"])
    return campaign


async def list_programmes(asked: Asked) -> dict[str, Any]:
    """A page of all loyalty programmes."""
    of_loyalty = Condition("fields.campaign_type", "=", LOYALTY)
    return await listing.answer(asked, PROGRAMMES, of_loyalty)


async def programme(asked: Asked) -> Thing:
    """The loyalty programme of the path, by id or name. Raises ApiError (404)."""
    campaign = await known(asked)
    if campaign.get("campaign_type", LOYALTY) != LOYALTY:
        raise not_found(kinds.CAMPAIGN, asked.names["campaignId"])
    return campaign


async def known(asked: Asked, belongs: Sequence[str] = _BELONGS) -> Thing:
    """The campaign of the path, by id or name. Raises ApiError (404).

    Of one that was never told itself, the id is known from the kinds of what belongs to it.
    """
    name = asked.names["campaignId"]
    campaign = await asked.find(kinds.CAMPAIGN, name)
    if campaign is not None:
        return campaign
    for kind in belongs:
        if await asked.first(kind, Condition("campaign", "=", name)):
            return {"id": name}
    raise not_found(kinds.CAMPAIGN, name)


PATHS: Final = (
    listing.path("/v1/campaigns", list_campaigns, "All campaigns", "Campaign", CAMPAIGNS),
    Path(
        "/v1/campaigns/{campaignId}",
        get_campaign,
        "One campaign, by its id or its name",
        Answer("Campaign"),
    ),
    listing.path(
        "/v1/loyalties", list_programmes, "All loyalty programmes", "Campaign", PROGRAMMES
    ),
    Path(
        "/v1/loyalties/{campaignId}",
        get_programme,
        "One loyalty programme, by its id or its name",
        Answer("Campaign"),
    ),
)
