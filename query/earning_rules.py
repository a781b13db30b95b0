"""Earning rules: for what the members of a loyalty programme get points, and how many.

A tier may change what its members get: what a path answers for a tier has that worked in.
"""

from typing import Any, Final

from query import campaigns, listing, required, tiers
from query.asked import Asked
from query.described import Answer
from query.listing import Listing
from query.paths import Path
from query.tiers import of_tier
from state import kinds
from state.reader import Thing
from state.selection import Condition

RULES: Final = Listing(kind=kinds.EARNING_RULE, data_ref="data")

_ROOT: Final = "/v1/loyalties/{campaignId}/earning-rules"


async def get_earning_rule(asked: Asked) -> Thing:
    """An earning rule by its id, if it is one of the path's programme."""
    programme = await campaigns.programme(asked)
    rule = await asked.one(kinds.EARNING_RULE, asked.names["earningRuleId"], _of(programme))
    return required.earning_rule(rule)


async def list_earning_rules(asked: Asked) -> dict[str, Any]:
    """A page of a programme's earning rules."""
    return await _rules(asked, {})


async def list_tier_earning_rules(asked: Asked) -> dict[str, Any]:
    """A page of a programme's earning rules, as they hold for the members of a tier."""
    return await _rules(asked, await tiers.get_tier(asked))


async def _rules(asked: Asked, tier: Thing) -> dict[str, Any]:
    programme = await campaigns.programme(asked)
    page = await listing.read(asked, RULES, _of(programme))
    rules = [
        one | {"loyalty": of_tier(tier, "earning_rules", one["id"], one["loyalty"])}
        if "loyalty" in one
        else one
        for one in page.things
    ]
    shaped = [required.earning_rule(one) for one in rules]
    return listing.envelope(RULES.data_ref, shaped, total=page.total)


def _of(programme: Thing) -> Condition:
    return Condition("campaign", "=", programme["id"])


PATHS: Final = (
    listing.path(
        _ROOT, list_earning_rules, "The earning rules of a programme", "EarningRule", RULES
    ),
    Path(f"{_ROOT}/{{earningRuleId}}", get_earning_rule, "One earning rule", Answer("EarningRule")),
    listing.path(
        "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}/earning-rules",
        list_tier_earning_rules,
        "The earning rules of a programme as they hold for a tier",
        "EarningRule",
        RULES,
    ),
)
