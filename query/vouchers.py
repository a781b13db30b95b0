"""Vouchers of all kinds, as they are known; and their embedded form in a publication."""

from typing import Any, Final

from query import conditions, filters, listing
from query.asked import Asked
from query.conditions import Field
from query.described import Answer
from query.listing import Listing, Order
from query.paths import Path
from state import kinds
from state.reader import Thing

ORDERS: Final[dict[str, Order]] = {
    "created_at": "created",
    "updated_at": "updated",
    "code": "name",
}
FILTERS: Final = {
    "customer": filters.customer,
    "code": filters.equals("name"),
    "ids": filters.one_of("id"),
    "created_at": filters.period("created"),
    "updated_at": filters.period("updated"),
}

VOUCHERS: Final = Listing(
    kind=kinds.VOUCHER,
    data_ref="vouchers",
    orders=ORDERS,
    filters=FILTERS
    | {
        "campaign": filters.campaign_name,
        "campaign_id": filters.equals("campaign"),
        "category": filters.equals("fields.category"),
    },
    fields={
        "code": Field("name", parts="fields.code"),
        "type": Field("fields.type"),
        "voucher_type": Field("fields.type"),
        "campaign": Field("campaign.name", parts="campaign.fields.name"),
        "campaign_id": Field("campaign"),
        "category": Field("fields.category"),
        "category_id": Field("fields.category_id"),
        "customer_id": Field("customer"),
        "active": Field("fields.active", conditions.EXACT, {"true": True, "false": False}),
        "is_referral_code": Field(
            "fields.is_referral_code", conditions.EXACT, {"true": True, "false": False}
        ),
        "created_at": conditions.moments("created"),
        "updated_at": conditions.moments("updated"),
        conditions.OF_METADATA: Field("fields.metadata", conditions.METADATA),
    },
    pages=99,
)

_NAMES: Final = ("code", "campaign")
_WORTH: Final = ("loyalty_card", "gift", "discount")


async def get_voucher(asked: Asked) -> Thing:
    """A voucher by code or id."""
    return await asked.voucher(asked.names["code"])


async def list_vouchers(asked: Asked) -> dict[str, Any]:
    """A page of all vouchers."""
    return await listing.answer(asked, VOUCHERS)


def published(voucher: Thing) -> Thing:
    """A voucher as a publication embeds it."""
    told: Thing = {name: voucher[name] for name in _NAMES if name in voucher}
    told["object"] = "voucher"
    told |= {name: voucher[name] for name in _WORTH if voucher.get(name) is not None}
    if "is_referral_code" in voucher:
        told["is_referral_code"] = voucher["is_referral_code"]
    return told


def reference(id_: str) -> Thing:
    """What is left to say of a voucher that was deleted, or of which nothing else was told."""
    return {"id": id_, "object": "voucher"}


PATHS: Final = (
    listing.path("/v1/vouchers", list_vouchers, "Vouchers of all kinds", "Voucher", VOUCHERS),
    Path(
        "/v1/vouchers/{code}", get_voucher, "One voucher, by its code or its id", Answer("Voucher")
    ),
)
