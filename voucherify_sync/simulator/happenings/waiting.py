"""Pending points change, are called off, or become points."""

from voucherify_sync.simulator import ledger
from voucherify_sync.simulator.announcements import points as news
from voucherify_sync.simulator.announcements import redemptions as order_news
from voucherify_sync.simulator.happenings import earning, spending, tiers
from voucherify_sync.simulator.ledger import Movement
from voucherify_sync.simulator.moments import DAY, date
from voucherify_sync.simulator.pending import PendingPoints
from voucherify_sync.simulator.world import World


def update(world: World) -> bool:
    """A desk changes how many points wait, and sometimes until when."""
    points = _some(world)
    if points is None:
        return False
    change = world.chance.between(1, 20)
    _change(world, points, change)
    points.points += change
    if world.chance.happens(0.4):
        points.activates_at = date(world.clock.now + world.zone + 2 * DAY)
    points.updated_at = world.clock.now
    news.pending(world, "updated", points, change, "MANUAL")
    return True


def cancel(world: World) -> bool:
    """An order is canceled, and what it would have earned with it."""
    points = _some(world)
    if points is None:
        return False
    if points.order.status != "CANCELED":
        points.order.move("CANCELED", world.clock.now)
        order_news.order(world, "canceled", points.order)
        world.tick(1, 500)
    points.open = False
    _change(world, points, -points.points)
    news.pending(world, "canceled", points, -points.points, "AUTOMATIC")
    return True


def activate_by_hand(world: World) -> bool:
    """A desk lets points count before their day."""
    points = _some(world)
    if points is None:
        return False
    activate(world, points, "MANUAL")
    return True


def activate(world: World, points: PendingPoints, operation: str, *, spend: bool = False) -> None:
    """Waiting points become points, in one ledger entry; perhaps to be spent at once."""
    points.open = False
    _change(world, points, -points.points)
    movement = Movement(
        id=world.id("vtx"),
        type=ledger.ACTIVATION,
        points=points.points,
        source=None,
        operation=operation,
        details={
            "order": points.order.brief(),
            "event": {"id": f"evcus_{points.order.id[4:]}", "type": "customer.order.paid"},
            "earning_rule": points.rule.source(),
            "pending_points": points.form(),
        },
    )
    news.activated(world, points, earning.gain(world, points.card, movement))
    if spend and points.card.balance() >= world.programme.automatic.price:
        spending.redeem_automatically(world, points.card)
    tiers.reconsider(world, points.card)


def _change(world: World, points: PendingPoints, change: int) -> None:
    """Change what waits on the card."""
    account = points.card.points
    if account is not None:
        account.pending = (account.pending or 0) + change
    points.card.updated_at = world.clock.now


def _some(world: World) -> PendingPoints | None:
    return world.chance.find(world.pending, lambda points: points.waits())
