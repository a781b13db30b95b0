"""The vendor's own examples, told and asked again, and our answers against the vendor's schemas."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from query.routes import TABLE
from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, transaction, webhook
from tests.query import everything, vendor
from tests.query.world import World, campaign, customer, publication, redemption

pytestmark = pytest.mark.skipif(
    not vendor.IS_THERE, reason="the vendor's specifications are not beside this checkout"
)

Answered = tuple[str, dict[str, Any], dict[str, Any]]
"""What it is, what was told of it, what is answered."""

HOLDING = "redeemable_holder"
NOTHING_KEPT = ("manual_", "voucher.deleted", "customer.deleted")
OUTCOME = ("customer", "assignment_id", "voucher", "product", "sku", "loyalty_tier_id")
ORDER = {"id": "ord_1", "source_id": None, "status": "PAID", "created_at": at(1), "object": "order"}
TIER = {
    "id": "ltr_1",
    "name": "Gold",
    "campaign_id": CAMPAIGN,
    "expiration": {"tier_id": "ltr_1", "customer_id": CUSTOMER, "campaign_id": CAMPAIGN},
    "created_at": at(1),
    "object": "loyalty_tier",
}
TOLD = (
    *everything.TOLD,
    webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold", type="STATIC")}),
    webhook("voucher.created", {"voucher": card(1, updated=1)}),
    webhook(
        "voucher.loyalty_card.transaction.created", {"transaction": transaction("vtx_1", 5, 9, 9)}
    ),
    webhook(
        "voucher.loyalty_card.pending_points.added",
        {
            "pending_points": {
                "id": "lopp_1",
                "voucher_id": CARD,
                "points": 4,
                "activates_at": "2025-03-09",
                "details": {"order": {"id": "ord_1"}},
                "created_at": at(1),
            }
        },
    ),
    webhook(
        "voucher.loyalty_card.points_expired",
        {
            "buckets": [
                {
                    "id": "lopb_1",
                    "voucher_id": CARD,
                    "bucket": {"total_points": 1},
                    "status": "ACTIVE",
                    "object": "loyalty_points_bucket",
                }
            ]
        },
    ),
    webhook("customer.created", {"customer": customer(created_at=at(1))}),
    webhook(
        "customer.loyalty.tier.joined",
        {"customer": customer(), "loyalty_tier": TIER, "created_at": at(1)},
    ),
    publication("pub_1", [CARD]),
    publication("pub_2", [CARD, "v_9"]),
    webhook(
        "redemption.succeeded",
        {"redemption": redemption("r_1", voucher=card(1), order=ORDER), "order": ORDER},
    ),
    webhook(
        "redemption.rollback.succeeded",
        {"redemption_rollback": redemption("rr_1", 7, rolled_back="r_1")},
    ),
)
DOCUMENTED = [
    path.template
    for path in TABLE
    if vendor.IS_THERE and path.template in vendor.specification("api-v2018-08-01")["paths"]
]


@pytest.mark.parametrize("template", DOCUMENTED)
async def test_answers_are_of_the_vendors_shape(world: World, template: str) -> None:
    """Lists have something in them, or this would say nothing."""
    await world.tell(*TOLD)

    answer = await world.get(everything.path(template))

    assert [] == vendor.mistakes(template, answer)
    if answer.get("object") == "list":
        assert answer[answer["data_ref"]]


async def test_the_check_would_find_mistakes(world: World) -> None:
    """A number for a text, a value that is none of the few, an object for a list."""
    await world.tell(*TOLD)
    template = "/v1/loyalties/{campaignId}/members"
    answer = await world.get(template.replace("{campaignId}", CAMPAIGN))

    answer["vouchers"][0] |= {"code": 7, "type": "COUPON", "loyalty_card": []}
    answer["total"] = "1"

    assert 4 == len(vendor.mistakes(template, answer))


@pytest.mark.parametrize("number", range(33))
async def test_what_an_example_tells_is_answered(world: World, number: int) -> None:
    """Every field of every card, customer, publication, ledger entry … in the example."""
    event_type, payload = list(vendor.examples())[number]
    await world.tell(webhook(event_type, payload, told=10**9))

    compared = 0
    async for where, told, answered in _answers(world, event_type, payload):
        for name, value in _facts(told):
            assert _tells(value, answered.get(name)), (where, name, value, answered.get(name))
            compared += 1
    assert compared or event_type.startswith(NOTHING_KEPT)


def _tells(told: Any, answered: Any) -> bool:
    """Whether all that was told is answered; other events' forms may have told more."""
    if isinstance(told, dict) and isinstance(answered, dict):
        return all(name in answered and _tells(told[name], answered[name]) for name in told)
    return bool(told == answered)


async def _answers(
    world: World, event_type: str, payload: dict[str, Any]
) -> AsyncIterator[Answered]:
    """Each thing that a payload tells, with what is answered of it."""
    if event_type == "publication.succeeded" and set(payload) == {"data"}:
        payload = payload["data"]
    if not event_type.startswith("voucher.deleted"):
        for voucher in _objects(payload, "voucher", "vouchers"):
            told = {**voucher}
            if "balance" in payload and event_type.startswith("customer.rewarded"):
                told["loyalty_card"] = {}  # as it was before, the balance after stands beside it
            path = f"/v1/vouchers/{quote(voucher['code'], safe='')}"
            yield "voucher", told, await world.get(path)
    if not event_type.startswith("customer.deleted"):
        for person in _objects(payload, "customer", "holder"):
            yield "customer", person, await world.get(f"/v1/customers/{person['id']}")
    for name, path in (("campaign", "campaigns"), ("order", "orders")):
        for thing in _objects(payload, name):
            yield name, thing, await world.get(f"/v1/{path}/{thing['id']}")
    for thing in _objects(payload, "redemption", "redemption_rollback"):
        told = {name: value for name, value in thing.items() if name not in ("order", "status")}
        yield "redemption", told, await world.get(f"/v1/redemptions/{thing['id']}")
    for thing in _objects(payload, "publication"):
        (listed,) = (await world.get("/v1/publications"))["publications"]
        told = {name: value for name, value in thing.items() if name not in ("customer", "voucher")}
        yield "publication", told, listed
    for entry in _objects(payload, "transaction"):
        path = f"/v1/vouchers/{entry['voucher_id']}/transactions" if "voucher_id" in entry else ""
        told = {name: value for name, value in entry.items() if name != "details"}
        yield "transaction", told, (await world.get(path))["data"][0] if path else told
    for points in _objects(payload, "pending_points"):
        if event_type.endswith(("added", "updated")):
            path = f"/v1/loyalties/members/{points['voucher_id']}/pending-points"
            yield "pending_points", points, (await world.get(path))["data"][0]
    for tier in _objects(payload, "loyalty_tier", "loyalty_tier_to"):
        path = f"/v1/loyalties/{tier['campaign_id']}/tiers"
        listed = {one["id"]: one for one in (await world.get(path))["data"]}
        told = {name: value for name, value in tier.items() if name != "expiration"}
        yield "tier", told, listed[tier["id"]]
    async for answer in _definitions(world, payload):
        yield answer


async def _definitions(world: World, payload: dict[str, Any]) -> AsyncIterator[Answered]:
    """What marketers set up, and who is in it."""
    for name, path in (
        ("promotion_tier", "promotions/tiers"),
        ("rule", "validation-rules"),
        ("segment", "segments"),
        ("reward", "rewards"),
    ):
        for thing in _objects(payload, name):
            told = {key: value for key, value in thing.items() if key not in OUTCOME}
            yield name, told, await world.get(f"/v1/{path}/{thing['id']}")
    for segment in _objects(payload, "segment"):
        (listed,) = (await world.get(f"/v1/customers/{payload['customer']['id']}/segments"))["data"]
        yield "customer's segment", segment, listed
    for thing in _objects(payload, "assignment"):
        path = f"validation-rules-assignments?related_object_id={thing['related_object_id']}"
        (listed,) = (await world.get(f"/v1/{path}"))["data"]
        yield "assignment", thing, listed
    for thing in _objects(payload, "reward_assignment"):
        path = f"rewards/{thing['reward_id']}/assignments/{thing['id']}"
        yield "reward assignment", thing, await world.get(f"/v1/{path}")
    holder = payload.get("holder") or {}
    if holder.get("object") == HOLDING:
        path = f"referrals/members/{holder['redeemable_id']}/holders"
        (listed,) = (await world.get(f"/v1/{path}"))["data"]
        yield "holder", holder, listed


def _objects(payload: Mapping[str, Any], *names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        value = payload.get(name)
        for thing in value if isinstance(value, list) else [value]:
            if isinstance(thing, dict) and "id" in thing and thing.get("object") != HOLDING:
                yield thing


def _facts(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields, but for people (who are joined) and cards as they were when something happened."""
    for name, value in told.items():
        if name not in ("customer", "voucher", "holder", "reward"):
            yield name, value
