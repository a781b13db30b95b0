"""Definitions whose payloads are not as documented are answered as they were told."""

from typing import Any

import pytest

from query.routes import TABLE
from tests.factories import CAMPAIGN, CARD, card, webhook
from tests.query import everything
from tests.query.world import World

ODD: tuple[Any, ...] = (None, 7, 10**30, 1.5, "", "x", True, [], [None, {"id": 1}], {}, {"id": []})
KINDS = {
    "promotion_tier": ("campaign.promotion_tier.created", "promo_1"),
    "promotion_stack": ("campaign.promotion_stack.created", "stack_1"),
    "reward": ("customer.rewarded", "rew_1"),
    "reward_assignment": ("campaign.reward.assignment.created", "rewa_1"),
    "rule": ("business_validation_rule.created", "val_1"),
    "assignment": ("business_validation_rule.assignment.created", "asgm_1"),
    "holder": ("customer.holder.assignment.created", "rh_1"),
    "segment": ("customer.segment.entered", "seg_1"),
    "earning_rule": ("campaign.earning_rule.updated", "ern_1"),
    "loyalty_tier": ("campaign.loyalty_tier.updated", "ltr_everything"),
    "voucher": ("voucher.updated", CARD),
    "customer": ("customer.updated", "cust_1"),
}
CAMPAIGNS = ("campaign", "campaign_id", "related_object_id")
REFERENCES = ("reward_id", "rule_id", "redeemable_id", "customer_id")
FIELDS = (
    "name",
    "validation_rule_assignments",
    "tiers",
    "active",
    "start_date",
    "expiration_date",
    "address",
    "parameters",
    "loyalty",
    "rewards",
    "earning_rules",
    "loyalty_card",
    "created_at",
    "updated_at",
)
ASKED = (
    "/v1/promotions/tiers?is_available=true",
    "/v1/promotions/stacks?order=name",
    "/v1/customers?city=x&segment_id=seg_1&order=updated_at&starting_after=2025-01-01",
    "/v1/rewards?assignment_id=rewa_1",
    "/v1/loyalties/members/v_card/rewards?affordable_only=true",
    "/v1/loyalties/camp_loyalty/rewards?assignment_id=rewa_1",
    "/v1/validation-rules?order=name&start_date=2025-01-01",
    "/v1/validation-rules-assignments?related_object_id=x&rule=x",
)


def told(name: str, thing: dict[str, Any]) -> dict[str, Any]:
    """A payload that names the campaign of what it tells, if that does not do it itself."""
    of_it = everything.PROMOTION if name.startswith("promotion") else CAMPAIGN
    return {name: thing, "campaign": {"id": of_it, "object": "campaign"}}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("names", [CAMPAIGNS, REFERENCES, FIELDS], ids=["own", "others", "fields"])
async def test_fields_may_hold_anything(world: World, odd: Any, names: tuple[str, ...]) -> None:
    """They break no answer, neither of their things nor of what refers to them."""
    await world.tell(webhook("voucher.created", {"voucher": card(0)}), *everything.TOLD)
    await world.tell(
        *(
            webhook(type_, told(name, dict.fromkeys(names, odd) | {"id": id_}), told=9_000)
            for name, (type_, id_) in KINDS.items()
        )
    )

    for path in (*ASKED, *(everything.path(path.template) for path in TABLE)):
        assert await world.status(path) in (200, 404), path
    for path in ("promotions/tiers/promo_1", "rewards/rew_1", "validation-rules/val_1"):
        assert odd == (await world.get(f"/v1/{path}"))[names[-1]]
