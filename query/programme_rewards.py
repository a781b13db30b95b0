"""What the members of a loyalty programme can get for their points: rewards assigned to it."""

from collections.abc import Sequence
from typing import Any, Final

from query import campaigns, filters, listing, required, tiers, whole
from query.asked import Asked
from query.described import Answer, Parameter, Value
from query.listing import Listing
from query.members import get_member
from query.paths import Path
from query.tiers import of_tier
from state import kinds
from state.reader import Thing
from state.selection import Condition

ASSIGNMENTS: Final = Listing(
    kind=kinds.REWARD_ASSIGNMENT,
    data_ref="data",
    # The vendor spells it one way for one of the paths and otherwise for the other.
    filters={"assignment_id": filters.equals("id"), "assignmentId": filters.equals("id")},
)

_ROOT: Final = "/v1/loyalties/{campaignId}"
_WHETHER: Final = ("true", "false")


async def list_assignments(asked: Asked) -> dict[str, Any]:
    """A page of the assignments of rewards to a programme."""
    programme = await campaigns.programme(asked)
    return await listing.answer(asked, ASSIGNMENTS, Condition("campaign", "=", programme["id"]))


async def get_assignment(asked: Asked) -> Thing:
    """An assignment by its id, if it is one of the path's programme."""
    programme = await campaigns.programme(asked)
    of_it = Condition("campaign", "=", programme["id"])
    return await asked.one(kinds.REWARD_ASSIGNMENT, asked.names["assignmentId"], of_it)


async def get_assigned_reward(asked: Asked) -> Thing:
    """The reward of an assignment."""
    id_ = (await get_assignment(asked)).get("reward_id")
    return required.reward(await asked.get(kinds.REWARD, id_ if isinstance(id_, str) else ""))


async def list_tier_rewards(asked: Asked) -> dict[str, Any]:
    """All rewards of a programme, for what they cost the members of a tier."""
    programme = await campaigns.programme(asked)
    assigned = await _assigned(asked, programme["id"], await tiers.get_tier(asked))
    return await _offers(asked, assigned, "loyalty_tier_reward")


async def list_member_rewards(asked: Asked) -> dict[str, Any]:
    """All rewards of the member's programme, for what they cost them; or those they can afford."""
    card = await get_member(asked)
    affordable = asked.parameters.choice("affordable_only", _WHETHER) == "true"
    assigned: Sequence[Thing] = ()
    if isinstance(card.get("campaign_id"), str):
        tier = await tiers.tier_of(asked, card)
        assigned = await _assigned(asked, card["campaign_id"], tier or {})
    if affordable:
        balance = _inside(card, "loyalty_card", "balance")
        assigned = [one for one in assigned if _costs_at_most(one, balance)]
    return await _offers(asked, assigned, "loyalty_reward")


async def _assigned(asked: Asked, campaign: str, tier: Thing) -> list[Thing]:
    found = await whole.read(asked, kinds.REWARD_ASSIGNMENT, Condition("campaign", "=", campaign))
    return [
        one | {"parameters": of_tier(tier, "rewards", one["id"], one["parameters"])}
        if "parameters" in one
        else one
        for one in found
    ]


async def _offers(asked: Asked, assigned: Sequence[Thing], object_: str) -> dict[str, Any]:
    ids = sorted({one["reward_id"] for one in assigned if isinstance(one.get("reward_id"), str)})
    known = await asked.reader.get_many(asked.project, kinds.REWARD, ids) if ids else {}
    offers = [
        {
            "reward": required.reward(known.get(str(one.get("reward_id")), _reference(one))),
            "assignment": one,
            "object": object_,
        }
        for one in assigned
    ]
    return listing.envelope("data", offers, total=len(offers))


def _reference(assignment: Thing) -> Thing:
    """What is left to say of a reward that was never told."""
    return {"id": assignment["reward_id"]} if "reward_id" in assignment else {}


def _costs_at_most(assignment: Thing, balance: Any) -> bool:
    """Whether a balance is enough; a reward of any price, such as paying with points, takes any."""
    points = _inside(assignment, "parameters", "loyalty", "points")
    if not isinstance(points, int | float):
        return True
    return isinstance(balance, int | float) and points <= balance


def _inside(thing: Any, *names: str) -> Any:
    """The value at a path below an object, None where nothing is."""
    for name in names:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


PATHS: Final = (
    *(
        listing.path(
            f"{_ROOT}/{name}",
            list_assignments,
            "The rewards that are assigned to a programme",
            "RewardAssignment",
            ASSIGNMENTS,
        )
        for name in ("reward-assignments", "rewards")
    ),
    *(
        Path(
            f"{_ROOT}/{name}/{{assignmentId}}",
            get_assignment,
            "One assignment of a reward",
            Answer("RewardAssignment"),
        )
        for name in ("reward-assignments", "rewards")
    ),
    Path(
        f"{_ROOT}/reward-assignments/{{assignmentId}}/reward",
        get_assigned_reward,
        "The reward of an assignment",
        Answer("Reward"),
    ),
    Path(
        f"{_ROOT}/tiers/{{loyaltyTierId}}/rewards",
        list_tier_rewards,
        "The rewards of a programme, for what they cost the members of a tier",
        Answer("LoyaltyReward", "data", ("total",)),
    ),
    Path(
        "/v1/loyalties/members/{memberId}/rewards",
        list_member_rewards,
        "The rewards that a member can get",
        Answer("LoyaltyReward", "data", ("total",)),
        (Parameter("affordable_only", Value("boolean", default="false")),),
    ),
)
