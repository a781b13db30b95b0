"""Distributions: webhooks that a marketer set up, with a free-text type and a designed payload.

For some event types they are the only webhook there is (*essential* here), for others they tell
once more what a project webhook tells. A design never leaves a changing object without the moment
that says of when it is: nobody could put such a telling into order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.wire import Json

ESSENTIAL = (
    "customer.loyalty.tier.joined",
    "customer.loyalty.tier.left",
    "customer.loyalty.tier.upgraded",
    "customer.loyalty.tier.downgraded",
    "customer.loyalty.tier.prolonged",
    "customer.order.created",
    "customer.order.updated",
    "customer.order.paid",
    "customer.order.canceled",
    "customer.segment.entered",
    "customer.segment.left",
)
ADDITIONAL = (
    "customer.publication.succeeded",
    "customer.redemption.succeeded",
    "customer.redemption.rollback.succeeded",
    "customer.voucher.loyalty_card.points_added",
    "customer.voucher.loyalty_card.points_expired",
    "customer.voucher.loyalty_card.pending_points.added",
    "customer.voucher.loyalty_card.pending_points.updated",
    "loyalty_card.pending_points.updated",
    "customer.voucher.loyalty_card.pending_points.activated",
    "customer.voucher.loyalty_card.pending_points.canceled",
    "customer.voucher.gift.balance_added",
    "customer.rewarded",
    "customer.rewarded.loyalty_points",
    "customer.reward_redemptions.created",
    "customer.reward_redemptions.completed",
    "customer.custom_event",
    "manual_distribution_schedule",
)
LABELS = (
    "",
    "Tell the till 📦",
    "welcome-mail (copy 2)",
    "customer.deleted",
    "voucher.updated",
    "v2018-08-01",
    "Grüße",
)

Design = Callable[[Json], Json]


def _as_it_is(data: Json) -> Json:
    return data


def _without_campaign(data: Json) -> Json:
    campaign = data.get("campaign")
    return {**data, "campaign": {"id": campaign["id"]}} if campaign else data


def _with_additions(data: Json) -> Json:
    return {"greeting": "Ahoj {{name}}!", "cta_url": "https://shop.example/?a=1&b=2", **data}


_KEPT = {
    "customer": ("id", "name"),
    "holder": ("id",),
    "voucher": ("id", "code"),
    "campaign": ("id", "name"),
    "publication": ("id",),
    "redemption": ("id",),
}


def _slim(data: Json) -> Json:
    slim = dict(data)
    for name, kept in _KEPT.items():
        if isinstance(data.get(name), dict):
            slim[name] = {field: data[name][field] for field in kept if field in data[name]}
    slim.pop("order", None)
    return slim


def _renamed(data: Json) -> Json:
    names = {"customer": "who", "voucher": "card", "transaction": "movement", "balance": "news"}
    return {names.get(name, name): value for name, value in data.items()}


def _flat(data: Json) -> Json:
    customer, voucher = data.get("customer") or {}, data.get("voucher") or {}
    return {
        "name": customer.get("name"),
        "customer": customer.get("source_id"),
        "voucher": voucher.get("code"),
        "balance": (voucher.get("loyalty_card") or {}).get("balance"),
        "transaction": None,
        "order": [],
    }


_MILD: tuple[Design, ...] = (_as_it_is, _without_campaign, _with_additions)
_ANY: tuple[Design, ...] = (_as_it_is, *_MILD, _slim, _renamed, _flat)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A marketer's webhook for one event type."""

    id: str
    label: str
    design: Design


def set_up(chance: Chance) -> dict[str, list[Distribution]]:
    """The distributions of a project, by event type."""
    found: dict[str, list[Distribution]] = {}
    for type_ in ESSENTIAL:
        found[type_] = [_distribution(chance, _MILD)]
        if chance.happens(0.2):
            found[type_].append(_distribution(chance, _ANY))
    for type_ in ADDITIONAL:
        found[type_] = [_distribution(chance, _ANY)] if chance.happens(0.7) else []
    return found


def _distribution(chance: Chance, designs: tuple[Design, ...]) -> Distribution:
    return Distribution(f"distr_{chance.letters(24)}", chance.pick(LABELS), chance.pick(designs))
