"""Every event type that Voucherify documents: its family (so its topic) and its aliases.

The vendor spells some types in more than one way; `canonical_type` maps each spelling to one name.
An unknown type is no error: it belongs to the family `other` and flows through untouched.
"""

from types import MappingProxyType
from typing import Final

FAMILIES: Final = (
    "loyalty",
    "publication",
    "voucher",
    "redemption",
    "customer",
    "order",
    "campaign",
    "segment",
    "reward",
    "validation-rule",
    "other",
)

_PENDING = ("added", "updated", "activated", "canceled")
_LIFECYCLE = ("created", "updated", "deleted")
_SWITCHED = (*_LIFECYCLE, "enabled", "disabled")


def _types(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


_BY_FAMILY: Final[dict[str, tuple[str, ...]]] = {
    "loyalty": (
        *_types("voucher.loyalty_card", "points_added", "points_expired", "transaction.created"),
        *_types("voucher.loyalty_card.pending_points", *_PENDING),
        *_types("customer.voucher.loyalty_card", "points_added", "points_expired"),
        *_types("customer.voucher.loyalty_card.pending_points", *_PENDING),
        *_types("customer.loyalty.tier", "joined", "left", "upgraded", "downgraded", "prolonged"),
        *_types("campaign.loyalty_tier", *_LIFECYCLE),
        *_types("campaign.earning_rule", "assigned", "updated", "enabled", "disabled", "deleted"),
        "customer.rewarded.loyalty_points",
    ),
    "publication": (
        "publication.succeeded",
        "voucher.published",
        "customer.publication.succeeded",
    ),
    "voucher": (
        *_types("voucher", *_SWITCHED),
        *_types("voucher.gift", "balance_added", "transaction.created"),
        "customer.voucher.gift.balance_added",
        *_types("customer.holder.assignment", "created", "deleted"),
    ),
    "redemption": (
        *_types("redemption", "succeeded", "failed", "rollback.succeeded", "rollback.failed"),
        *_types("customer.redemption", "succeeded", "rollback.succeeded"),
    ),
    "customer": (
        *_types("customer", *_LIFECYCLE, "confirmed", "referred", "custom_event"),
        *_types("customer.consents", "given", "revoked"),
    ),
    "order": _types("customer.order", "created", "updated", "paid", "canceled"),
    "campaign": (
        *_types("campaign", *_SWITCHED),
        *_types("campaign.vouchers.generation", "started", "completed", "failed"),
        "campaign.vouchers.added",
        *_types("campaign.promotion_tier", *_SWITCHED),
        *_types("campaign.promotion_stack", "created", "updated"),
        *_types("campaign.referral_tier", *_LIFECYCLE),
    ),
    "segment": (*_types("customer.segment", "entered", "left"), "customer.entered.segment"),
    "reward": (
        "customer.rewarded",
        *_types("customer.reward_redemptions", "created", "pending", "completed"),
        *_types("campaign.reward.assignment", *_LIFECYCLE),
    ),
    "validation-rule": (
        *_types("business_validation_rule", *_LIFECYCLE),
        *_types("business_validation_rule.assignment", "created", "deleted"),
    ),
    "other": ("manual_distribution_schedule",),
}

_MISSPELT: Final = {
    "campaign.vouchers.aded": "campaign.vouchers.added",
    "voucher.gift.balance_aded": "voucher.gift.balance_added",
    "voucher.loyalty_card.points_aded": "voucher.loyalty_card.points_added",
    "voucher.loyalty_card.pending_points.aded": "voucher.loyalty_card.pending_points.added",
}
"""How the vendor's list of events that a webhook can be registered for spells them."""

LISTED: Final = MappingProxyType({type_: misspelt for misspelt, type_ in _MISSPELT.items()})
"""The other way round: what that list calls an event type, where it is another name."""

_FAMILIES: Final = {type_: family for family, types in _BY_FAMILY.items() for type_ in types}

FAMILY_OF_TYPE: Final = MappingProxyType(
    _FAMILIES
    | {"loyalty_card.pending_points.updated": "loyalty"}
    | {misspelt: _FAMILIES[type_] for misspelt, type_ in _MISSPELT.items()}
)

_ALIASES: Final = MappingProxyType(
    {
        # A distribution tells of the same thing as the project's webhook, under its own name.
        "customer.voucher.loyalty_card.points_added": "voucher.loyalty_card.points_added",
        "customer.voucher.loyalty_card.points_expired": "voucher.loyalty_card.points_expired",
        "customer.voucher.gift.balance_added": "voucher.gift.balance_added",
        "customer.publication.succeeded": "publication.succeeded",
        "customer.redemption.succeeded": "redemption.succeeded",
        "customer.redemption.rollback.succeeded": "redemption.rollback.succeeded",
        # Older spellings, and one that the vendor's documentation writes without its prefix.
        "customer.entered.segment": "customer.segment.entered",
        "loyalty_card.pending_points.updated": "voucher.loyalty_card.pending_points.updated",
    }
    | {
        f"customer.voucher.loyalty_card.pending_points.{name}": (
            f"voucher.loyalty_card.pending_points.{name}"
        )
        for name in _PENDING
    }
    | _MISSPELT
)


def family(event_type: str) -> str:
    """The family of an event type, `other` for one that is not documented."""
    return FAMILY_OF_TYPE.get(event_type, "other")


def canonical_type(event_type: str) -> str:
    """The one name under which all spellings of an event type are understood."""
    return _ALIASES.get(event_type, event_type)


def is_known(event_type: str) -> bool:
    """Whether the vendor documents this event type."""
    return event_type in FAMILY_OF_TYPE
