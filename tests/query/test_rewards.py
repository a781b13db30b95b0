"""Rewards, and what they are assigned to."""

from typing import Any

from tests.factories import CAMPAIGN, at, webhook
from tests.query.world import World, campaign

MUG = {"id": "rew_1", "name": "Mug", "type": "COIN", "created_at": at(1), "object": "reward"}


def assignment(id_: str, made: int = 1, **more: Any) -> dict[str, Any]:
    """What the reward costs in the campaign."""
    return {
        "id": id_,
        "reward_id": "rew_1",
        "related_object_id": CAMPAIGN,
        "related_object_type": "campaign",
        "parameters": {"loyalty": {"points": 100}},
        "created_at": at(made),
        "updated_at": None,
        "object": "reward_assignment",
        **more,
    }


def assigned(id_: str, made: int = 1, **more: Any) -> dict[str, Any]:
    """The reward was assigned to the campaign."""
    told = {"reward_assignment": assignment(id_, made, **more), "reward": MUG}
    return webhook("campaign.reward.assignment.created", told)


async def test_a_reward_is_answered_as_it_was_told(world: World) -> None:
    """Without what one customer got of it."""
    got = {"assignment_id": "rewa_1", "voucher": {"id": "v_1"}}
    await world.tell(webhook("customer.rewarded", {"reward": MUG | got}))

    assert MUG == await world.get("/v1/rewards/rew_1")
    assert [MUG] == (await world.get("/v1/rewards"))["data"]
    assert 404 == await world.status("/v1/rewards/rew_9")


async def test_a_reward_says_what_it_is(world: World) -> None:
    """The one field that the vendor's always has follows from where it stands."""
    await world.tell(webhook("customer.rewarded", {"reward": {"id": "rew_2", "name": "Cup"}}))

    cup = {"object": "reward", "id": "rew_2", "name": "Cup"}
    assert cup == await world.get("/v1/rewards/rew_2")
    assert [cup] == (await world.get("/v1/rewards"))["data"]


async def test_rewards_by_assignment(world: World) -> None:
    """The reward that is assigned by it; none where there is no such assignment."""
    await world.tell(
        assigned("rewa_1"),
        webhook("customer.rewarded", {"reward": MUG | {"id": "rew_2"}}),
    )

    assert 2 == await world.total("/v1/rewards")
    assert ["rew_1"] == await world.ids("/v1/rewards?assignment_id=rewa_1")
    assert [] == await world.ids("/v1/rewards?assignment_id=rewa_9")


async def test_assignments_are_found_and_listed(world: World) -> None:
    """Those of the reward, until they or their campaign are deleted."""
    gold = campaign(CAMPAIGN, "Gold")
    await world.tell(
        webhook("campaign.created", {"campaign": gold}),
        assigned("rewa_1", 1),
        assigned("rewa_2", 2),
        assigned("rewa_3", 3),
        assigned("rewa_4", 4, reward_id="rew_2"),
        webhook("campaign.reward.assignment.deleted", {"reward_assignment": assignment("rewa_3")}),
    )

    assert ["rewa_2", "rewa_1"] == await world.ids("/v1/rewards/rew_1/assignments")
    assert ["rewa_2"] == await world.ids("/v1/rewards/rew_1/assignments?limit=1")
    assert ["rewa_1"] == await world.ids("/v1/rewards/rew_1/assignments?limit=1&page=2")
    assert ["rewa_4"] == await world.ids("/v1/rewards/rew_2/assignments")
    assert assignment("rewa_1") == await world.get("/v1/rewards/rew_1/assignments/rewa_1")
    for path in ("rew_1/assignments/rewa_4", "rew_1/assignments/rewa_3", "rew_9/assignments"):
        assert 404 == await world.status(f"/v1/rewards/{path}")

    await world.tell(webhook("campaign.deleted", {"campaign": gold}))

    assert [] == await world.ids("/v1/rewards/rew_1/assignments")
    assert 404 == await world.status("/v1/rewards/rew_1/assignments/rewa_1")
