"""Who holds a referral code: its referrer, and those whom it was passed on to."""

from dataclasses import replace
from typing import Any, Final

from query import conditions, ledgers
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.members import is_in_campaign
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition, Selection

FIELDS: Final = {
    "id": conditions.Field("fields.id"),
    "created_at": conditions.moments("created"),
    "holder_role": conditions.Field("fields.holder_role"),
    "customer_id": conditions.Field("fields.customer_id"),
}

_REFERRAL: Final = "REFERRAL_PROGRAM"


async def list_holders(asked: Asked) -> dict[str, Any]:
    """The holders of the path's referral code, by id as the vendor orders them."""
    code = await _referral_code(asked)
    parameters = asked.parameters
    limit = parameters.limit()
    descending = parameters.choice("order", ledgers.ORDERS) != "id"
    after = parameters.one("starting_after_id")
    behind = () if after is None else (Condition("id", "<" if descending else ">", after),)
    wanted = (Condition("voucher", "=", code["id"]), *await conditions.asked_for(asked, FIELDS))
    whole = Selection(asked.project, kinds.HOLDER, wanted, order="id", descending=descending)
    page = replace(whole, conditions=(*wanted, *behind), limit=limit + 1)
    found = await asked.reader.find(page)
    total = await asked.reader.count(whole)
    return ledgers.envelope(found[:limit], len(found) > limit) | {"total": total}


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
    Path(
        f"/v1/referrals/{root}/holders",
        list_holders,
        "The holders of a referral code",
        Answer("RedeemableHolder", "data", ("total", *ledgers.BESIDE)),
        (*ledgers.TAKES, *conditions.parameters(FIELDS)),
    )
    for root in ("members/{memberId}", "{campaignId}/members/{memberId}")
)
