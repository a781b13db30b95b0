"""Rewards as they are defined, and what they are assigned to."""

from typing import Any, Final

from query import listing, required
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Filter, Listing
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import ColumnOf, Condition, Criteria


async def _assigned(asked: Asked, name: str) -> Criteria:
    """The reward of one assignment."""
    by_id = Condition("id", "=", asked.parameters.only(name))
    return (Condition("id", "of", ColumnOf("name", kinds.REWARD_ASSIGNMENT, (by_id,))),)


REWARDS: Final = Listing(
    kind=kinds.REWARD, data_ref="data", filters={"assignment_id": Filter(_assigned)}
)
ASSIGNMENTS: Final = Listing(kind=kinds.REWARD_ASSIGNMENT, data_ref="data")


async def get_reward(asked: Asked) -> Thing:
    """A reward by its id."""
    return required.reward(await asked.get(kinds.REWARD, asked.names["rewardId"]))


async def list_rewards(asked: Asked) -> dict[str, Any]:
    """A page of all rewards."""
    page = await listing.read(asked, REWARDS)
    rewards = [required.reward(one) for one in page.things]
    return listing.envelope(REWARDS.data_ref, rewards, total=page.total)


async def list_assignments(asked: Asked) -> dict[str, Any]:
    """A page of the assignments of the path's reward, which may be known from these only."""
    id_ = asked.names["rewardId"]
    of_it = _of_the_reward(asked)
    if not (
        await asked.reader.get(asked.project, kinds.REWARD, id_)
        or await asked.first(kinds.REWARD_ASSIGNMENT, of_it)
    ):
        raise not_found(kinds.REWARD, id_)
    return await listing.answer(asked, ASSIGNMENTS, of_it)


async def get_assignment(asked: Asked) -> Thing:
    """An assignment by its id, if it is one of the path's reward."""
    id_ = asked.names["assignmentId"]
    by_id = Condition("id", "=", id_)
    assignment = await asked.first(kinds.REWARD_ASSIGNMENT, by_id, _of_the_reward(asked))
    if assignment is None:
        raise not_found(kinds.REWARD_ASSIGNMENT, id_)
    return assignment


def _of_the_reward(asked: Asked) -> Condition:
    return Condition("name", "=", asked.names["rewardId"])


PATHS: Final = (
    listing.path("/v1/rewards", list_rewards, "All rewards", "Reward", REWARDS),
    Path("/v1/rewards/{rewardId}", get_reward, "One reward", Answer("Reward")),
    listing.path(
        "/v1/rewards/{rewardId}/assignments",
        list_assignments,
        "What a reward is assigned to",
        "RewardAssignment",
        ASSIGNMENTS,
    ),
    Path(
        "/v1/rewards/{rewardId}/assignments/{assignmentId}",
        get_assignment,
        "One assignment of a reward",
        Answer("RewardAssignment"),
    ),
)
