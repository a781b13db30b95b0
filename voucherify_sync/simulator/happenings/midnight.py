"""Midnight in the project's time zone: pending points activate, points expire, tiers are renewed.

A burst: many cards share a millisecond, each card has its own.
"""

from collections.abc import Callable

from voucherify_sync.simulator import ledger, moments
from voucherify_sync.simulator.announcements import points as news
from voucherify_sync.simulator.cards import Points, Voucher
from voucherify_sync.simulator.happenings import tiers, waiting
from voucherify_sync.simulator.ledger import Movement
from voucherify_sync.simulator.world import World

_AT_ONCE = 6
"""How many cards begin in the same millisecond."""
_LOOKED_AT = 0.001
"""The share of cards that are looked at though nothing is due on them."""


def pass_midnight(world: World, room: Callable[[], bool]) -> None:
    """Do what is due on every card, as long as there is room for more webhooks."""
    midnight = world.clock.now
    last_of: dict[str, int] = {}
    latest = midnight
    for number, card in enumerate(_due(world)):
        if not room():
            break
        holder = world.holder_of(card).id
        world.clock.now = max(midnight + number // _AT_ONCE, last_of.get(holder, 0) + 1)
        world.teller.begin()
        _pass(world, card)
        last_of[holder] = world.clock.now
        latest = max(latest, world.clock.now)
    world.clock.now = latest


def _due(world: World) -> list[Voucher]:
    """Cards on which something is due, and a few whose tier is looked at anew."""
    today = moments.date(world.clock.now + world.zone)
    waiting_on = {
        one.card.id for one in world.pending if one.waits() and _is_due(one.activates_at, today)
    }
    return [
        card
        for card in world.cards
        if card.usable()
        and (
            card.id in waiting_on
            or _expiring(card, world.clock.now)
            or world.chance.happens(_LOOKED_AT)
        )
    ]


def _is_due(activates_at: str, today: str) -> bool:
    return activates_at <= today


def _expiring(card: Voucher, now: int) -> int:
    points = card.points.buckets if card.points else []
    return sum(bucket.points for bucket in points if bucket.expires_at <= now)


def _pass(world: World, card: Voucher) -> None:
    today = moments.date(world.clock.now + world.zone)
    for points in world.pending:
        if points.card is card and points.waits() and _is_due(points.activates_at, today):
            waiting.activate(world, points, "AUTOMATIC", spend=card.generous)
            world.tick(1, 3)
    if card.points is not None and _expiring(card, world.clock.now):
        _expire(world, card, card.points)
        world.tick(1, 3)
    tiers.reconsider(world, card, prolong=world.chance.happens(0.3))


def _expire(world: World, card: Voucher, points: Points) -> None:
    """Points expire together, in one ledger entry."""
    expired = _expiring(card, world.clock.now)
    buckets = [one.form(card) for one in points.buckets if one.expires_at <= world.clock.now]
    movement = Movement(
        id=world.id("vtx"), type=ledger.EXPIRATION, points=-expired, source="Automation"
    )
    entry = world.post(card, movement)
    news.expired(world, entry, buckets)
    news.entered(world, entry)
