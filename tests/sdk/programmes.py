"""What is asked about how points are earned in loyalty programmes, and what they buy there."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.sdk.definitions import all_fields
from tests.sdk.members import PROGRAMME
from tests.sdk.question import Question, Questions, one, where, whole
from voucherify_sync.simulator import fields
from voucherify_sync.simulator.api import Answer, items
from voucherify_sync.simulator.likeness import Difference, differences
from voucherify_sync.simulator.verdicts import Differences, status_problem
from voucherify_sync.simulator.wire import Json

_CHANGED_BY_A_TIER: Final = frozenset({"loyalty", "parameters"})


def _programmes(truth: Json) -> Mapping[str, Json]:
    return where(truth["campaigns"], "campaign_type", PROGRAMME)


def _rules(truth: Json, programme: str) -> dict[str, Json]:
    every = truth["earning_rules"].items()
    return {id_: rule for id_, rule in every if rule["source"]["object_id"] == programme}


def _assignments(truth: Json, programme: str) -> dict[str, Json]:
    return where(truth["reward_assignments"], "related_object_id", programme)


def _in_any_tier(things: Mapping[str, Json]) -> dict[str, Json]:
    """Without what a tier may change."""
    return {
        id_: {name: value for name, value in thing.items() if name not in _CHANGED_BY_A_TIER}
        for id_, thing in things.items()
    }


def _earning_rules(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        rules = _rules(truth, id_)
        yield whole("rules of", "data", rules, all_fields(rules), {"campaignId": id_})


def _earning_rule(truth: Json) -> Iterator[Question]:
    for programme in _programmes(truth):
        for id_, rule in _rules(truth, programme).items():
            names = {"campaignId": programme, "earningRuleId": id_}
            yield one("rule", {"deleted": False, **rule}, all_fields({id_: rule}), names)


def _reward_assignments(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        expected = _assignments(truth, id_)
        yield whole("rewards of", "data", expected, all_fields(expected), {"campaignId": id_})


def _reward_assignment(truth: Json) -> Iterator[Question]:
    for programme in _programmes(truth):
        for id_, told in _assignments(truth, programme).items():
            names = {"campaignId": programme, "assignmentId": id_}
            yield one("assignment", {"deleted": False, **told}, all_fields({id_: told}), names)


def _assigned_reward(truth: Json) -> Iterator[Question]:
    for programme in _programmes(truth):
        for id_, assignment in _assignments(truth, programme).items():
            reward = truth["rewards"][assignment["reward_id"]]
            names = {"campaignId": programme, "assignmentId": id_}
            yield one("reward", {"deleted": False, **reward}, all_fields({id_: reward}), names)


def _tier(truth: Json) -> Iterator[Question]:
    for id_, tier in truth["loyalty_tiers"].items():
        if tier["campaign_id"] in _programmes(truth):
            names = {"campaignId": tier["campaign_id"], "loyaltyTierId": id_}
            yield one("tier", {"deleted": False, **tier}, fields.TIER, names)


def _tier_rules(truth: Json) -> Iterator[Question]:
    for tier in _tier(truth):
        rules = _in_any_tier(_rules(truth, tier.names["campaignId"]))
        yield whole("rules of", "data", rules, all_fields(rules), tier.names)


def _tier_rewards(truth: Json) -> Iterator[Question]:
    for tier in _tier(truth):
        yield _offers(truth, tier.names["campaignId"], {"deleted": False}, tier.names)


def _member_rewards(truth: Json) -> Iterator[Question]:
    for card in truth["cards"].values():
        yield _offers(truth, card["campaign_id"], card, {"memberId": card["code"]})


def _offers(truth: Json, programme: str, of: Json, names: Mapping[str, str]) -> Question:
    """Each assignment of the programme, with its reward."""
    thing = f"offers {' '.join(names.values())}"
    expected = _in_any_tier(_assignments(truth, programme))

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        if of["deleted"]:
            return []
        found = {each["assignment"]["id"]: each for each in items(answer.body, "data")}
        if expected.keys() != found.keys():
            return [Difference(thing, "ids", sorted(expected), sorted(found))]
        return [
            difference
            for id_, told in expected.items()
            for difference in (
                *_differences(thing, told, found[id_]["assignment"]),
                *_differences(thing, truth["rewards"][told["reward_id"]], found[id_]["reward"]),
            )
        ]

    return Question(names, wrong)


def _differences(thing: str, told: Json, found: Json) -> Differences:
    return list(differences(thing, told, found, {name: name for name in told}))


_ROOT: Final = "/v1/loyalties/{campaignId}"

QUESTIONS: Final[Mapping[str, Questions]] = {
    f"{_ROOT}/earning-rules": _earning_rules,
    f"{_ROOT}/earning-rules/{{earningRuleId}}": _earning_rule,
    f"{_ROOT}/reward-assignments": _reward_assignments,
    f"{_ROOT}/reward-assignments/{{assignmentId}}": _reward_assignment,
    f"{_ROOT}/reward-assignments/{{assignmentId}}/reward": _assigned_reward,
    f"{_ROOT}/rewards": _reward_assignments,
    f"{_ROOT}/rewards/{{assignmentId}}": _reward_assignment,
    f"{_ROOT}/tiers/{{loyaltyTierId}}": _tier,
    f"{_ROOT}/tiers/{{loyaltyTierId}}/earning-rules": _tier_rules,
    f"{_ROOT}/tiers/{{loyaltyTierId}}/rewards": _tier_rewards,
    "/v1/loyalties/members/{memberId}/rewards": _member_rewards,
}
