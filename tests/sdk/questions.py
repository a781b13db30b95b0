"""What is asked through the SDKs, path by path, and what the truth says of the answer.

A row for each path that is served. Whatever the simulation's truth speaks of is asked for: what is
there is compared field by field, what is gone has to be 404.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from voucherify_sync.simulator import fields
from voucherify_sync.simulator.api import Answer, items
from voucherify_sync.simulator.likeness import Difference, differences
from voucherify_sync.simulator.verdicts import (
    Differences,
    compare_ledgers,
    compare_sets,
    status_problem,
)
from voucherify_sync.simulator.wire import Json

Fields = Mapping[str, str]
"""Where each field of the truth stands in an answer."""

MOST: Final = 100
"""The longest page: the simulation is so small that every list is one."""

IS_THERE: Final[Json] = {"deleted": False}


@dataclass(frozen=True, slots=True)
class Question:
    """One call: the path's parameters by the vendor's names, and what is wrong with an answer."""

    names: Mapping[str, str]
    wrong: Callable[[Answer], Differences]
    query: Mapping[str, Any] = field(default_factory=dict)


Questions = Callable[[Json], Iterator[Question]]


def one(kind: str, expected: Json, paths: Fields, names: Mapping[str, str]) -> Question:
    """Asks for one thing."""
    thing = f"{kind} {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, expected, answer):
            return [problem]
        if expected["deleted"]:
            return []
        return list(differences(thing, expected, answer.body, paths))

    return Question(names, wrong)


def whole(
    kind: str,
    data_ref: str,
    expected: Mapping[str, Json],
    paths: Fields,
    names: Mapping[str, str] | None = None,
    *,
    of: Json = IS_THERE,
    query: Mapping[str, Any] | None = None,
) -> Question:
    """Asks for a list, in whatever order, of things that are all in it; `of` may be gone."""
    names = names or {}
    thing = f"{kind} {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        if of["deleted"]:
            return []
        found = {str(each.get("id")): each for each in items(answer.body, data_ref)}
        return compare_sets(thing, dict(expected), found, paths)

    assert len(expected) < MOST
    return Question(names, wrong, {"limit": MOST} if query is None else query)


def ledger(of: Json, expected: list[Json], paths: Fields, names: Mapping[str, str]) -> Question:
    """Asks for a ledger, oldest first."""
    thing = f"ledger {' '.join(names.values())}"

    def wrong(answer: Answer) -> Differences:
        if problem := status_problem(thing, of, answer):
            return [problem]
        found = items(answer.body, "data")
        return [] if of["deleted"] else compare_ledgers(thing, expected, found, paths)

    return Question(names, wrong, {"limit": MOST, "order": "id"})


def there(things: Mapping[str, Json]) -> dict[str, Json]:
    """Those of the truth's things that are not deleted."""
    return {id_: thing for id_, thing in things.items() if not thing.get("deleted")}


def _where(things: Mapping[str, Json], name: str, value: Any) -> dict[str, Json]:
    return {id_: thing for id_, thing in there(things).items() if thing.get(name) == value}


def _programmes(truth: Json) -> dict[str, Json]:
    return _where(truth["campaigns"], "campaign_type", "LOYALTY_PROGRAM")


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


def _members(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        cards = _where(truth["cards"], "campaign_id", id_)
        yield whole("members of", "vouchers", cards, fields.CARD, {"campaignId": id_})


def _tiers(truth: Json) -> Iterator[Question]:
    for id_ in _programmes(truth):
        tiers = _where(truth["loyalty_tiers"], "campaign_id", id_)
        yield whole("tiers of", "data", tiers, fields.TIER, {"campaignId": id_})


_BY_KIND: Final = {"cards": fields.CARD, "gifts": fields.GIFT, "vouchers": fields.VOUCHER}


def _vouchers(truth: Json) -> Iterator[Question]:
    """All of them together, and each kind's fields in its campaign's."""
    every = {id_: each for kind in _BY_KIND for id_, each in truth[kind].items()}
    yield whole("vouchers", "vouchers", there(every), fields.VOUCHER)
    for kind, paths in _BY_KIND.items():
        for campaign in {each["campaign_id"] for each in there(truth[kind]).values()}:
            expected = _where(truth[kind], "campaign_id", campaign)
            query = {"limit": MOST, "campaign_id": campaign}
            yield whole(f"{kind} of {campaign}", "vouchers", expected, paths, query=query)


def _voucher(truth: Json) -> Iterator[Question]:
    for kind, paths in _BY_KIND.items():
        for id_, each in truth[kind].items():
            yield one(kind, {"id": id_, **each}, {"id": "id", **paths}, {"code": each["code"]})


def _voucher_ledger(truth: Json) -> Iterator[Question]:
    for kind, paths in (("cards", fields.ENTRY), ("gifts", fields.GIFT_ENTRY)):
        for id_, each in truth[kind].items():
            yield ledger(each, truth["ledgers"][id_], paths, {"code": each["code"]})


def _publications(truth: Json) -> Iterator[Question]:
    every = truth["publications"]
    yield whole("publications", "publications", every, fields.PUBLICATION)
    for id_ in there(truth["customers"]):
        expected = _where(every, "customer_id", id_)
        query = {"limit": MOST, "customer": id_}
        yield whole("published to", "publications", expected, fields.PUBLICATION, query=query)


def _told(customer: Json) -> tuple[Json, Fields]:
    told = customer.get("told", {})
    return {"deleted": customer["deleted"], **told}, {name: name for name in told}


def _customer(truth: Json) -> Iterator[Question]:
    for id_, customer in truth["customers"].items():
        expected, paths = _told(customer)
        yield one("customer", expected, paths, {"customerId": id_})


def _customers(truth: Json) -> Iterator[Question]:
    expected = {id_: one["told"] for id_, one in there(truth["customers"]).items()}
    paths = {name: name for told in expected.values() for name in told}
    yield whole("customers", "customers", expected, paths)


def _redemption(truth: Json) -> Iterator[Question]:
    for id_, each in truth["redemptions"].items():
        expected = {**each, "deleted": False}
        yield one("redemption", expected, fields.REDEMPTION, {"redemptionId": id_})


def _redemptions(truth: Json) -> Iterator[Question]:
    yield whole("redemptions", "redemptions", truth["redemptions"], fields.REDEMPTION)


def _campaign(truth: Json) -> Iterator[Question]:
    for id_, each in truth["campaigns"].items():
        yield one("campaign", each, fields.CAMPAIGN, {"campaignId": id_})


def _campaigns(truth: Json) -> Iterator[Question]:
    yield whole("campaigns", "campaigns", there(truth["campaigns"]), fields.CAMPAIGN)


def _order(truth: Json) -> Iterator[Question]:
    for id_, each in truth["orders"].items():
        yield one("order", {**each, "deleted": False}, fields.ORDER, {"orderId": id_})


def _orders(truth: Json) -> Iterator[Question]:
    yield whole("orders", "orders", truth["orders"], fields.ORDER)


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
    "/v1/loyalties/{campaignId}/members": _members,
    "/v1/loyalties/{campaignId}/tiers": _tiers,
    "/v1/publications": _publications,
    "/v1/vouchers": _vouchers,
    "/v1/vouchers/{code}": _voucher,
    "/v1/vouchers/{code}/transactions": _voucher_ledger,
    "/v1/customers": _customers,
    "/v1/customers/{customerId}": _customer,
    "/v1/redemptions": _redemptions,
    "/v1/redemptions/{redemptionId}": _redemption,
    "/v1/campaigns": _campaigns,
    "/v1/campaigns/{campaignId}": _campaign,
    "/v1/orders": _orders,
    "/v1/orders/{orderId}": _order,
}
"""By the path as the vendor documents it."""
