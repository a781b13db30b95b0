"""What marketers set up: tiers, stacks, rules, rewards, and how it begins, changes and ends."""

from typing import Any

import pytest

from state import kinds
from state.facts import Observed
from tests.factories import CAMPAIGN, at, facts, known, known_in_any_order, webhook

LIVES = [
    ("campaign.promotion_tier", "promotion_tier", kinds.PROMOTION_TIER),
    ("campaign.referral_tier", "referral_tier", kinds.REFERRAL_TIER),
    ("campaign.loyalty_tier", "loyalty_tier", kinds.LOYALTY_TIER),
    ("campaign.reward.assignment", "reward_assignment", kinds.REWARD_ASSIGNMENT),
    ("campaign.reward.assignment", "assignment", kinds.REWARD_ASSIGNMENT),
    ("business_validation_rule", "rule", kinds.VALIDATION_RULE),
]


@pytest.mark.parametrize(("prefix", "name", "kind"), LIVES)
def test_created_updated_deleted(prefix: str, name: str, kind: str) -> None:
    """What is updated last holds, and what is deleted does not come back."""
    first = {"id": "x_1", "created_at": at(1), "updated_at": None, "name": "zero"}
    events = [
        webhook(f"{prefix}.created", {name: first}, told=1),
        webhook(f"{prefix}.updated", {name: first | {"updated_at": at(5), "name": "one"}}, told=5),
    ]
    deleted = webhook(f"{prefix}.deleted", {name: first | {"updated_at": at(9)}}, told=9)

    assert "one" == known_in_any_order(events)[kind, "x_1"]["name"]
    assert (kind, "x_1") not in known_in_any_order([*events, deleted])


@pytest.mark.parametrize(
    ("prefix", "name", "kind"),
    [
        ("voucher", "voucher", kinds.VOUCHER),
        ("campaign", "campaign", kinds.CAMPAIGN),
        ("campaign.promotion_tier", "promotion_tier", kinds.PROMOTION_TIER),
        ("campaign.earning_rule", "earning_rule", kinds.EARNING_RULE),
    ],
)
def test_enabled_and_disabled(prefix: str, name: str, kind: str) -> None:
    """The event's type says whether the thing is on, also where the payload lost it."""
    events = [
        webhook(f"{prefix}.disabled", {name: {"id": "x_1"}}, told=5),
        webhook(f"{prefix}.enabled", {name: {"id": "x_1", "active": True}}, told=9),
    ]

    assert not known(events[:1])[kind, "x_1"]["active"]
    assert known_in_any_order(events)[kind, "x_1"]["active"]


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("promotion_tier", {"campaign": {"id": CAMPAIGN}}),
        ("promotion_tier", {"campaign_id": CAMPAIGN}),
        ("promotion_stack", {"campaign": {"id": CAMPAIGN}}),
        ("earning_rule", {"source": {"object_id": CAMPAIGN, "object_type": "campaign"}}),
        ("reward_assignment", {"related_object_id": CAMPAIGN, "related_object_type": "campaign"}),
        ("referral_tier", {}),
    ],
)
def test_each_form_names_its_campaign_elsewhere(name: str, thing: dict[str, Any]) -> None:
    """Whatever form is told, the thing is found by its campaign."""
    beside = {} if thing else {"campaign": {"id": CAMPAIGN}}
    event = webhook("redemption.failed", {name: {"id": "x_1", **thing}, **beside})

    (told,) = (fact for fact in facts(event) if fact.thing.id == "x_1")

    assert isinstance(told, Observed)
    assert CAMPAIGN == told.fields[kinds.CAMPAIGN_ID]


def test_the_generation_of_vouchers() -> None:
    """Started, then completed, also within one millisecond; how many there are is kept."""
    campaign = {"id": CAMPAIGN, "created_at": at(1), "object": "campaign"}
    prefix = "campaign.vouchers.generation"
    events = [
        webhook("campaign.created", {"campaign": campaign | {"name": "C"}}, told=2),
        webhook(f"{prefix}.started", {"campaign": campaign}, told=5, event_id="evt_s"),
        webhook(f"{prefix}.completed", {"campaign": campaign, "count": 5}, told=5),
    ]

    found = known_in_any_order(events)

    assert ("DONE", "C") == (
        found[kinds.CAMPAIGN, CAMPAIGN]["vouchers_generation_status"],
        found[kinds.CAMPAIGN, CAMPAIGN]["name"],
    )
    assert 5 == found[kinds.EVENT, "evt_1"]["data"]["count"]


def test_what_a_campaign_lists() -> None:
    """A campaign's tiers, and the rules assigned to it, are known from the campaign's own form."""
    assignment = {"id": "asgm_1", "rule_id": "val_1", "related_object_id": CAMPAIGN}
    campaign = {
        "id": CAMPAIGN,
        "promotion": {"object": "list", "tiers": [{"id": "promo_1", "name": "First"}]},
        "validation_rules_assignments": {"object": "list", "data": [assignment]},
        "object": "campaign",
    }

    found = known([webhook("campaign.created", {"campaign": campaign})])

    assert "First" == found[kinds.PROMOTION_TIER, "promo_1"]["name"]
    assert assignment == found[kinds.VALIDATION_ASSIGNMENT, "asgm_1"]


def test_reward_redemptions() -> None:
    """A reward's redemption is as its newest event has it, whatever `updated_at` says."""

    def told(state: str, name: str, when: int) -> dict[str, Any]:
        redemption = {"id": "rewr_1", "state": state, "created_at": at(1), "updated_at": None}
        return webhook(
            f"customer.reward_redemptions.{name}", {"reward_redemption": redemption}, told=when
        )

    events = [
        told("CREATED", "created", 5),
        told("PENDING", "pending", 6),
        told("COMPLETED", "completed", 6),
    ]

    assert "COMPLETED" == known_in_any_order(events)[kinds.REWARD_REDEMPTION, "rewr_1"]["state"]


def test_holders() -> None:
    """Who holds a voucher is known until the assignment is deleted."""
    holder = {"id": "rh_1", "customer_id": "cust_2", "holder_role": "REFEREE"}
    created = webhook("customer.holder.assignment.created", {"holder": holder}, told=1)
    deleted = webhook("customer.holder.assignment.deleted", {"holder": holder}, told=2)

    assert "REFEREE" == known([created])[kinds.HOLDER, "rh_1"]["holder_role"]
    assert (kinds.HOLDER, "rh_1") not in known_in_any_order([created, deleted])


def test_an_order_inside_a_redemption() -> None:
    """Where no order stands beside, the redemption tells it; the order's own event tells better."""
    inner = {"id": "ord_1", "status": "PAID", "amount": 5, "created_at": at(1)}
    redemption = {"id": "r_1", "date": at(3), "order": inner}
    events = [
        webhook("redemption.succeeded", {"redemption": redemption}, told=3),
        webhook(
            "customer.order.canceled",
            {"order": {"id": "ord_1", "status": "CANCELED", "updated_at": at(9)}},
            told=9,
        ),
    ]

    order = known_in_any_order(events)[kinds.ORDER, "ord_1"]

    assert ("CANCELED", 5) == (order["status"], order["amount"])


def test_stacked_redemptions_inside_an_order_event() -> None:
    """A redemption in the form of orders is found by its voucher, campaign and own moment."""
    redemption = {
        "id": "r_1",
        "created_at": at(3),
        "parent_redemption_id": "r_0",
        "related_object_type": "voucher",
        "related_object_id": "v_1",
        "related_object_parent_id": CAMPAIGN,
    }

    (told,) = facts(webhook("customer.order.paid", {"redemption": redemption}))

    assert isinstance(told, Observed)
    assert ("v_1", CAMPAIGN, at(3), "r_0") == (
        told.fields["$voucher_id"],
        told.fields["$campaign_id"],
        told.fields[kinds.TOLD_AT],
        told.fields["parent_redemption_id"],
    )
