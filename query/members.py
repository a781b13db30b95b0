"""Members of loyalty programmes: loyalty cards, by their code or voucher id."""

from typing import Any, Final

from query import campaigns, listing
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from query.vouchers import FILTERS, ORDERS
from state import kinds
from state.reader import Thing
from state.selection import AnyOf, Condition

MEMBERS: Final = Listing(kind=kinds.VOUCHER, data_ref="vouchers", orders=ORDERS, filters=FILTERS)

_TYPE: Final = "LOYALTY_CARD"
_IS_A_CARD: Final = AnyOf(
    (
        (Condition("fields.type", "=", _TYPE),),
        (
            Condition("fields.type", "is null"),
            Condition("fields.loyalty_card.", "is not null"),
        ),
    )
)


async def get_member(asked: Asked) -> Thing:
    """The member of the path; with a campaign in the path only where the card is one of its."""
    name = asked.names["memberId"]
    card = await asked.voucher(name)
    if not await _is_member(asked, card) or not await is_in_campaign(asked, card):
        raise not_found(kinds.VOUCHER, name)
    return card


async def list_members(asked: Asked) -> dict[str, Any]:
    """A page of a programme's members."""
    programme = await campaigns.programme(asked)
    of_it = Condition("campaign", "=", programme["id"])
    # Of a campaign that is known as a loyalty programme, every voucher is a loyalty card.
    known = programme.get("campaign_type") == campaigns.LOYALTY
    return await listing.answer(asked, MEMBERS, of_it, *(() if known else (_IS_A_CARD,)))


async def _is_member(asked: Asked, card: Thing) -> bool:
    """Whether a voucher is a loyalty card; its campaign says so where nothing was told of it."""
    type_ = card.get("type")
    if type_ is not None or card.get("loyalty_card") is not None:
        return type_ in (None, _TYPE)
    campaign = await _campaign(asked, card)
    return campaign is not None and campaign.get("campaign_type") == campaigns.LOYALTY


async def is_in_campaign(asked: Asked, card: Thing) -> bool:
    """Whether a voucher is of the path's campaign, by id or name; so where the path names none."""
    name = asked.names.get("campaignId")
    if name is None or card.get("campaign_id") == name:
        return True
    campaign = await _campaign(asked, card) or {}
    return name == campaign.get("name", card.get("campaign"))


async def _campaign(asked: Asked, card: Thing) -> Thing | None:
    id_ = card.get("campaign_id")
    if not isinstance(id_, str):
        return None
    return await asked.reader.get(asked.project, kinds.CAMPAIGN, id_)


ROOTS: Final = (
    "/v1/loyalties/members/{memberId}",
    "/v1/loyalties/{campaignId}/members/{memberId}",
)
"""The two paths that lead to a member."""

PATHS: Final = (
    listing.path(
        "/v1/loyalties/{campaignId}/members",
        list_members,
        "The members of a loyalty programme",
        "Voucher",
        MEMBERS,
    ),
    *(
        Path(root, get_member, "One member, by the card's code or voucher id", Answer("Voucher"))
        for root in ROOTS
    ),
)
