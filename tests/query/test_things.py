"""Vouchers, campaigns and orders are answered as they were told."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, webhook
from tests.query.world import World, campaign, customer, redemption

STRANGE = [
    "a/b",
    "/",
    "a b+c",
    "ąę-日本語",
    "🎁",
    "nul\0byte",
    "line\nfeed",
    "50%",
    "%2F",
    "back\\slash",
    "?q=1&r=2#f",
    "..",
    "'\"; DROP TABLE thing; --",
    "\ud800",
    "a" * 2_000,
]


def encoded(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="", errors="surrogatepass").replace(".", "%2E")


@pytest.mark.parametrize("code", STRANGE)
async def test_a_code_may_hold_anything(world: World, code: str) -> None:
    """One segment, percent-encoded, is one code."""
    await world.tell(
        webhook("voucher.created", {"voucher": card(3) | {"id": f"v-{code}", "code": code}}),
        webhook("voucher.created", {"voucher": card(4) | {"id": "v_2", "code": "other"}}),
    )

    for name in (code, f"v-{code}"):
        assert code == (await world.get(f"/v1/vouchers/{encoded(name)}"))["code"]
        assert code == (await world.get(f"/v1/loyalties/members/{encoded(name)}"))["code"]
        assert [] == await world.ids(f"/v1/vouchers/{encoded(name)}/transactions")
    assert [code] == await world.ids(f"/v1/vouchers?code={encoded(code)}", "code")


@pytest.mark.parametrize("code", ["a%2Fb", "a%20b", "%F0%9F%8E%81", "nul%00", "plain"])
async def test_what_is_not_there_is_named(world: World, code: str) -> None:
    """The vendor's error object says what was looked for."""
    answer = await world.ask(f"/v1/vouchers/{code}")

    assert 404 == answer.status_code
    error = answer.json()
    assert {
        "code": 404,
        "key": "resource_not_found",
        "message": "Resource not found",
        "resource_type": "voucher",
        "request_id": answer.headers["x-request-id"],
    }.items() <= error.items()
    assert error["resource_id"] in error["details"]


async def test_a_field_that_was_never_told_is_absent(world: World) -> None:
    """And one that was told to be empty is null."""
    told: dict[str, Any] = {
        "id": "v_1",
        "code": "A",
        "metadata": {},
        "gift": None,
        "brand_new_field": [1, {"x": 2}],
    }
    await world.tell(webhook("voucher.created", {"voucher": told}))

    assert told == await world.get("/v1/vouchers/A")


async def test_a_card_of_which_only_a_balance_was_told(world: World) -> None:
    """It has its id, and a ledger without entries."""
    balance = {"balance": 7, "related_object": {"id": "v_1", "type": "voucher"}}
    await world.tell(webhook("customer.rewarded.loyalty_points", {"balance": balance}))

    assert {"id": "v_1", "loyalty_card": {"balance": 7}} == await world.get("/v1/vouchers/v_1")
    assert [] == await world.ids("/v1/loyalties/members/v_1/transactions")


ODD: tuple[Any, ...] = (None, 7, 10**30, 1.5, "", "x", True, [], [None, {"id": 1}], {}, {"id": []})


@pytest.mark.parametrize("odd", ODD)
async def test_fields_may_hold_anything(world: World, odd: Any) -> None:
    """A payload that is not as documented is answered as it was told, and breaks nothing."""
    names = ("campaign_id", "holder_id", "type", "gift", "loyalty_card", "metadata", "created_at")
    voucher = dict.fromkeys(names, odd) | {"id": "v_1", "code": "A"}
    order = {"id": "ord_1", "customer_id": odd, "referrer_id": odd, "items": odd}
    made = redemption("r_1", customer_id=odd, order=odd, reward=odd, related_redemptions=odd)
    made |= {"date": odd, "voucher": odd, "status": odd}
    related = redemption("r_2", related_redemptions={"rollbacks": odd})
    published = {"vouchers_id": odd, "customer_id": odd, "tracking_id": odd, "channel": odd}
    await world.tell(
        webhook("voucher.created", {"voucher": voucher}),
        webhook("customer.order.paid", {"order": order}),
        webhook("redemption.succeeded", {"redemption": made}),
        webhook("redemption.succeeded", {"redemption": related}),
        webhook("redemption.succeeded", {"redemption": redemption("rr_2", rolled_back="r_2")}),
        webhook("publication.succeeded", {"publication": {"id": "pub_1"} | published}),
    )

    answered = await world.get("/v1/vouchers/A")
    assert odd == answered["metadata"]
    for path in (
        "/v1/orders",
        "/v1/redemptions",
        "/v1/publications",
        "/v1/vouchers/A/transactions",
    ):
        for query in ("", "?order=-id", "?order=id", "?order=created_at"):
            assert await world.status(f"{path}{query}") in (200, 400)
    for of_it in ("", "/transactions", "/tiers", "/pending-points", "/points-expiration"):
        assert await world.status(f"/v1/loyalties/members/A{of_it}") in (200, 404)
        assert await world.status(f"/v1/loyalties/x/members/A{of_it}") in (200, 404)
    for path in (
        "/v1/publications?voucher=A&order=tracking_id",
        "/v1/publications?voucher_type=loyalty",
    ):
        assert 200 == await world.status(path)


async def test_a_deeply_nested_field_breaks_no_list(world: World) -> None:
    """As deep as it was taken in, it can be searched and answered."""
    nested: Any = "core"
    for _ in range(700):
        nested = [nested]
    voucher = card(0) | {"metadata": {"nested": nested}}
    await world.tell(webhook("voucher.created", {"voucher": voucher}))

    assert [CARD] == await world.ids(f"/v1/loyalties/{CAMPAIGN}/members")
    assert [] == await world.ids("/v1/vouchers?category=Star")


async def test_a_code_is_looked_for_before_an_id(world: World) -> None:
    """A code that is another voucher's id is a code."""
    one, two = {"id": "v_1", "code": "v_2"}, {"id": "v_2", "code": "B"}
    await world.tell(*(webhook("voucher.created", {"voucher": told}) for told in (one, two)))

    assert one == await world.get("/v1/vouchers/v_2")


VOUCHERS = {
    "": ["v_3", "v_2", "v_1"],
    "order=created_at": ["v_1", "v_2", "v_3"],
    "order=code": ["v_1", "v_2", "v_3"],
    f"campaign_id={CAMPAIGN}": ["v_2", "v_1"],
    "campaign=Gold": ["v_2", "v_1"],
    "campaign=Unheard": [],
    "category=Star": ["v_3"],
    "category=Sta%00r": [],
    "category=%ED%A0%80": [],
    "category=back%5Cslash": ["v_2"],
    f"customer={CUSTOMER}": ["v_2", "v_1"],
    "ids=v_1&ids=v_3": ["v_3", "v_1"],
    f"created_at[after]={at(1)}&limit=1": ["v_3"],
}


@pytest.mark.parametrize("query", VOUCHERS)
async def test_vouchers_are_listed(world: World, query: str) -> None:
    """Of all campaigns and types."""
    nowhere = {"category": "Star", "campaign_id": None, "holder_id": None}
    names: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("v_1", "A", {}),
        ("v_2", "B", {"category": "back\\slash"}),
        ("v_3", "C", nowhere),
    )
    made = (
        card(0) | {"id": id_, "code": code, "created_at": at(number), **more}
        for number, (id_, code, more) in enumerate(names)
    )
    await world.tell(
        webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold")}),
        *(webhook("voucher.created", {"voucher": voucher}) for voucher in made),
    )

    assert VOUCHERS[query] == await world.ids(f"/v1/vouchers?{query}")


async def test_campaigns_are_found_and_listed(world: World) -> None:
    """By id or name, until they are deleted."""
    gold, spring = campaign("camp_1", "Gold / 1"), campaign("camp_2", "Spring", "DISCOUNT_COUPONS")
    gone = campaign("camp_3", "Gone")
    await world.tell(
        *(webhook("campaign.created", {"campaign": one}) for one in (gold, spring, gone)),
        webhook("campaign.deleted", {"campaign": gone}),
    )

    assert gold == await world.get("/v1/campaigns/camp_1")
    assert gold == await world.get("/v1/campaigns/Gold%20%2F%201")
    assert 404 == await world.status("/v1/campaigns/camp_3")
    assert 404 == await world.status("/v1/campaigns/Gone")
    assert ["camp_2", "camp_1"] == await world.ids("/v1/campaigns")
    assert ["camp_1"] == await world.ids("/v1/campaigns?order=created_at&limit=1")


async def test_orders_are_found_and_listed(world: World) -> None:
    """By id or source id, with references to their people."""
    order = {"id": "ord_1", "source_id": "shop/1", "status": "PAID", "created_at": at(1)}
    by_nobody = {"id": "ord_2", "customer_id": None, "created_at": at(2), "object": "order"}
    await world.tell(
        webhook("customer.order.paid", {"order": order | {"customer": customer()}}),
        webhook("customer.order.paid", {"order": by_nobody}),
    )

    reference = {"id": CUSTOMER, "object": "customer"}
    expected = order | {"customer_id": CUSTOMER, "customer": reference}
    assert expected == await world.get("/v1/orders/ord_1")
    assert expected == await world.get("/v1/orders/shop%2F1")
    assert by_nobody == await world.get("/v1/orders/ord_2")
    assert 404 == await world.status("/v1/orders/ord_3")
    assert [by_nobody, expected] == (await world.get("/v1/orders"))["orders"]


@pytest.mark.parametrize(
    "path",
    [
        "customers?starting_after=soon",
        "customers?starting_after=2025-01-01&order=source_id",
        "customers?order=email",
        "promotions/tiers?is_available=perhaps",
        "promotions/stacks?created_at[on]=2025-01-01",
        "validation-rules?start_date=soon",
        "validation-rules?end_date=",
        "validation-rules-assignments?order=updated_at",
        "campaigns?campaign_type=LOYALTY",
        "campaigns?campaign_status=done",
        "campaigns?is_referral_code=1",
        "campaigns?expand=category",
        "campaigns?access_settings[filter][areas_ids]=a",
        "vouchers?filters[status][conditions][$is]=A",
        "vouchers?created_at[on]=2025-01-01",
        "vouchers?created_at[before]=soon",
        "vouchers?created_at[before]=",
        "vouchers?created_at[before]=2025-01-01&created_at[before]=2025-01-02",
        "orders?order=amount",
    ],
)
async def test_parameters_that_can_not_be_applied_are_refused(world: World, path: str) -> None:
    """By name, in the vendor's error object."""
    answer = await world.ask(f"/v1/{path}")

    assert 400 == answer.status_code
    assert "invalid_query_params" == answer.json()["key"]
    name = path.partition("?")[2].partition("=")[0].partition("[")[0]
    assert answer.json()["details"].startswith(name)
