"""Something of each kind that other tests tell nothing of, and the paths that lead to all kinds."""

import re
from typing import Final

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, webhook
from tests.query.world import campaign, customer

PROMOTION: Final = "camp_promotion"
REFERRAL: Final = "camp_referral"

_NAMES: Final = {
    "memberId": CARD,
    "campaignId": CAMPAIGN,
    "code": "CODE-1",
    "customerId": CUSTOMER,
    "redemptionId": "r_1",
    "orderId": "ord_1",
    "segmentId": "seg_1",
    "promotionTierId": "promo_1",
    "stackId": "stack_1",
    "rewardId": "rew_1",
    "assignmentId": "rewa_1",
    "validationRuleId": "val_1",
    "earningRuleId": "ern_1",
    "loyaltyTierId": "ltr_everything",
}
_OF_RESOURCE: Final = {
    "promotions": {"campaignId": PROMOTION},
    "referrals": {"campaignId": REFERRAL, "memberId": "REF-1"},
}


def path(template: str) -> str:
    """A path of the table with the names of what is told here and beside it."""
    names = _NAMES | _OF_RESOURCE.get(template.split("/")[2], {})
    return re.sub(r"{(\w+)}", lambda name: names[name[1]], template)


_RULE: Final = {
    "id": "val_1",
    "name": "Big orders",
    "rules": {"1": {"name": "order.amount", "conditions": {"$more_than": [1]}}, "logic": "1"},
    "applicable_to": {"excluded": [], "included": [], "included_all": False},
    "type": "expression",
    "context_type": "campaign.promotion",
    "created_at": at(1),
    "object": "validation_rules",
}
_ASSIGNMENT: Final = {
    "id": "asgm_1",
    "rule_id": "val_1",
    "related_object_id": "promo_1",
    "related_object_type": "promotion_tier",
    "created_at": at(1),
    "object": "validation_rules_assignment",
}
_TIER: Final = {
    "id": "promo_1",
    "name": "Ten off",
    "banner": None,
    "action": {"discount": {"type": "PERCENT", "percent_off": 10, "effect": "APPLY_TO_ORDER"}},
    "metadata": {},
    "hierarchy": 1,
    "active": True,
    "campaign": {"id": PROMOTION, "active": True, "start_date": None, "object": "campaign"},
    "campaign_id": PROMOTION,
    "summary": {"redemptions": {"total_redeemed": 0}},
    "validation_rule_assignments": None,
    "created_at": at(1),
    "object": "promotion_tier",
}
_STACK: Final = {
    "id": "stack_1",
    "name": "Both",
    "tiers": {"ids": ["promo_1"], "hierarchy_mode": "MANUAL"},
    "campaign_id": PROMOTION,
    "created_at": at(1),
    "object": "promotion_stack",
}
_REWARD: Final = {
    "id": "rew_1",
    "name": "Mug",
    "type": "COIN",
    "parameters": {"coin": {"exchange_ratio": 1}},
    "created_at": at(1),
    "object": "reward",
}
_REWARD_ASSIGNMENT: Final = {
    "id": "rewa_1",
    "reward_id": "rew_1",
    "related_object_id": CAMPAIGN,
    "related_object_type": "campaign",
    "parameters": {"loyalty": {"points": 100}},
    "created_at": at(1),
    "updated_at": None,
    "object": "reward_assignment",
}
_EARNING_RULE: Final = {
    "id": "ern_1",
    "event": "order.paid",
    "loyalty": {"type": "FIXED", "points": 5},
    "source": {"banner": "Paid", "object_id": CAMPAIGN, "object_type": "campaign"},
    "validation_rule_id": None,
    "active": True,
    "created_at": at(1),
    "object": "earning_rule",
}
_LOYALTY_TIER: Final = {
    "id": "ltr_everything",
    "name": "Gold",
    "campaign_id": CAMPAIGN,
    "points": {"from": 100, "to": 200},
    "config": {"points": {"from": 100, "to": 200}},
    "earning_rules": {"ern_1": {"type": "MULTIPLY", "multiplier": 3}},
    "rewards": {"rewa_1": {"type": "CUSTOM", "points": 70}},
    "metadata": {},
    "created_at": at(1),
    "object": "loyalty_tier",
}
_PENDING: Final = {
    "id": "lopp_everything",
    "voucher_id": CARD,
    "points": 7,
    "activates_at": "2025-02-01",
    "details": {"order": {"id": "ord_1"}},
    "created_at": at(1),
}
_HOLDER: Final = {
    "id": "rh_1",
    "redeemable_id": "v_ref",
    "redeemable_object": "voucher",
    "customer_id": CUSTOMER,
    "holder_role": "REFEREE",
    "campaign_id": REFERRAL,
    "campaign_type": "REFERRAL_PROGRAM",
    "voucher_type": "DISCOUNT_VOUCHER",
    "created_at": at(1),
    "object": "redeemable_holder",
}
TOLD: Final = (
    webhook(
        "customer.segment.entered",
        {"customer": customer(), "segment": {"id": "seg_1", "name": "New", "object": "segment"}},
    ),
    webhook(
        "campaign.promotion_tier.created",
        {"promotion_tier": _TIER, "campaign": campaign(PROMOTION, "Spring", "PROMOTION")},
    ),
    webhook("campaign.promotion_stack.created", {"promotion_stack": _STACK}),
    webhook("customer.rewarded", {"reward": _REWARD}),
    webhook("campaign.loyalty_tier.created", {"loyalty_tier": _LOYALTY_TIER}),
    webhook("campaign.earning_rule.assigned", {"earning_rule": _EARNING_RULE}),
    webhook(
        "voucher.loyalty_card.pending_points.added",
        {"pending_points": _PENDING, "campaign": {"id": CAMPAIGN}},
    ),
    webhook("campaign.reward.assignment.created", {"reward_assignment": _REWARD_ASSIGNMENT}),
    webhook(
        "business_validation_rule.assignment.created", {"rule": _RULE, "assignment": _ASSIGNMENT}
    ),
    webhook(
        "customer.holder.assignment.created",
        {
            "holder": _HOLDER,
            "voucher": {"id": "v_ref", "code": "REF-1", "campaign_id": REFERRAL},
            "campaign": campaign(REFERRAL, "Refer", "REFERRAL_PROGRAM"),
        },
    ),
)
