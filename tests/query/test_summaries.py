"""What is counted of a campaign."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, at, card, transaction, webhook
from tests.query.world import World, campaign, publication, redemption

SUMMARY = f"/v1/campaigns/{CAMPAIGN}/summary"
BASE = {
    "redemptions": 0,
    "redemptions_succeeded": 0,
    "redemptions_failed": 0,
    "rollbacks": 0,
    "rollbacks_succeeded": 0,
    "rollbacks_failed": 0,
    "orders_amount": 0,
    "orders_rolledback_amount": 0,
}
VOUCHERS = {
    "vouchers_created": 0,
    "publications": 0,
    "publications_succeeded": 0,
    "publications_failed": 0,
}
DISCOUNTS = {"discounted_amount": 0, "rolledback_discounted_amount": 0}


def made(type_: str) -> dict[str, Any]:
    """`campaign.created` of the campaign that is asked for."""
    return webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Club", type_)})


def moved(id_: str, type_: str, told: str, many: int, day: int = 1) -> dict[str, Any]:
    """A ledger entry of the campaign."""
    entry = {
        **transaction(id_, 0, 0, 0, type_=type_),
        "details": {"balance": {told: many, "balance": 0}},
        "created_at": f"2025-03-{day:02d}T23:59:59.999Z",
    }
    return webhook("voucher.loyalty_card.transaction.created", {"transaction": entry})


def redeemed(id_: str, type_: str = "redemption.succeeded", **more: Any) -> dict[str, Any]:
    """A redemption or a rollback in the campaign."""
    told = redemption(id_, **more)
    return webhook(type_, {told["object"]: told, "campaign": {"id": CAMPAIGN}})


async def summary(world: World, query: str = "") -> dict[str, Any]:
    """The counts of the campaign."""
    found: dict[str, Any] = await world.get(f"{SUMMARY}{query}")
    assert "campaign_summary" == found.pop("object")
    assert CAMPAIGN == found.pop("campaign")["id"]
    return found


async def test_redemptions_and_what_they_tell_of_orders(world: World) -> None:
    """An order that was redeemed twice counts once; what failed adds no amount."""
    order = {"id": "ord_1", "amount": 900, "total_applied_discount_amount": 90}
    await world.tell(
        made("DISCOUNT_COUPONS"),
        redeemed("r_1", order=order),
        redeemed("r_2", order=order),
        redeemed("r_3", order={"id": "ord_2", "amount": 100}),
        redeemed("r_4", "redemption.failed", result="FAILURE", order=order),
        redeemed("rr_1", "redemption.rollback.succeeded", rolled_back="r_1", order=order),
        redeemed("rr_2", "redemption.rollback.failed", rolled_back="r_2", result="FAILURE"),
    )

    expected = {
        **(BASE | VOUCHERS),
        "redemptions": 4,
        "redemptions_succeeded": 3,
        "redemptions_failed": 1,
        "rollbacks": 2,
        "rollbacks_succeeded": 1,
        "rollbacks_failed": 1,
        "orders_amount": 1_000,
        "orders_rolledback_amount": 900,
        "discounted_amount": 90,
        "rolledback_discounted_amount": 90,
    }
    assert expected == await summary(world)


async def test_vouchers_and_publications(world: World) -> None:
    """A deleted voucher is not counted: which campaign it was of is forgotten."""
    other = {**card(), "id": "v_2", "code": "CODE-2"}
    failed = {"result": "FAILURE"}
    await world.tell(
        made("REFERRAL_PROGRAM"),
        webhook("voucher.created", {"voucher": card()}),
        webhook("voucher.created", {"voucher": other}),
        webhook("voucher.deleted", {"voucher": other}),
        publication("pub_1", ["v_card"], campaign={"id": CAMPAIGN}),
        publication("pub_2", ["v_card"], campaign={"id": CAMPAIGN}, publication=failed),
        publication("pub_3", ["v_else"], campaign={"id": "camp_other"}),
    )

    expected = {
        **(BASE | VOUCHERS),
        "vouchers_created": 1,
        "publications": 2,
        "publications_succeeded": 1,
        "publications_failed": 1,
    }
    assert expected == await summary(world)


async def test_points_of_a_loyalty_programme(world: World) -> None:
    """What was activated after a time was rewarded, too."""
    await world.tell(
        made("LOYALTY_PROGRAM"),
        moved("vtx_1", "POINTS_ADDITION", "points", 5),
        moved("vtx_2", "POINTS_ACCRUAL", "points", 70),
        moved("vtx_3", "PENDING_POINTS_ACTIVATION", "points", 7),
        moved("vtx_4", "POINTS_REDEMPTION", "points", -30),
        moved("vtx_5", "POINTS_REDEMPTION", "points", -3),
        moved("vtx_6", "POINTS_EXPIRATION", "points", -2),
    )

    expected = {
        **(BASE | VOUCHERS),
        "points_added": 5,
        "points_rewarded": 77,
        "points_subtracted": 0,
        "points_redeemed": 33,
        "points_rolledback": 0,
        "points_expired": 2,
        "points_transferred_in": 0,
        "points_transferred_out": 0,
        "pending_points_activated": 7,
    }
    assert expected == await summary(world)


async def test_amounts_of_gift_cards(world: World) -> None:
    """Of the days asked for, the first and the last included; by the name, too."""
    await world.tell(
        made("GIFT_VOUCHERS"),
        moved("vtx_1", "CREDITS_ADDITION", "amount", 500, day=1),
        moved("vtx_2", "CREDITS_REDEMPTION", "amount", -40, day=2),
        moved("vtx_3", "CREDITS_REDEMPTION", "amount", -2, day=3),
        moved("vtx_4", "CREDITS_REMOVAL", "amount", -1, day=4),
    )

    whole = await summary(world)
    days = await summary(world, "?start_date=2025-03-02&end_date=2025-03-03")

    assert (500, 42, 1, 0) == _amounts(whole)
    assert (0, 42, 0, 0) == _amounts(days)
    assert whole == {**await summary(world, "?start_date=2025-03-01"), "vouchers_created": 0}
    assert 200 == await world.status("/v1/campaigns/Club/summary")


def _amounts(found: dict[str, Any]) -> tuple[int, ...]:
    names = ("added", "redeemed", "subtracted", "rolledback")
    return tuple(found[f"amount_{name}"] for name in names)


async def test_a_promotion_has_no_vouchers(world: World) -> None:
    """Nothing is said of what it can't have, nor of validations anywhere."""
    await world.tell(made("PROMOTION"))

    assert {**BASE, **DISCOUNTS} == await summary(world)


async def test_the_tag_changes_with_what_is_counted(world: World) -> None:
    """A redemption more is another version."""
    await world.tell(made("PROMOTION"))
    before = (await world.ask(SUMMARY)).headers["etag"]
    again = (await world.ask(SUMMARY)).headers["etag"]
    await world.tell(redeemed("r_1"))

    assert before == again
    assert before != (await world.ask(SUMMARY)).headers["etag"]


@pytest.mark.parametrize(
    "query",
    [
        "start_date=yesterday",
        "end_date=2025-02-30",
        f"start_date={at(0)}",
        "end_date=",
        "start_date=",
    ],
)
async def test_a_day_that_is_none_is_refused(world: World, query: str) -> None:
    """By name."""
    answer = await world.ask(f"{SUMMARY}?{query}")

    assert 400 == answer.status_code
    assert answer.json()["details"].startswith(query.split("=")[0])


async def test_a_campaign_that_was_not_told_has_no_summary(world: World) -> None:
    """Of what type it is decides what is counted."""
    await world.tell(redeemed("r_1"))

    assert 404 == await world.status("/v1/campaigns/camp_other/summary")
