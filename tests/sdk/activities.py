"""What is asked about the activity of customers and members: each redemption of theirs, once."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.sdk.question import MOST, Question, Questions, where
from voucherify_sync.simulator.api import Answer, items
from voucherify_sync.simulator.likeness import Difference
from voucherify_sync.simulator.verdicts import Differences, status_problem
from voucherify_sync.simulator.wire import Json

_ENDINGS: Final = {
    "redemption.succ": "redemption",
    "redemption.failed": "redemption",
    "rollback.succ": "redemption_rollback",
}
"""How the types of redemptions' events begin or end, however they are spelt, and what they tell."""


def _activity(of: Json, redemptions: Mapping[str, Json], names: Mapping[str, str]) -> Question:
    thing = f"activity of {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        if of["deleted"]:
            return []
        listed = items(answer.body, "data")
        found = sorted(id_ for one in listed if (id_ := _redemption(one)))
        expected = sorted(redemptions)
        if answer.body["has_more"]:
            expected = sorted(redemptions.keys() & set(found))
        return [] if expected == found else [Difference(thing, "redemptions", expected, found)]

    return Question(names, wrong, {"limit": MOST})


def _redemption(activity: Json) -> str | None:
    for part, name in _ENDINGS.items():
        if part in activity["type"]:
            return str(activity["data"]["data"][name]["id"])
    return None


def _customer(truth: Json) -> Iterator[Question]:
    for id_, customer in truth["customers"].items():
        theirs = where(truth["redemptions"], "customer_id", id_)
        yield _activity(customer, theirs, {"customerId": id_})


def _member(truth: Json) -> Iterator[Question]:
    for id_, card in truth["cards"].items():
        of_it = where(truth["redemptions"], "voucher_id", id_)
        yield _activity(card, of_it, {"memberId": card["code"]})


def _member_of(truth: Json) -> Iterator[Question]:
    for id_, card in truth["cards"].items():
        of_it = where(truth["redemptions"], "voucher_id", id_)
        names = {"campaignId": card["campaign_id"], "memberId": card["code"]}
        yield _activity(card, of_it, names)


QUESTIONS: Final[Mapping[str, Questions]] = {
    "/v1/customers/{customerId}/activity": _customer,
    "/v1/loyalties/members/{memberId}/activity": _member,
    "/v1/loyalties/{campaignId}/members/{memberId}/activity": _member_of,
}
"""By the path as the vendor documents it."""
