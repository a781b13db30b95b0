"""What it would have cost to know the same by asking: API calls, under stated assumptions."""

from dataclasses import dataclass

from voucherify_sync.simulator.moments import DAY, parse
from voucherify_sync.simulator.wire import Json

PLAN_CALLS_A_MINUTE = 100
"""Calls a minute that Voucherify's Business plan allows."""


@dataclass(frozen=True, slots=True)
class PollingCost:
    """API calls over a simulated period, for each card from its publication on.

    `every_minute` asks for each card once a minute, `every_hour` once an hour; neither asks for
    ledgers, pending points, tiers or publications. `clairvoyant` asks once for each ledger entry
    and publication, and would have to know when to.
    """

    days: float
    cards: int
    every_minute: int
    every_hour: int
    clairvoyant: int


def polling_cost(truth: Json, begins_at: int, ends_at: int) -> PollingCost:
    """The cost of knowing what a truth tells, between two moments in ms."""
    projects = list(truth["projects"].values())
    minutes = sum(_card_minutes(project, ends_at) for project in projects)
    return PollingCost(
        days=(ends_at - begins_at) / DAY,
        cards=sum(len(project["cards"]) for project in projects),
        every_minute=minutes,
        every_hour=minutes // 60,
        clairvoyant=sum(
            len(project["publications"]) + sum(map(len, project["ledgers"].values()))
            for project in projects
        ),
    )


def _card_minutes(project: Json, ends_at: int) -> int:
    """For how many minutes there were cards, all cards together."""
    published = {
        voucher: parse(publication["created_at"])
        for publication in project["publications"].values()
        for voucher in publication["vouchers_id"]
    }
    return sum((ends_at - published[card]) // 60_000 for card in project["cards"])
