"""Who holds a referral code."""

from typing import Any

import pytest

from tests.factories import CUSTOMER, at, webhook
from tests.query.world import World, campaign

REFER = "camp_refer"
CODE = {
    "id": "v_ref",
    "code": "REF-1",
    "campaign_id": REFER,
    "is_referral_code": True,
    "created_at": at(0),
    "object": "voucher",
}
HOLDERS = "/v1/referrals/members/REF-1/holders"


def holder(id_: str, made: int = 1, **more: Any) -> dict[str, Any]:
    """A customer who holds the code."""
    return {
        "id": id_,
        "redeemable_id": "v_ref",
        "redeemable_object": "voucher",
        "customer_id": CUSTOMER,
        "holder_role": "REFEREE",
        "campaign_id": REFER,
        "campaign_type": "REFERRAL_PROGRAM",
        "voucher_type": "DISCOUNT_VOUCHER",
        "created_at": at(made),
        "object": "redeemable_holder",
        **more,
    }


def held(what: str, told: dict[str, Any], **code: Any) -> dict[str, Any]:
    """Somebody got hold of the code, or lost it."""
    data = {
        "holder": told,
        "voucher": CODE | code,
        "campaign": campaign(REFER, "Refer", "REFERRAL_PROGRAM"),
    }
    return webhook(f"customer.holder.assignment.{what}", data)


async def test_holders_are_listed(world: World) -> None:
    """Those of the code, by code or id, with and without its campaign, until they lose it."""
    await world.tell(
        held("created", holder("rh_1")),
        held("created", holder("rh_2")),
        held("deleted", holder("rh_2")),
        held("created", holder("rh_3", redeemable_id="v_9"), id="v_9", code="REF-9"),
    )

    expected = {"object": "list", "data_ref": "data", "data": [holder("rh_1")], "total": 1}
    assert expected | {"has_more": False} == await world.get(HOLDERS)
    for path in ("members/v_ref", f"{REFER}/members/REF-1", "Refer/members/v_ref"):
        assert ["rh_1"] == await world.ids(f"/v1/referrals/{path}/holders")


async def test_holders_are_paged_by_id(world: World) -> None:
    """Forwards and backwards; one that lost the code meanwhile is no hindrance."""
    ids = [f"rh_{number}" for number in range(1, 8)]
    await world.tell(*(held("created", holder(id_)) for id_ in ids))

    assert ids[::-1] == await world.follow(HOLDERS, limit=3)
    assert ids == await world.follow(f"{HOLDERS}?order=id", limit=3)
    assert 7 == await world.total(f"{HOLDERS}?limit=2&starting_after_id=rh_5")
    await world.tell(held("deleted", holder("rh_5")))
    assert ["rh_4", "rh_3"] == await world.ids(f"{HOLDERS}?limit=2&starting_after_id=rh_5")


FILTERED = {
    "[id][conditions][$is]=rh_1": ["rh_1"],
    "[id][conditions][$in][0]=rh_1&filters[id][conditions][$in][1]=rh_3": ["rh_3", "rh_1"],
    "[holder_role][conditions][$is]=REFERRER": ["rh_2"],
    "[customer_id][conditions][$is_not]=cust_1": ["rh_3"],
    f"[created_at][conditions][$after]={at(1)}": ["rh_3", "rh_2"],
    f"[created_at][conditions][$before]={at(2)}": ["rh_1"],
    "[holder_role][conditions][$is]=REFEREE&filters[customer_id][conditions][$is]=c_3": ["rh_3"],
    "[holder_role][conditions][$is]=REFERRER&filters[customer_id][conditions][$is]=c_3"
    "&filters[junction]=or": ["rh_3", "rh_2"],
}


@pytest.mark.parametrize("condition", FILTERED)
async def test_holders_are_filtered(world: World, condition: str) -> None:
    """By the vendor's conditions; the total counts what meets them."""
    await world.tell(
        held("created", holder("rh_1", 1)),
        held("created", holder("rh_2", 2, holder_role="REFERRER")),
        held("created", holder("rh_3", 3, customer_id="c_3")),
    )

    path = f"{HOLDERS}?filters{condition}"
    assert FILTERED[condition] == await world.ids(path)
    assert len(FILTERED[condition]) == await world.total(f"{path}&limit=1")


@pytest.mark.parametrize(
    ("told", "campaign_type", "expected"),
    [
        ({}, "REFERRAL_PROGRAM", 200),
        ({"is_referral_code": False}, "REFERRAL_PROGRAM", 404),
        ({"is_referral_code": None}, "REFERRAL_PROGRAM", 200),
        ({"is_referral_code": None}, "DISCOUNT_COUPONS", 404),
        ({"is_referral_code": None, "campaign_id": None}, "DISCOUNT_COUPONS", 200),
    ],
)
async def test_only_referral_codes_have_holders(
    world: World, told: dict[str, Any], campaign_type: str, expected: int
) -> None:
    """Its campaign says it where the code does not; one of which nobody told is taken for one."""
    await world.tell(
        webhook("voucher.created", {"voucher": CODE | told}),
        webhook("campaign.created", {"campaign": campaign(REFER, "Refer", campaign_type)}),
    )

    assert expected == await world.status(HOLDERS)


@pytest.mark.parametrize("path", ["members/NONE", "camp_9/members/REF-1", "x/members/NONE"])
async def test_a_code_that_is_not_there_has_no_holders(world: World, path: str) -> None:
    """Nor has one that is in another campaign."""
    await world.tell(held("created", holder("rh_1")))

    assert 404 == await world.status(f"/v1/referrals/{path}/holders")
