"""What is asked about all that marketers set up: promotions, rewards, rules, segments, holders.

The truth about these is what was told: nothing changes them afterwards.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.sdk.question import Fields, Question, Questions, one, where, whole
from voucherify_sync.simulator.wire import Json


def all_fields(things: Mapping[str, Json]) -> Fields:
    """Each field that was told stands where it was told."""
    return {name: name for thing in things.values() for name in thing}


def _each(kind: str, parameter: str) -> Questions:
    def questions(truth: Json) -> Iterator[Question]:
        for id_, thing in truth[kind].items():
            expected = {"deleted": False, **thing}
            yield one(kind, expected, all_fields({id_: thing}), {parameter: id_})

    return questions


def _all(kind: str, data_ref: str = "data") -> Questions:
    def questions(truth: Json) -> Iterator[Question]:
        yield whole(kind, data_ref, truth[kind], all_fields(truth[kind]))

    return questions


def _each_of(
    kind: str,
    whose: str,
    parameters: tuple[str, str],
    of: Callable[[Json], Mapping[str, Json]],
) -> Questions:
    """A thing that the path names together with what it belongs to."""

    def questions(truth: Json) -> Iterator[Question]:
        for owner in of(truth):
            for id_, thing in where(truth[kind], whose, owner).items():
                names = dict(zip(parameters, (owner, id_), strict=True))
                yield one(kind, {"deleted": False, **thing}, all_fields({id_: thing}), names)

    return questions


def _all_of(
    kind: str,
    whose: str,
    parameter: str,
    of: Callable[[Json], Mapping[str, Json]],
    *,
    data_ref: str = "data",
    pages: bool = True,
) -> Questions:
    """The things that belong to each of some others."""

    def questions(truth: Json) -> Iterator[Question]:
        for owner in of(truth):
            expected = where(truth[kind], whose, owner)
            paths, names = all_fields(expected), {parameter: owner}
            yield whole(kind, data_ref, expected, paths, names, query=None if pages else {})

    return questions


def _promotions(truth: Json) -> Mapping[str, Json]:
    return where(truth["campaigns"], "campaign_type", "PROMOTION")


def _rewards(truth: Json) -> Mapping[str, Json]:
    return dict(truth["rewards"])


def _rules(truth: Json) -> Mapping[str, Json]:
    return dict(truth["validation_rules"])


def _segments_of(truth: Json) -> Iterator[Question]:
    for customer, ids in truth["segments_of"].items():
        expected = {id_: truth["segments"][id_] for id_ in ids}
        names = {"customerId": customer}
        yield whole("segments of", "data", expected, all_fields(expected), names, query={})


def _holders(truth: Json) -> Iterator[Question]:
    for id_ in {holder["redeemable_id"] for holder in truth["holders"].values()}:
        expected = where(truth["holders"], "redeemable_id", id_)
        yield whole("holders of", "data", expected, all_fields(expected), {"memberId": id_})


def _holders_in_campaign(truth: Json) -> Iterator[Question]:
    for id_ in {holder["redeemable_id"] for holder in truth["holders"].values()}:
        expected = where(truth["holders"], "redeemable_id", id_)
        code = truth["vouchers"][id_]
        names = {"campaignId": code["campaign_id"], "memberId": code["code"]}
        yield whole("holders of", "data", expected, all_fields(expected), names)


_REWARD: Final = "/v1/rewards/{rewardId}"

QUESTIONS: Final[Mapping[str, Questions]] = {
    "/v1/promotions/tiers": _all("promotion_tiers", "tiers"),
    "/v1/promotions/tiers/{promotionTierId}": _each("promotion_tiers", "promotionTierId"),
    "/v1/promotions/{campaignId}/tiers": _all_of(
        "promotion_tiers", "campaign_id", "campaignId", _promotions, data_ref="tiers", pages=False
    ),
    "/v1/promotions/stacks": _all("promotion_stacks"),
    "/v1/promotions/{campaignId}/stacks": _all_of(
        "promotion_stacks", "campaign_id", "campaignId", _promotions, pages=False
    ),
    "/v1/promotions/{campaignId}/stacks/{stackId}": _each_of(
        "promotion_stacks", "campaign_id", ("campaignId", "stackId"), _promotions
    ),
    "/v1/rewards": _all("rewards"),
    _REWARD: _each("rewards", "rewardId"),
    f"{_REWARD}/assignments": _all_of("reward_assignments", "reward_id", "rewardId", _rewards),
    f"{_REWARD}/assignments/{{assignmentId}}": _each_of(
        "reward_assignments", "reward_id", ("rewardId", "assignmentId"), _rewards
    ),
    "/v1/validation-rules": _all("validation_rules"),
    "/v1/validation-rules/{validationRuleId}": _each("validation_rules", "validationRuleId"),
    "/v1/validation-rules/{validationRuleId}/assignments": _all_of(
        "validation_assignments", "rule_id", "validationRuleId", _rules
    ),
    "/v1/validation-rules-assignments": _all("validation_assignments"),
    "/v1/segments/{segmentId}": _each("segments", "segmentId"),
    "/v1/customers/{customerId}/segments": _segments_of,
    "/v1/referrals/members/{memberId}/holders": _holders,
    "/v1/referrals/{campaignId}/members/{memberId}/holders": _holders_in_campaign,
}
