"""Who holds a referral code: its referrer, and those whom it was passed on to."""

from typing import Any, Final

from query import conditions, scrolling
from query.asked import Asked
from query.errors import not_found
from query.members import is_in_campaign
from query.scrolling import Scroll
from state import kinds
from state.reader import Thing
from state.selection import Condition

HOLDERS: Final = Scroll(
    kind=kinds.HOLDER,
    fields={
        "id": conditions.Field("fields.id"),
        "created_at": conditions.moments("created"),
        "holder_role": conditions.Field("fields.holder_role"),
        "customer_id": conditions.Field("fields.customer_id"),
    },
    counted=True,
)

_REFERRAL: Final = "REFERRAL_PROGRAM"


async def list_holders(asked: Asked) -> dict[str, Any]:
    """The holders of the path's referral code, by id as the vendor orders them."""
    code = await _referral_code(asked)
    return await scrolling.answer(asked, HOLDERS, Condition("voucher", "=", code["id"]))


async def _referral_code(asked: Asked) -> Thing:
    """The voucher of the path, by code or id, unless it was told to be no referral code."""
    name = asked.names["memberId"]
    voucher = await asked.voucher(name)
    if not await _is_referral_code(asked, voucher) or not await is_in_campaign(asked, voucher):
        raise not_found(kinds.VOUCHER, name)
    return voucher


async def _is_referral_code(asked: Asked, voucher: Thing) -> bool:
    told = voucher.get("is_referral_code")
    campaign_id = voucher.get("campaign_id")
    if told is not None or not isinstance(campaign_id, str):
        return told is not False
    campaign = await asked.reader.get(asked.project, kinds.CAMPAIGN, campaign_id) or {}
    return bool(campaign.get("campaign_type", _REFERRAL) == _REFERRAL)


PATHS: Final = tuple(
    scrolling.path(
        f"/v1/referrals/{root}/holders",
        list_holders,
        "The holders of a referral code",
        "RedeemableHolder",
        HOLDERS,
    )
    for root in ("members/{memberId}", "{campaignId}/members/{memberId}")
)
