"""Events about the points on a card: entries, pending points, expiry."""

from voucherify_sync.simulator import ledger
from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.incentives import EarningRule
from voucherify_sync.simulator.ledger import Entry
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.pending import PendingPoints
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World

_BESIDE = (
    "order",
    "event",
    "earning_rule",
    "segment",
    "loyalty_tier",
    "redemption",
    "rollback",
    "reward",
    "custom_event",
    "source_voucher",
    "destination_voucher",
)


def entered(world: World, entry: Entry, **beside: Json) -> None:
    """`voucher.loyalty_card.transaction.created`: the entry in full, the card as it left it."""
    card = entry.card
    holder = card.holder
    tier = world.tier_of(card)
    data: Json = {
        "transaction": entry.full(),
        "voucher": card.full(),
        "campaign": card.campaign.simple(),
        "holder": holder.simple() if holder else None,
        "holder_loyalty_tier": tier.form() if tier else None,
        "balance": _without_operation(entry),
        **{name: beside.get(name) for name in _BESIDE},
    }
    world.teller.webhook("voucher.loyalty_card.transaction.created", card.id, data)


def rewarded(world: World, entry: Entry, before: Json, rule: EarningRule, order: Order) -> None:
    """`customer.rewarded.loyalty_points`: the card as it was *before*, the balance after."""
    customer = order.customer
    data: Json = {
        "customer": customer.simple(),
        "holder": customer.simple(),
        "voucher": before,
        "campaign": entry.card.campaign.simple(),
        "loyalty_tier": None,
        "earning_rule": rule.full(),
        "balance": {**entry.balance_form(), "operation_type": "AUTOMATIC"},
        "order": order.full(),
        "event": paid_event(world, order),
    }
    world.teller.webhook("customer.rewarded.loyalty_points", customer.id, data)
    world.teller.distribution("customer.rewarded.loyalty_points", customer.id, data)


def paid_event(world: World, order: Order) -> Json:
    """The event of an order that was paid, as others refer to it."""
    return {
        "id": f"evcus_{order.id[4:]}",
        "type": "customer.order.paid",
        "category": "EFFECT",
        "entity_id": order.customer.id,
        "created_at": At(world.clock.now),
        "group_id": f"v-{order.id[4:]}",
    }


def added(world: World, entry: Entry) -> None:
    """`points_added`: the same entry with `details: null` and without its voucher's id."""
    card, customer = entry.card, world.holder_of(entry.card)
    data: Json = {
        "voucher": card.simple(),
        "balance": entry.balance_form(),
        "campaign": card.campaign.simple(),
        "customer": customer.simple(),
        "transaction": entry.brief(),
    }
    world.teller.webhook("voucher.loyalty_card.points_added", card.id, data)
    data["balance"] = _without_operation(entry)
    world.teller.distribution("customer.voucher.loyalty_card.points_added", customer.id, data)


def _without_operation(entry: Entry) -> Json:
    """The balance in a form that says nothing of whether a person or a rule moved it."""
    form = entry.balance_form()
    form.pop("operation_type", None)
    return form


def expired(world: World, entry: Entry, buckets: list[Json]) -> None:
    """`points_expired`, with the buckets that were emptied."""
    card, customer = entry.card, world.holder_of(entry.card)
    data: Json = {
        "voucher": card.simple(),
        "points": -entry.movement.points,
        "campaign": card.campaign.simple(),
        "customer": customer.simple(),
        "buckets": buckets,
        "transaction": entry.full(),
    }
    world.teller.webhook("voucher.loyalty_card.points_expired", card.id, data)
    world.teller.distribution("customer.voucher.loyalty_card.points_expired", customer.id, data)


def pending(world: World, kind: str, points: PendingPoints, change: int, operation: str) -> None:
    """`pending_points.added`, `.updated` or `.canceled`."""
    data = _pending_data(points.card, points)
    data["voucher_pending_points_balance"] = points.sum_form(change, operation)
    _tell_pending(world, kind, points, data)


def activated(world: World, points: PendingPoints, entry: Entry) -> None:
    """`pending_points.activated`, which is also a ledger entry."""
    data = _pending_data(points.card, points)
    data["balance"] = entry.balance_form()
    data["transaction"] = entry.full()
    _tell_pending(world, "activated", points, data)
    entered(
        world,
        entry,
        order=points.order.simple(),
        event=paid_event(world, points.order),
        earning_rule=points.rule.simple(),
    )


def _pending_data(card: Voucher, points: PendingPoints) -> Json:
    return {
        "customer": points.order.customer.simple(),
        "campaign": card.campaign.simple(),
        "voucher": card.simple(),
        "order": points.order.simple(),
        "pending_points": points.form(),
    }


def _tell_pending(world: World, kind: str, points: PendingPoints, data: Json) -> None:
    card, customer = points.card, points.order.customer
    world.teller.webhook(f"voucher.loyalty_card.pending_points.{kind}", card.id, data)
    type_ = f"customer.voucher.loyalty_card.pending_points.{kind}"
    if kind == "updated" and world.chance.happens(0.5):
        type_ = "loyalty_card.pending_points.updated"  # the documentation spells it both ways
    world.teller.distribution(type_, customer.id, data)


def gift_entered(world: World, entry: Entry, **beside: Json) -> None:
    """`voucher.gift.transaction.created`, and `balance_added` where money was loaded."""
    card, holder = entry.card, entry.card.holder
    data: Json = {
        "transaction": entry.full(),
        "voucher": card.full(),
        "campaign": card.campaign.simple(),
        "holder": holder.simple() if holder else None,
        "balance": entry.balance_form(),
        **{name: beside.get(name) for name in ("order", "redemption", "rollback")},
    }
    world.teller.webhook("voucher.gift.transaction.created", card.id, data)
    if entry.movement.type == ledger.GIFT_ADDITION:
        _gift_added(world, entry)


def _gift_added(world: World, entry: Entry) -> None:
    card, customer = entry.card, world.holder_of(entry.card)
    data: Json = {
        "voucher": card.simple(),
        "balance": entry.balance_form(),
        "campaign": card.campaign.simple(),
        "transaction": entry.brief(),
    }
    world.teller.webhook("voucher.gift.balance_added", card.id, data)
    world.teller.distribution(
        "customer.voucher.gift.balance_added",
        customer.id,
        {**data, "customer": customer.simple()},
    )
