"""What came of a campaign: counts and sums of what is held of it, made by the database.

It counts what was told since the first webhook. What no webhook tells (validations) and what the
state does not keep apart (deleted vouchers, what cards were created with) is absent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from query import campaigns, errors
from query.asked import Asked
from query.described import Answer, Parameter, Value
from query.paths import Path
from schemas import moment
from state import kinds
from state.selection import Condition, Criteria, Selection
from state.tallying import Tallied, Tally

Counts = dict[str, int]

_DAY_MS: Final = 86_400_000
_WITHOUT_VOUCHERS: Final = "PROMOTION"
_DATE: Final = Value("date")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES: Final = ("start_date", "end_date")

_REDEMPTIONS: Final = Tally(
    by=("fields.object", "fields.result", "fields.status"),
    sums=("fields.order/amount", "fields.order/total_applied_discount_amount"),
    once="fields.order/id",
)
_PUBLICATIONS: Final = Tally(by=("fields.result",))
_VOUCHERS: Final = Tally()
_ENTRIES: Final = Tally(
    by=("fields.type",), sums=("fields.details.balance.points", "fields.details.balance.amount")
)

_ROLLBACK: Final = "redemption_rollback"
_RESULTS: Final = {"SUCCESS": "succeeded", "SUCCEEDED": "succeeded"} | {
    "FAILURE": "failed",
    "FAILED": "failed",
}
_LEDGERS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "LOYALTY_PROGRAM": {
        "points_added": frozenset({"POINTS_ADDITION"}),
        "points_rewarded": frozenset({"POINTS_ACCRUAL", "PENDING_POINTS_ACTIVATION"}),
        "points_subtracted": frozenset({"POINTS_REMOVAL"}),
        "points_redeemed": frozenset({"POINTS_REDEMPTION"}),
        "points_rolledback": frozenset({"POINTS_REFUND"}),
        "points_expired": frozenset({"POINTS_EXPIRATION"}),
        "points_transferred_in": frozenset({"POINTS_TRANSFER_IN"}),
        "points_transferred_out": frozenset({"POINTS_TRANSFER_OUT"}),
        "pending_points_activated": frozenset({"PENDING_POINTS_ACTIVATION"}),
    },
    "GIFT_VOUCHERS": {
        "amount_added": frozenset({"CREDITS_ADDITION"}),
        "amount_subtracted": frozenset({"CREDITS_REMOVAL"}),
        "amount_redeemed": frozenset({"CREDITS_REDEMPTION"}),
        "amount_rolledback": frozenset({"CREDITS_REFUND"}),
    },
}
"""For each type of campaign whose cards have ledgers: the sums, and the entries they are of."""
_WITH_DISCOUNTS: Final = frozenset({"DISCOUNT_COUPONS", "PROMOTION"})


async def get_summary(asked: Asked) -> dict[str, Any]:
    """What is counted of the path's campaign in the days asked for."""
    within = _period(asked)
    campaign = await campaigns.get_campaign(asked)
    type_ = str(campaign.get("campaign_type"))
    of_it = (Condition("campaign", "=", campaign["id"]), *within)

    async def tallied(kind: str, tally: Tally) -> Sequence[Tallied]:
        return await asked.reader.tally(Selection(asked.project, kind, of_it), tally)

    redeemed = await tallied(kinds.REDEMPTION, _REDEMPTIONS)
    found = _redeemed(redeemed, with_discounts=type_ in _WITH_DISCOUNTS)
    if type_ != _WITHOUT_VOUCHERS:
        vouchers = await tallied(kinds.VOUCHER, _VOUCHERS)
        found["vouchers_created"] = sum(one.things for one in vouchers)
        published = await tallied(kinds.PUBLICATION, _PUBLICATIONS)
        found |= _by_result("publications", published)
    if type_ in _LEDGERS:
        found |= _moved(_LEDGERS[type_], await tallied(kinds.TRANSACTION, _ENTRIES))
    return {"object": "campaign_summary", "campaign": campaign, **found}


def _redeemed(tallied: Sequence[Tallied], *, with_discounts: bool) -> Counts:
    """Redemptions and rollbacks, and the orders of those that succeeded."""
    redemptions = [one for one in tallied if one.by[0] != _ROLLBACK]
    rollbacks = [one for one in tallied if one.by[0] == _ROLLBACK]
    orders, discounts = _succeeded_sums(redemptions)
    orders_back, discounts_back = _succeeded_sums(rollbacks)
    found = _by_result("redemptions", redemptions) | _by_result("rollbacks", rollbacks)
    found |= {"orders_amount": orders, "orders_rolledback_amount": orders_back}
    if with_discounts:
        found |= {"discounted_amount": discounts, "rolledback_discounted_amount": discounts_back}
    return found


def _by_result(name: str, tallied: Iterable[Tallied]) -> Counts:
    """How many, and how many of them with which result; of some no result was told."""
    found = {name: 0, f"{name}_succeeded": 0, f"{name}_failed": 0}
    for one in tallied:
        found[name] += one.things
        if result := _result(one):
            found[f"{name}_{result}"] += one.things
    return found


def _result(tallied: Tallied) -> str | None:
    """The first of its texts that is a result."""
    return next((_RESULTS[text] for text in tallied.by if text in _RESULTS), None)


def _succeeded_sums(tallied: Iterable[Tallied]) -> tuple[int, int]:
    sums = [one.sums for one in tallied if _result(one) == "succeeded"]
    return sum(first for first, _ in sums), sum(second for _, second in sums)


def _moved(names: Mapping[str, frozenset[str]], tallied: Sequence[Tallied]) -> Counts:
    """What moved on the cards, each way a positive number; an entry has points or an amount."""
    return {
        name: abs(sum(sum(one.sums) for one in tallied if one.by[0] in types))
        for name, types in names.items()
    }


def _period(asked: Asked) -> Criteria:
    """Whole days of UTC, the first and the last one included."""
    parameters = asked.parameters
    found: Criteria = ()
    start, end = (_day(asked, name) if name in parameters.given else None for name in _NAMES)
    if start is not None:
        found += (Condition("created", ">=", start),)
    if end is not None:
        found += (Condition("created", ">", 0), Condition("created", "<", end + _DAY_MS))
    return found


def _day(asked: Asked, name: str) -> int:
    text = asked.parameters.only(name)
    parsed = moment.parse(text) if _DAY.fullmatch(text) else None
    if parsed is None:
        raise errors.bad_parameter(name, "must be a date such as 2025-06-17")
    return parsed


PATHS: Final = (
    Path(
        "/v1/campaigns/{campaignId}/summary",
        get_summary,
        "What is counted of a campaign, as far as it was told",
        Answer("CampaignSummary"),
        tuple(Parameter(name, _DATE) for name in _NAMES),
    ),
)
