"""Which events are a customer's activity, and which things an event is about: tables.

What the handlers keep of an event and what the query API answers of it have to agree on both. An
event is kept by what it tells and by the ids of the things; they stand with their own kinds.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from state import kinds

_OF_CARDS: Final = (
    "voucher.loyalty_card.points_added",
    "voucher.loyalty_card.points_expired",
    "voucher.loyalty_card.pending_points.added",
    "voucher.loyalty_card.pending_points.updated",
    "voucher.loyalty_card.pending_points.activated",
    "voucher.loyalty_card.pending_points.canceled",
)
_OF_MEMBERS: Final = (
    "customer.loyalty.tier.joined",
    "customer.loyalty.tier.left",
    "customer.loyalty.tier.upgraded",
    "customer.loyalty.tier.downgraded",
    "customer.loyalty.tier.prolonged",
    "customer.rewarded",
    "customer.rewarded.loyalty_points",
    "customer.reward_redemptions.created",
    "customer.reward_redemptions.pending",
    "customer.reward_redemptions.completed",
    "publication.succeeded",
    "redemption.failed",
    "redemption.succeeded",
    "redemption.rollback.failed",
    "redemption.rollback.succeeded",
    *_OF_CARDS,
)
_OF_CUSTOMERS: Final = (
    "customer.confirmed",
    "customer.created",
    "customer.updated",
    "customer.referred",
    "customer.custom_event",
    "customer.segment.entered",
    "customer.segment.left",
    "customer.order.created",
    "customer.order.updated",
    "customer.order.paid",
    "customer.order.canceled",
    "customer.holder.assignment.created",
    "customer.holder.assignment.deleted",
    "voucher.gift.balance_added",
    *_OF_MEMBERS,
)

_MISSPELT: Final = {
    "customer.redemption.succeeded": "customer.redemption.succceeded",
    "customer.redemption.rollback.succeeded": "customer.redemption.rollback.succceeded",
}
"""How the vendor's schema of a member's activity spells them, and its SDK for Python asks for."""


def _named(event_type: str) -> str:
    return event_type if event_type.startswith("customer.") else f"customer.{event_type}"


CUSTOMER_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {type_: _named(type_) for type_ in _OF_CUSTOMERS}
)
"""By the event type as it is understood: its name in a customer's activity."""
MEMBER_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {type_: _MISSPELT.get(_named(type_), _named(type_)) for type_ in _OF_MEMBERS}
)
"""The same of a loyalty programme's member."""

_ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "publication.succeeded": "publication",
        "redemption.failed": "redemption",
        "redemption.succeeded": "redemption",
        "redemption.rollback.failed": "redemption_rollback",
        "redemption.rollback.succeeded": "redemption_rollback",
        "voucher.gift.balance_added": "transaction",
        "voucher.loyalty_card.points_added": "transaction",
        "voucher.loyalty_card.points_expired": "transaction",
        "voucher.loyalty_card.pending_points.added": "pending_points",
        "voucher.loyalty_card.pending_points.activated": "pending_points",
        "voucher.loyalty_card.pending_points.canceled": "pending_points",
    }
)
"""What happens once to a thing: a project's webhook and a distribution tell it by two events."""

HELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "customer": kinds.CUSTOMER,
        "holder": kinds.CUSTOMER,
        "referrer": kinds.CUSTOMER,
        "campaign": kinds.CAMPAIGN,
        "voucher": kinds.VOUCHER,
        "source_voucher": kinds.VOUCHER,
        "destination_voucher": kinds.VOUCHER,
        "order": kinds.ORDER,
        "publication": kinds.PUBLICATION,
        "redemption": kinds.REDEMPTION,
        "redemption_rollback": kinds.REDEMPTION,
        "transaction": kinds.TRANSACTION,
        "pending_points": kinds.PENDING_POINTS,
        "buckets": kinds.POINTS_BUCKET,
        "loyalty_tier": kinds.LOYALTY_TIER,
        "loyalty_tier_from": kinds.LOYALTY_TIER,
        "loyalty_tier_to": kinds.LOYALTY_TIER,
        "earning_rule": kinds.EARNING_RULE,
        "referral_tier": kinds.REFERRAL_TIER,
        "promotion_tier": kinds.PROMOTION_TIER,
        "promotion_stack": kinds.PROMOTION_STACK,
        "segment": kinds.SEGMENT,
        "reward": kinds.REWARD,
        "reward_assignment": kinds.REWARD_ASSIGNMENT,
        "reward_redemption": kinds.REWARD_REDEMPTION,
        "custom_event": kinds.CUSTOM_EVENT,
    }
)
"""The names by which payloads hold things, and of which kind they are."""

_OTHERWISE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "customer.custom_event": {"event": kinds.CUSTOM_EVENT},
        "customer.holder.assignment.created": {"holder": kinds.HOLDER},
        "customer.holder.assignment.deleted": {"holder": kinds.HOLDER},
    }
)


def kind_of(event_type: str, name: str) -> str | None:
    """The kind of what an event holds by a name; None for a name that is no documented one."""
    return _OTHERWISE.get(event_type, {}).get(name) or HELD.get(name)


def key(event_type: str, event_id: str, held: Mapping[str, Any]) -> str:
    """The id that an event is kept by: one for all events that tell of one action."""
    subject = held.get(_ACTIONS.get(event_type, ""))
    return f"{event_type}/{subject}" if isinstance(subject, str) else event_id
