"""What marketers set up and the simulator does not tell of, told by webhooks of our own.

And what the simulator does tell of it, gathered from its webhooks: its truth says nothing of these.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Final

from tests.factories import at, webhook
from tests.sdk.question import there
from voucherify_sync.simulator.wire import Json

_PROMOTION, _REFERRAL = "camp_sdk_promotion", "camp_sdk_referral"
_RULE, _CODE = "val_sdk_1", "v_sdk_refer"

_CREATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "campaign.earning_rule.assigned": {"earning_rule": "earning_rules"},
    "campaign.reward.assignment.created": {
        "reward": "rewards",
        "reward_assignment": "reward_assignments",
    },
    "customer.reward_redemptions.created": {"reward_assignment": "reward_assignments"},
    "campaign.promotion_tier.created": {"promotion_tier": "promotion_tiers"},
    "campaign.promotion_stack.created": {"promotion_stack": "promotion_stacks"},
    "business_validation_rule.created": {"rule": "validation_rules"},
    "business_validation_rule.assignment.created": {"assignment": "validation_assignments"},
    "customer.segment.entered": {"segment": "segments"},
    "customer.holder.assignment.created": {"holder": "holders"},
}
"""By the event that tells first of a thing: its name there, and in the truth."""


def webhooks(project: str, truth: Json) -> list[Json]:
    """About a promotion, a referral programme, a segment and a rule, in the simulated project."""
    customer, another = list(there(truth["customers"]))[:2]
    told = [
        ("campaign.created", {"campaign": _campaign(_PROMOTION, "PROMOTION")}),
        *(("campaign.promotion_tier.created", {"promotion_tier": _tier(n)}) for n in (1, 2)),
        ("campaign.promotion_stack.created", {"promotion_stack": _stack()}),
        ("business_validation_rule.created", {"rule": _rule()}),
        ("business_validation_rule.assignment.created", {"assignment": _assignment()}),
        ("customer.segment.entered", {"customer": {"id": customer}, "segment": _segment()}),
        ("campaign.created", {"campaign": _campaign(_REFERRAL, "REFERRAL_PROGRAM")}),
        ("voucher.created", {"voucher": _referral_code(customer)}),
        *(
            ("customer.holder.assignment.created", {"holder": _holder(role, holder)})
            for role, holder in (("REFERRER", customer), ("REFEREE", another))
        ),
    ]
    return [
        webhook(type_, data, event_id=f"evt_sdk_{number}", project=project)
        for number, (type_, data) in enumerate(told)
    ]


def with_definitions(truth: Json, events: Iterable[Json]) -> Json:
    """The truth with all that was set up; `events` are the simulator's and those from here."""
    found: Json = {kind: {} for names in _CREATIONS.values() for kind in names.values()}
    segments: dict[str, list[str]] = {}
    for event in events:
        type_, data = event.get("event", {}).get("type"), event.get("data", {})
        for name, kind in _CREATIONS.get(str(type_), {}).items():
            if name in data:  # a distribution may leave it out
                found[kind].setdefault(data[name]["id"], data[name])
        if type_ == "customer.segment.entered":
            segments.setdefault(data["customer"]["id"], []).append(data["segment"]["id"])
    campaigns = {
        id_: {"deleted": False, **_campaign(id_, kind)}
        for id_, kind in ((_PROMOTION, "PROMOTION"), (_REFERRAL, "REFERRAL_PROGRAM"))
    }
    (customer, *_) = there(truth["customers"])
    code = {"deleted": False, **_referral_code(customer)}
    return {
        **truth,
        **found,
        "segments_of": segments,
        "campaigns": {**truth["campaigns"], **campaigns},
        "vouchers": {**truth["vouchers"], _CODE: code},
    }


def event_of(body: bytes) -> Json:
    """What a delivery says; nothing where it is no JSON object."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _campaign(id_: str, kind: str) -> Json:
    return {
        "id": id_,
        "name": f"SDK {kind}",
        "campaign_type": kind,
        "type": "STATIC",
        "active": True,
        "description": "Told by hand",
        "metadata": {"made": "by hand"},
        "created_at": at(1),
        "object": "campaign",
    }


def _tier(number: int) -> Json:
    return {
        "id": f"promo_sdk_{number}",
        "name": f"{number}0 % off",
        "banner": None,
        "action": {
            "discount": {
                "type": "PERCENT",
                "percent_off": 10 * number,
                "effect": "APPLY_TO_ORDER",
            }
        },
        "metadata": {"step": number},
        "hierarchy": number,
        "active": True,
        "campaign_id": _PROMOTION,
        "created_at": at(number),
        "updated_at": None,
        "object": "promotion_tier",
    }


def _stack() -> Json:
    return {
        "id": "stack_sdk_1",
        "name": "Both",
        "tiers": {"ids": ["promo_sdk_1", "promo_sdk_2"], "hierarchy_mode": "MANUAL"},
        "campaign_id": _PROMOTION,
        "created_at": at(1),
        "updated_at": None,
        "object": "promotion_stack",
    }


def _rule() -> Json:
    return {
        "id": _RULE,
        "name": "Large orders",
        "type": "expression",
        "context_type": "campaign.promotion",
        "rules": {
            "1": {"name": "order.amount", "conditions": {"$more_than": [5_000]}, "rules": {}},
            "logic": "1",
        },
        "applicable_to": {"excluded": [], "included": [], "included_all": True},
        "created_at": at(1),
        "updated_at": None,
        "object": "validation_rules",
    }


def _assignment() -> Json:
    return {
        "id": "asgm_sdk_1",
        "rule_id": _RULE,
        "related_object_id": "promo_sdk_1",
        "related_object_type": "promotion_tier",
        "created_at": at(2),
        "object": "validation_rules_assignment",
    }


def _segment() -> Json:
    return {"id": "seg_sdk_1", "name": "Regulars", "object": "segment"}


def _referral_code(holder: str) -> Json:
    return {
        "id": _CODE,
        "code": "Jörg’s 10 % + 5 / 2? #1",
        "type": "DISCOUNT_VOUCHER",
        "discount": {"type": "PERCENT", "percent_off": 5, "effect": "APPLY_TO_ORDER"},
        "campaign": "SDK REFERRAL_PROGRAM",
        "campaign_id": _REFERRAL,
        "is_referral_code": True,
        "holder_id": holder,
        "active": True,
        "metadata": {},
        "created_at": at(1),
        "updated_at": None,
        "object": "voucher",
    }


def _holder(role: str, customer: str) -> Json:
    return {
        "id": f"rh_sdk_{role.lower()}",
        "customer_id": customer,
        "holder_role": role,
        "redeemable_id": _CODE,
        "redeemable_object": "voucher",
        "campaign_id": _REFERRAL,
        "campaign_type": "REFERRAL_PROGRAM",
        "voucher_type": "DISCOUNT_VOUCHER",
        "created_at": at(1),
        "object": "redeemable_holder",
    }
