"""Loyalty programmes: themselves, their entries, their rules and rewards for members and tiers."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CARD, at, card, webhook
from tests.query.world import World, campaign, customer

ROOT = f"/v1/loyalties/{CAMPAIGN}"
OTHER = "camp_other"
TIER = {
    "id": "ltr_1",
    "name": "Gold",
    "campaign_id": CAMPAIGN,
    "earning_rules": {
        "ern_fixed": {"type": "MULTIPLY", "multiplier": 1.5},
        "ern_orders": {"type": "CUSTOM", "points": 9},
    },
    "rewards": {"rewa_mug": {"type": "MULTIPLY", "multiplier": 2}},
    "created_at": at(1),
    "object": "loyalty_tier",
}


def rule(name: str, loyalty: dict[str, Any], made: int = 1) -> dict[str, Any]:
    """An earning rule of the programme."""
    told = {
        "id": f"ern_{name}",
        "loyalty": loyalty,
        "source": {"object_id": CAMPAIGN, "object_type": "campaign"},
        "created_at": at(made),
        "object": "earning_rule",
    }
    return webhook("campaign.earning_rule.assigned", {"earning_rule": told})


def assigned(name: str, points: int | None, made: int = 1) -> dict[str, Any]:
    """A reward that is assigned to the programme."""
    told: dict[str, Any] = {
        "id": f"rewa_{name}",
        "reward_id": f"rew_{name}",
        "related_object_id": CAMPAIGN,
        "related_object_type": "campaign",
        "created_at": at(made),
        "object": "reward_assignment",
    }
    if points is not None:
        told["parameters"] = {"loyalty": {"points": points}}
    return webhook("campaign.reward.assignment.created", {"reward_assignment": told})


TOLD = (
    webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold")}),
    webhook("campaign.created", {"campaign": campaign(OTHER, "Other")}),
    webhook("campaign.created", {"campaign": campaign("camp_gift", "Gift", "GIFT_VOUCHERS")}),
    webhook("voucher.created", {"voucher": card(50)}),
    webhook("customer.created", {"customer": customer()}),
    webhook("campaign.loyalty_tier.created", {"loyalty_tier": TIER}),
    rule("fixed", {"type": "FIXED", "points": 5}),
    rule("orders", {"type": "PROPORTIONAL", "order": {"amount": {"every": 100, "points": 1}}}, 2),
    assigned("mug", 30),
    assigned("pin", 50),
    assigned("any", None, 2),
    webhook("customer.rewarded", {"reward": {"id": "rew_mug", "name": "Mug", "object": "reward"}}),
)


@pytest.fixture(autouse=True)
async def told(world: World) -> None:
    """A programme with a card, a tier, two rules and three rewards."""
    await world.tell(*TOLD)


async def test_programmes_are_the_campaigns_of_their_type(world: World) -> None:
    """By id or name; another campaign is no programme."""
    assert {CAMPAIGN, OTHER} == set(await world.ids("/v1/loyalties"))
    assert 2 == await world.total("/v1/loyalties?limit=1")
    assert "Gold" == (await world.get(ROOT))["name"]
    assert CAMPAIGN == (await world.get("/v1/loyalties/Gold"))["id"]
    assert 404 == await world.status("/v1/loyalties/camp_gift")
    assert 400 == await world.status("/v1/loyalties?expand=category")


async def test_rules_of_a_programme(world: World) -> None:
    """The newest first, page by page; one by one under their own programme only."""
    rules = f"{ROOT}/earning-rules"

    assert ["ern_orders", "ern_fixed"] == await world.ids(rules)
    assert ["ern_fixed", "ern_orders"] == await world.walk(f"{rules}?order=created_at", limit=1)
    assert 5 == (await world.get(f"{rules}/ern_fixed"))["loyalty"]["points"]
    assert 404 == await world.status(f"/v1/loyalties/{OTHER}/earning-rules/ern_fixed")
    assert [] == await world.ids(f"/v1/loyalties/{OTHER}/earning-rules")


async def test_rules_as_a_tier_has_them(world: World) -> None:
    """Multiplied and rounded down, or with points of its own, however deep they stand."""
    listed = await world.get(f"{ROOT}/tiers/ltr_1/earning-rules")

    orders, fixed = (one["loyalty"] for one in listed["data"])
    assert {"type": "FIXED", "points": 7} == fixed
    assert {"every": 100, "points": 9} == orders["order"]["amount"]
    assert 404 == await world.status(f"{ROOT}/tiers/ltr_2/earning-rules")
    assert "Gold" == (await world.get(f"{ROOT}/tiers/ltr_1"))["name"]
    assert 404 == await world.status(f"/v1/loyalties/{OTHER}/tiers/ltr_1")


async def test_a_rule_without_points_is_as_told(world: World) -> None:
    """What its schema requires is null where nobody told it."""
    await world.tell(
        webhook(
            "campaign.earning_rule.assigned",
            {
                "earning_rule": {
                    "id": "ern_bare",
                    "source": {"object_id": CAMPAIGN, "object_type": "campaign"},
                }
            },
        )
    )

    assert (await world.get(f"{ROOT}/earning-rules/ern_bare"))["loyalty"] is None
    assert 3 == await world.total(f"{ROOT}/tiers/ltr_1/earning-rules")


@pytest.mark.parametrize("name", ["reward-assignments", "rewards"])
async def test_assignments(world: World, name: str) -> None:
    """Two paths lead to the same ones."""
    assert ["rewa_any", "rewa_pin", "rewa_mug"] == await world.ids(f"{ROOT}/{name}")
    assert ["rewa_pin"] == await world.ids(f"{ROOT}/{name}?assignment_id=rewa_pin")
    assert ["rewa_pin"] == await world.ids(f"{ROOT}/{name}?assignmentId=rewa_pin")
    assert "rew_pin" == (await world.get(f"{ROOT}/{name}/rewa_pin"))["reward_id"]
    assert 404 == await world.status(f"/v1/loyalties/{OTHER}/{name}/rewa_pin")


async def test_the_reward_of_an_assignment(world: World) -> None:
    """Of one whose reward was never told there is nothing to say."""
    assert "Mug" == (await world.get(f"{ROOT}/reward-assignments/rewa_mug/reward"))["name"]
    assert 404 == await world.status(f"{ROOT}/reward-assignments/rewa_pin/reward")


async def test_rewards_of_a_tier(world: World) -> None:
    """For what they cost its members, with all that is known of each."""
    answer = await world.get(f"{ROOT}/tiers/ltr_1/rewards")

    assert {"loyalty_tier_reward"} == {one["object"] for one in answer["data"]}
    assert [None, 50, 60] == [_price(one) for one in answer["data"]]
    assert {"id": "rew_pin", "object": "reward"} == answer["data"][1]["reward"]
    assert "Mug" == answer["data"][2]["reward"]["name"]


async def test_rewards_of_a_member(world: World) -> None:
    """For what they cost those of the member's tier; only those that the balance is enough for."""
    rewards = f"/v1/loyalties/members/{CARD}/rewards"

    assert [None, 50, 30] == [_price(one) for one in (await world.get(rewards))["data"]]
    assert 3 == await world.total(f"{rewards}?affordable_only=true")
    await world.tell(
        webhook(
            "customer.loyalty.tier.joined",
            {"customer": customer(), "loyalty_tier": TIER, "created_at": at(1)},
        )
    )
    assert [None, 50, 60] == [_price(one) for one in (await world.get(rewards))["data"]]
    affordable = (await world.get(f"{rewards}?affordable_only=true"))["data"]
    assert [None, 50] == [_price(one) for one in affordable]
    assert 3 == await world.total(f"{rewards}?affordable_only=false")
    assert 400 == await world.status(f"{rewards}?affordable_only=1")


async def test_pending_points_of_all_members(world: World) -> None:
    """Those of one campaign, behind a cursor that need not exist any more."""
    for number in range(5):
        points = {"id": f"lopp_{number}", "voucher_id": CARD, "points": 1, "details": {}}
        beside = {"pending_points": points, "voucher": card(50)}
        await world.tell(webhook("voucher.loyalty_card.pending_points.added", beside))
    path = f"{ROOT}/pending-points"

    ids = [f"lopp_{number}" for number in range(5)]
    assert ids[::-1] == await world.follow(path, limit=2)
    assert ids == await world.follow(f"{path}?order=id", limit=3)
    assert ids[3:] == await world.ids(f"{path}?order=id&starting_after_id=lopp_25")
    assert [] == await world.ids(f"/v1/loyalties/{OTHER}/pending-points")


async def test_transactions_of_one_millisecond_are_all_listed(world: World) -> None:
    """Once each, whatever the size of the page, in both directions."""
    for number in range(7):
        entry = {"id": f"vtx_{number}", "voucher_id": CARD, "created_at": at(number // 4)}
        beside = {"transaction": entry, "voucher": card(50)}
        await world.tell(webhook("voucher.loyalty_card.transaction.created", beside))
    ids = [f"vtx_{number}" for number in range(7)]

    for limit in (1, 2, 3, 7):
        for path in (f"{ROOT}/transactions", f"/v1/campaigns/{CAMPAIGN}/transactions"):
            assert ids == await world.follow(f"{path}?order=id", limit=limit)
            assert ids[::-1] == await world.follow(path, limit=limit)
    assert 404 == await world.status(f"{ROOT}/transactions?starting_after_id=vtx_7")
    assert [] == await world.ids(f"/v1/loyalties/{OTHER}/transactions")
    assert 404 == await world.status(f"/v1/loyalties/{OTHER}/transactions?starting_after_id=vtx_1")
    (first, *_) = (await world.get(f"{ROOT}/transactions"))["data"]
    assert first["type"] is None
    assert first["campaign_id"] == CAMPAIGN


async def test_what_a_deleted_programme_leaves(world: World) -> None:
    """Nothing that is set up in it, no member; what happened stays with the card's entries."""
    await world.tell(webhook("campaign.deleted", {"campaign": campaign(CAMPAIGN, "Gold")}))

    for path in ("", "/earning-rules", "/rewards", "/tiers", "/members", "/tiers/ltr_1/rewards"):
        assert 404 == await world.status(f"{ROOT}{path}")
    assert 404 == await world.status(f"/v1/loyalties/members/{CARD}/rewards")
    assert [OTHER] == await world.ids("/v1/loyalties")


async def test_a_programme_that_is_known_by_its_rules_only(world: World) -> None:
    """Has lists, and is itself not there."""
    told = {"id": "ern_x", "source": {"object_id": "camp_x", "object_type": "campaign"}}
    await world.tell(webhook("campaign.earning_rule.assigned", {"earning_rule": told}))

    assert ["ern_x"] == await world.ids("/v1/loyalties/camp_x/earning-rules")
    assert [] == await world.ids("/v1/loyalties/camp_x/transactions")
    assert 404 == await world.status("/v1/loyalties/camp_x")


async def test_how_often_a_voucher_was_redeemed(world: World) -> None:
    """With its redemptions, failed ones too, and no rollbacks."""
    counts = {"quantity": None, "redeemed_quantity": 1}
    coupon = {"id": "v_1", "code": "A/B", "redemption": counts, "created_at": at(0)}
    await world.tell(webhook("voucher.created", {"voucher": coupon}))
    for number, result in enumerate(("SUCCESS", "FAILURE")):
        told = {
            "id": f"r_{number}",
            "object": "redemption",
            "date": at(number),
            "result": result,
            "related_object_type": "voucher",
            "related_object_id": "v_1",
        }
        await world.tell(webhook("redemption.succeeded", {"redemption": told}))
    back = {"id": "rr_0", "object": "redemption_rollback", "redemption": "r_0", "date": at(9)}
    beside = {"redemption_rollback": {**back, "result": "SUCCESS"}, "voucher": coupon}
    await world.tell(webhook("redemption.rollback.succeeded", beside))

    answer = await world.get("/v1/vouchers/A%2FB/redemption")

    assert counts == {name: answer[name] for name in counts}
    assert 2 == answer["total"]
    assert ["r_1", "r_0"] == [one["id"] for one in answer["redemption_entries"]]
    assert "ROLLED_BACK" == answer["redemption_entries"][1]["status"]
    assert "/v1/vouchers/A%2FB/redemptions?page=1&limit=10" == answer["url"]
    assert 404 == await world.status("/v1/vouchers/none/redemption")


def _price(offer: dict[str, Any]) -> Any:
    return offer["assignment"].get("parameters", {}).get("loyalty", {}).get("points")
