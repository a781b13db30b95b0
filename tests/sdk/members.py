"""What is asked about loyalty programmes, their members and what is on the members' cards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from tests.sdk.question import MOST, Question, Questions, ledger, newest, one, where, whole
from voucherify_sync.simulator import fields
from voucherify_sync.simulator.api import Answer, items
from voucherify_sync.simulator.likeness import Difference
from voucherify_sync.simulator.verdicts import Differences, status_problem
from voucherify_sync.simulator.wire import Json

PROGRAMME: Final = "LOYALTY_PROGRAM"


def _programmes(truth: Json) -> dict[str, Json]:
    return where(truth["campaigns"], "campaign_type", PROGRAMME)


def _member(ask: Callable[[Json, str, Json, dict[str, str]], Question]) -> Questions:
    """A question about each card by its code."""

    def questions(truth: Json) -> Iterator[Question]:
        for id_, card in truth["cards"].items():
            yield ask(truth, id_, card, {"memberId": card["code"]})

    return questions


def _member_of(ask: Callable[[Json, str, Json, dict[str, str]], Question]) -> Questions:
    """A question about each card by its programme and id."""

    def questions(truth: Json) -> Iterator[Question]:
        for id_, card in truth["cards"].items():
            yield ask(truth, id_, card, {"campaignId": card["campaign_id"], "memberId": id_})

    return questions


def _card(_: Json, id_: str, card: Json, names: dict[str, str]) -> Question:
    return one("card", {"id": id_, **card}, {"id": "id", **fields.CARD}, names)


def _card_ledger(truth: Json, id_: str, card: Json, names: dict[str, str]) -> Question:
    return ledger(card, truth["ledgers"][id_], fields.ENTRY, names)


def _pending(truth: Json, id_: str, card: Json, names: dict[str, str]) -> Question:
    expected = truth["pending_points"].get(id_, {})
    return whole("pending points", "data", expected, fields.PENDING, names, of=card)


def _expiration(_: Json, id_: str, card: Json, names: dict[str, str]) -> Question:
    """The truth does not speak of buckets, so only whose they are is compared."""
    thing = f"buckets of {id_}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, card, answer):
            return [problem]
        found = [each.get("voucher_id") for each in items(answer.body, "data")]
        return [Difference(thing, "voucher_id", id_, other) for other in found if other != id_]

    return Question(names, wrong, {"limit": MOST})


def _tier_of(truth: Json, _: str, card: Json, names: dict[str, str]) -> Question:
    who = (card.get("holder_id"), card["campaign_id"])
    now = [
        entry["tier_id"]
        for entry in truth["tiers"]
        if who == (entry["customer_id"], entry["campaign_id"]) and entry["tier_id"]
    ]
    expected = {id_: truth["loyalty_tiers"][id_] for id_ in now}
    return whole("tiers of", "data", expected, fields.TIER, names, of=card, query={})


def _programme(truth: Json) -> Iterator[Question]:
    for id_, campaign in truth["campaigns"].items():
        if campaign["deleted"] or campaign["campaign_type"] == PROGRAMME:
            yield one("programme", campaign, fields.CAMPAIGN, {"campaignId": id_})


def _all_programmes(truth: Json) -> Iterator[Question]:
    yield whole("programmes", "campaigns", _programmes(truth), fields.CAMPAIGN)


def _entries(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        cards = where(truth["cards"], "campaign_id", id_)
        entries = {entry["id"]: entry for card in cards for entry in truth["ledgers"][card]}
        yield newest("transactions of", "data", entries, fields.ENTRY, {"campaignId": id_})


def _all_pending(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        cards = where(truth["cards"], "campaign_id", id_)
        points = {
            each: one for card in cards for each, one in truth["pending_points"][card].items()
        }
        yield newest("pending points of", "data", points, fields.PENDING, {"campaignId": id_})


def _members(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        cards = where(truth["cards"], "campaign_id", id_)
        yield whole("members of", "vouchers", cards, fields.CARD, {"campaignId": id_})


def _tiers(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        tiers = where(truth["loyalty_tiers"], "campaign_id", id_)
        yield whole("tiers of", "data", tiers, fields.TIER, {"campaignId": id_})


def _both_ways(
    rest: str, ask: Callable[[Json, str, Json, dict[str, str]], Question]
) -> Iterable[tuple[str, Questions]]:
    """A member's path alone and under its programme."""
    yield f"/v1/loyalties/members/{{memberId}}{rest}", _member(ask)
    yield f"/v1/loyalties/{{campaignId}}/members/{{memberId}}{rest}", _member_of(ask)


QUESTIONS: Final[Mapping[str, Questions]] = {
    **dict(_both_ways("", _card)),
    **dict(_both_ways("/transactions", _card_ledger)),
    **dict(_both_ways("/pending-points", _pending)),
    "/v1/loyalties/{campaignId}/members/{memberId}/points-expiration": _member_of(_expiration),
    "/v1/loyalties/members/{memberId}/tiers": _member(_tier_of),
    "/v1/loyalties": _all_programmes,
    "/v1/loyalties/{campaignId}": _programme,
    "/v1/loyalties/{campaignId}/transactions": _entries,
    "/v1/loyalties/{campaignId}/pending-points": _all_pending,
    "/v1/loyalties/{campaignId}/members": _members,
    "/v1/loyalties/{campaignId}/tiers": _tiers,
}
