"""Orders earn points, at once or after a while; a desk adds and removes some by hand."""

from voucherify_sync.simulator import ledger, orders
from voucherify_sync.simulator.announcements import points as news
from voucherify_sync.simulator.announcements import redemptions as order_news
from voucherify_sync.simulator.cards import Bucket, Voucher
from voucherify_sync.simulator.happenings import spending, tiers
from voucherify_sync.simulator.happenings.joining import BUCKET_LIFE
from voucherify_sync.simulator.incentives import EarningRule
from voucherify_sync.simulator.ledger import Entry, Movement
from voucherify_sync.simulator.moments import DAY, date
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.pending import PendingPoints
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World

_REASONS = ("goodwill", "", "said sorry", "“typo” at the till", None)


def earn(world: World) -> bool:
    """An order is paid and earns points; perhaps they are spent in the same millisecond."""
    card = world.pick_card()
    if card is None:
        return False
    order = paid_order(world, card)
    world.tick(20, 900)
    before = card.simple()
    rules = world.programme.rules[card.campaign.id]
    for rule in rules if world.chance.happens(0.25) else rules[:1]:
        _accrue(world, card, order, rule, before)
    if card.generous and card.balance() >= world.programme.automatic.price:
        spending.redeem_automatically(world, card)
    tiers.reconsider(world, card)
    return True


def _accrue(world: World, card: Voucher, order: Order, rule: EarningRule, before: Json) -> None:
    details: Json = {
        "order": order.brief(),
        "event": {"id": f"evcus_{order.id[4:]}", "type": "customer.order.paid"},
        "earning_rule": rule.source(),
    }
    tier = world.tier_of(card)
    if tier is not None:
        details["holder_loyalty_tier"] = tier.brief()
    entry = gain(
        world,
        card,
        Movement(
            id=world.id("vtx"),
            type=ledger.ACCRUAL,
            points=rule.earned(order.total),
            source="Automation",
            details=details,
        ),
    )
    news.entered(
        world,
        entry,
        order=order.simple(),
        event=news.paid_event(world, order),
        earning_rule=rule.simple(),
    )
    news.rewarded(world, entry, before, rule, order)


def gain(world: World, card: Voucher, movement: Movement) -> Entry:
    """Enter points that come to a card, in a bucket of their own."""
    entry = world.post(card, movement)
    if card.points is not None:
        now = world.clock.now
        bucket = Bucket(f"lopb_{world.chance.letters(24)}", movement.points, now + BUCKET_LIFE, now)
        card.points.buckets.append(bucket)
    return entry


def paid_order(world: World, card: Voucher) -> Order:
    """The holder orders and pays; half of the time the order is told before it is paid."""
    customer = world.holder_of(card)
    order = orders.filled(world.chance, world.id("ord"), customer, world.clock.now)
    world.orders.append(order)
    if world.chance.happens(0.5):
        order_news.order(world, "created", order)
    order.move("PAID", world.tick(1, 60_000))
    spending_summary = customer.spending
    spending_summary.orders += 1
    spending_summary.amount += order.total
    spending_summary.last_amount = order.total
    spending_summary.last_at = order.updated_at
    world.tick(0, 3)
    order_news.order(world, "paid", order)
    return order


def earn_later(world: World) -> bool:
    """An order is paid and earns points that wait."""
    card = world.pick_card()
    if card is None or card.points is None:
        return False
    order = paid_order(world, card)
    now = world.tick(20, 900)
    rule = world.programme.rules[card.campaign.id][1]
    days = world.chance.weighted(((1, 3.0), (3, 3.0), (10, 2.0), (45, 1.0)))
    points = PendingPoints(
        id=world.id("lopp"),
        card=card,
        order=order,
        rule=rule,
        tier=world.tier_of(card),
        points=world.chance.between(5, 80),
        activates_at=date(now + world.zone + days * DAY),
        created_at=now,
    )
    world.pending.append(points)
    card.points.pending = (card.points.pending or 0) + points.points
    card.updated_at = now
    news.pending(world, "added", points, points.points, "AUTOMATIC")
    return True


def add_by_hand(world: World) -> bool:
    """A desk adds points."""
    card = world.pick_card()
    if card is None:
        return False
    entry = gain(
        world,
        card,
        Movement(
            id=world.id("vtx"),
            type=ledger.ADDITION,
            points=world.chance.between(1, 250),
            reason=world.chance.pick(_REASONS),
            operation="MANUAL",
        ),
    )
    news.added(world, entry)
    news.entered(world, entry)
    tiers.reconsider(world, card)
    return True


def remove_by_hand(world: World) -> bool:
    """A desk takes points away."""
    card = world.pick_card()
    if card is None or not card.balance():
        return False
    points = world.chance.between(1, card.balance())
    movement = Movement(
        id=world.id("vtx"),
        type=ledger.REMOVAL,
        points=-points,
        reason=world.chance.pick(_REASONS),
        operation="MANUAL",
    )
    news.entered(world, world.post(card, movement))
    tiers.reconsider(world, card)
    return True
