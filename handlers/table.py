"""The table from event types to facts: for each type, which fact stands where in its payload.

Adding an event type adds a row. A row names what the event is about and what is special in it; what
every payload may tell beside that (`BESIDE`) is understood in every row.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any, Final

from handlers import (
    belonging,
    campaigns,
    customers,
    happenings,
    loyalty,
    openings,
    publications,
    redemptions,
    rewards,
    tracking,
)
from handlers.telling import (
    Left,
    Object,
    Telling,
    Tells,
    begun,
    ended,
    gone,
    inside,
    mention,
    subject,
    switched,
)
from schemas import registry
from schemas.envelope import Envelope
from state import kinds
from state.facts import Fact, Rank

BESIDE: Final = (
    mention(kinds.VOUCHER, "voucher"),
    mention(kinds.VOUCHER, "vouchers"),
    mention(kinds.VOUCHER, "source_voucher"),
    mention(kinds.VOUCHER, "destination_voucher"),
    mention(kinds.CAMPAIGN, "campaign"),
    mention(kinds.CUSTOMER, "customer"),
    mention(kinds.CUSTOMER, "holder"),
    mention(kinds.CUSTOMER, "referrer"),
    mention(kinds.ORDER, "order"),
    publications.MENTION,
    *publications.INSIDE,
    *tracking.BESIDE,
    redemptions.mention("redemption"),
    redemptions.mention("redemption_rollback"),
    redemptions.mention("rollback"),
    inside(kinds.ORDER, "redemption.order"),
    inside(kinds.ORDER, "redemption_rollback.order"),
    inside(kinds.ORDER, "rollback.order"),
    loyalty.ENTRY,
    loyalty.BALANCE,
    *loyalty.TIERS,
    mention(kinds.EARNING_RULE, "earning_rule"),
    mention(kinds.REFERRAL_TIER, "referral_tier"),
    mention(kinds.PROMOTION_TIER, "promotion_tier"),
    mention(kinds.PROMOTION_TIER, "campaign.promotion.tiers"),
    mention(kinds.PROMOTION_STACK, "promotion_stack"),
    mention(kinds.SEGMENT, "segment"),
    rewards.MENTION,
    mention(kinds.VOUCHER, "reward.voucher"),
    mention(kinds.REWARD_ASSIGNMENT, "reward_assignment"),
    mention(kinds.REWARD_REDEMPTION, "reward_redemption"),
    mention(kinds.VALIDATION_RULE, "rule"),
    mention(kinds.VALIDATION_ASSIGNMENT, "assignment"),
    mention(kinds.VALIDATION_ASSIGNMENT, "campaign.validation_rules_assignments.data"),
    mention(kinds.VALIDATION_ASSIGNMENT, "voucher.validation_rules_assignments.data"),
    mention(kinds.VALIDATION_ASSIGNMENT, "promotion_tier.validation_rule_assignments.data"),
    mention(kinds.DISTRIBUTION, "distribution"),
    happenings.custom_event("custom_event"),
)

_NAME_OF_OBJECT: Final = MappingProxyType(
    {
        "redeemable_holder": "holder",
        "validation_rules": "rule",
        "validation_rules_assignment": "assignment",
        "loyalty_points_bucket": "buckets",
    }
)
"""Where payloads hold an object under another name than it has itself."""

Row = tuple[Tells, ...]


def _row(*cells: Tells) -> Row:
    """A row's own cells, and of what stands beside only what they do not speak of already."""
    spoken_of = {(cell.path, cell.says) for cell in cells}
    return (*cells, *(cell for cell in BESIDE if (cell.path, cell.says) not in spoken_of))


_CARD = subject(kinds.VOUCHER, "voucher")
_NEW_CARD = begun(kinds.VOUCHER, "voucher")
_OF_THE_CARD = loyalty.of_the_card(kinds.PENDING_POINTS, "pending_points")
_PENDING = (subject(kinds.PENDING_POINTS, "pending_points"), _OF_THE_CARD)
_NO_LONGER_PENDING = gone(kinds.PENDING_POINTS, "pending_points")
_CUSTOMER = subject(kinds.CUSTOMER, "customer")
_CAMPAIGN = subject(kinds.CAMPAIGN, "campaign")
_ORDER = subject(kinds.ORDER, "order")
_PROMOTION_TIER = subject(kinds.PROMOTION_TIER, "promotion_tier")
_EARNING_RULE = subject(kinds.EARNING_RULE, "earning_rule")
_REDEEMED = (redemptions.subject("redemption"), _CARD, _ORDER)
_ROLLED_BACK = (redemptions.subject("redemption_rollback"), _CARD, _ORDER)

_SPECIAL: Final[dict[str, Row]] = {
    # Cards and gift cards, their ledgers, pending points.
    "voucher.loyalty_card.points_added": (_CARD,),
    "voucher.loyalty_card.points_expired": (
        _CARD,
        subject(kinds.POINTS_BUCKET, "buckets"),
        loyalty.of_the_card(kinds.POINTS_BUCKET, "buckets"),
    ),
    "voucher.loyalty_card.transaction.created": (_CARD,),
    "voucher.loyalty_card.pending_points.added": (
        _CARD,
        begun(kinds.PENDING_POINTS, "pending_points"),
        _OF_THE_CARD,
    ),
    "voucher.loyalty_card.pending_points.updated": (_CARD, *_PENDING),
    "voucher.loyalty_card.pending_points.activated": (_CARD, _NO_LONGER_PENDING),
    "voucher.loyalty_card.pending_points.canceled": (_CARD, _NO_LONGER_PENDING),
    "voucher.gift.balance_added": (_CARD,),
    "voucher.gift.transaction.created": (_CARD,),
    # Vouchers.
    "voucher.created": (_NEW_CARD, openings.OPENING),
    "voucher.updated": (_CARD,),
    "voucher.enabled": (switched(kinds.VOUCHER, "voucher", active=True),),
    "voucher.disabled": (switched(kinds.VOUCHER, "voucher", active=False),),
    "voucher.deleted": (gone(kinds.VOUCHER, "voucher"),),
    "customer.holder.assignment.created": (begun(kinds.HOLDER, "holder"),),
    "customer.holder.assignment.deleted": (gone(kinds.HOLDER, "holder"),),
    # Publications.
    "voucher.published": (publications.SUBJECT, _CARD),
    "publication.succeeded": (publications.SUBJECT,),
    "manual_distribution_schedule": (subject(kinds.DISTRIBUTION, "distribution"),),
    # Tiers.
    "customer.loyalty.tier.joined": loyalty.joined("loyalty_tier"),
    "customer.loyalty.tier.prolonged": loyalty.moved_to("loyalty_tier"),
    "customer.loyalty.tier.upgraded": loyalty.moved_to("loyalty_tier_to"),
    "customer.loyalty.tier.downgraded": loyalty.moved_to("loyalty_tier_to"),
    "customer.loyalty.tier.left": loyalty.left("loyalty_tier"),
    "campaign.loyalty_tier.created": (loyalty.tier_subject("loyalty_tier", Rank.BEGUN),),
    "campaign.loyalty_tier.updated": (loyalty.tier_subject("loyalty_tier"),),
    "campaign.loyalty_tier.deleted": (gone(kinds.LOYALTY_TIER, "loyalty_tier"),),
    # Earning rules.
    "campaign.earning_rule.assigned": (begun(kinds.EARNING_RULE, "earning_rule"),),
    "campaign.earning_rule.updated": (_EARNING_RULE,),
    "campaign.earning_rule.enabled": (switched(kinds.EARNING_RULE, "earning_rule", active=True),),
    "campaign.earning_rule.disabled": (switched(kinds.EARNING_RULE, "earning_rule", active=False),),
    "campaign.earning_rule.deleted": (gone(kinds.EARNING_RULE, "earning_rule"),),
    # Customers.
    "customer.created": (begun(kinds.CUSTOMER, "customer"),),
    "customer.updated": (customers.UPDATED,),
    "customer.confirmed": (customers.UPDATED,),
    "customer.deleted": (gone(kinds.CUSTOMER, "customer"),),
    "customer.segment.entered": (_CUSTOMER, belonging.entered_segment()),
    "customer.segment.left": (_CUSTOMER, belonging.left_segment()),
    "customer.consents.given": (belonging.consents(Rank.SUBJECT, is_given=True),),
    "customer.consents.revoked": (belonging.consents(Rank.ENDED, is_given=False),),
    "customer.custom_event": (
        happenings.custom_event("event", Rank.SUBJECT),
        mention(kinds.CUSTOMER, "referral.referrer"),
        mention(kinds.VOUCHER, "referral.voucher"),
        mention(kinds.CAMPAIGN, "referral.campaign"),
        mention(kinds.VOUCHER, "loyalty.voucher"),
        mention(kinds.CAMPAIGN, "loyalty.campaign"),
    ),
    # Rewards.
    "customer.rewarded": (rewards.OUTCOME,),
    "customer.reward_redemptions.created": (
        begun(kinds.REWARD_REDEMPTION, "reward_redemption"),
        rewards.OUTCOME,
    ),
    "customer.reward_redemptions.pending": (
        subject(kinds.REWARD_REDEMPTION, "reward_redemption"),
        rewards.OUTCOME,
    ),
    "customer.reward_redemptions.completed": (
        ended(kinds.REWARD_REDEMPTION, "reward_redemption"),
        rewards.OUTCOME,
    ),
    "campaign.reward.assignment.created": (
        begun(kinds.REWARD_ASSIGNMENT, "reward_assignment"),
        begun(kinds.REWARD_ASSIGNMENT, "assignment"),
    ),
    "campaign.reward.assignment.updated": (
        subject(kinds.REWARD_ASSIGNMENT, "reward_assignment"),
        subject(kinds.REWARD_ASSIGNMENT, "assignment"),
    ),
    "campaign.reward.assignment.deleted": (
        gone(kinds.REWARD_ASSIGNMENT, "reward_assignment"),
        gone(kinds.REWARD_ASSIGNMENT, "assignment"),
    ),
    # Campaigns, and what is set up in them.
    "campaign.created": (begun(kinds.CAMPAIGN, "campaign"),),
    "campaign.updated": (_CAMPAIGN,),
    "campaign.enabled": (switched(kinds.CAMPAIGN, "campaign", active=True),),
    "campaign.disabled": (switched(kinds.CAMPAIGN, "campaign", active=False),),
    "campaign.deleted": (gone(kinds.CAMPAIGN, "campaign"),),
    "campaign.vouchers.generation.started": (campaigns.generation("IN_PROGRESS", Rank.BEGUN),),
    "campaign.vouchers.generation.completed": (campaigns.generation("DONE", Rank.ENDED),),
    "campaign.vouchers.generation.failed": (campaigns.generation("FAILED", Rank.ENDED),),
    "campaign.promotion_tier.created": (begun(kinds.PROMOTION_TIER, "promotion_tier"),),
    "campaign.promotion_tier.updated": (_PROMOTION_TIER,),
    "campaign.promotion_tier.enabled": (
        switched(kinds.PROMOTION_TIER, "promotion_tier", active=True),
    ),
    "campaign.promotion_tier.disabled": (
        switched(kinds.PROMOTION_TIER, "promotion_tier", active=False),
    ),
    "campaign.promotion_tier.deleted": (gone(kinds.PROMOTION_TIER, "promotion_tier"),),
    "campaign.promotion_stack.created": (begun(kinds.PROMOTION_STACK, "promotion_stack"),),
    "campaign.promotion_stack.updated": (subject(kinds.PROMOTION_STACK, "promotion_stack"),),
    "campaign.referral_tier.created": (begun(kinds.REFERRAL_TIER, "referral_tier"),),
    "campaign.referral_tier.updated": (subject(kinds.REFERRAL_TIER, "referral_tier"),),
    "campaign.referral_tier.deleted": (gone(kinds.REFERRAL_TIER, "referral_tier"),),
    # Validation rules.
    "business_validation_rule.created": (begun(kinds.VALIDATION_RULE, "rule"),),
    "business_validation_rule.updated": (subject(kinds.VALIDATION_RULE, "rule"),),
    "business_validation_rule.deleted": (gone(kinds.VALIDATION_RULE, "rule"),),
    "business_validation_rule.assignment.created": (
        begun(kinds.VALIDATION_ASSIGNMENT, "assignment"),
    ),
    "business_validation_rule.assignment.deleted": (
        gone(kinds.VALIDATION_ASSIGNMENT, "assignment"),
    ),
    # Redemptions and orders.
    "redemption.succeeded": _REDEEMED,
    "redemption.failed": _REDEEMED,
    "redemption.rollback.succeeded": _ROLLED_BACK,
    "redemption.rollback.failed": _ROLLED_BACK,
    "customer.order.created": (begun(kinds.ORDER, "order"),),
    "customer.order.updated": (_ORDER,),
    "customer.order.paid": (_ORDER,),
    "customer.order.canceled": (_ORDER,),
}

TABLE: Final = MappingProxyType(
    {
        type_: _row(*_SPECIAL.get(type_, ()))
        for type_ in sorted({registry.canonical_type(type_) for type_ in registry.FAMILY_OF_TYPE})
    }
)


def _by_name(row: Row) -> dict[str, list[Tells]]:
    """The cells by the key of the payload that they look under: most payloads have few of them."""
    cells: dict[str, list[Tells]] = {}
    for cell in row:
        cells.setdefault(cell.name, []).append(cell)
    return cells


_BY_NAME: Final = MappingProxyType({type_: _by_name(row) for type_, row in TABLE.items()})


def facts(envelope: Envelope) -> Iterator[Fact]:
    """All facts that an event tells; none for an event type that is not documented."""
    type_ = registry.canonical_type(envelope.event_type)
    row = _BY_NAME.get(type_)
    if row is None:
        return
    telling = Telling(
        project=envelope.project_id,
        told=envelope.created_at,
        data=payload(envelope.data, row.keys()),
        event_id=envelope.event_id,
        event_type=type_,
        entity_id=envelope.entity_id,
        group_id=envelope.group_id,
    )
    found, left = _understood(telling, row)
    yield from found
    is_the_object_itself = is_the_object(telling.data, row.keys())
    yield from happenings.event(telling, {} if is_the_object_itself else left)


def _understood(
    telling: Telling, row: Mapping[str, Sequence[Tells]]
) -> tuple[list[Fact], dict[str, Any]]:
    """The facts of a row's cells, and what of the payload none of them made anything of."""
    found: list[Fact] = []
    left: dict[str, Any] = {}
    for name, value in telling.data.items():
        if value is None:
            continue
        understood = False
        for cell in row.get(name, ()):
            for told in cell.make(telling):
                understood = True
                if isinstance(told, Left):
                    left.update(told.fields)
                else:
                    found.append(told)
        if not understood:
            left[name] = value
    if left and telling.object("transaction"):
        left = {
            name: value
            for name, value in left.items()
            if not loyalty.kept_with_the_entry(name, value)
        }
    return found, left


def payload(data: dict[str, Any], names: Set[str]) -> Object:
    """The payload, in the one form that the rows speak of, its objects under the row's names.

    The vendor's schema of `publication.succeeded` wraps the payload in a second `data`. An older
    payload may be the object itself, where newer ones hold it under its name. A payload that was
    re-shaped may hold an object under any name; most say themselves what they are.
    """
    inner = data.get("data")
    if len(data) == 1 and isinstance(inner, dict):
        return payload(inner, names)
    if is_the_object(data, names):
        return {**data, str(own_name(data)): data}
    return data if data.keys() <= names else _renamed(data, names)


def _renamed(data: dict[str, Any], names: Set[str]) -> Object:
    found = dict(data)
    for name in sorted(data.keys() - names):
        value = data[name]
        right = own_name(value) if isinstance(value, dict) else None
        if right and right in names and found.get(right) is None:
            found[right] = found.pop(name)
    return found


def is_the_object(data: Object, names: Set[str]) -> bool:
    return own_name(data) in names


def own_name(thing: Object) -> str | None:
    """The name under which payloads hold an object, if it is one that says what it is."""
    object_, id_ = thing.get("object"), thing.get("id")
    if isinstance(object_, str) and isinstance(id_, str):
        return _NAME_OF_OBJECT.get(object_, object_)
    return None
