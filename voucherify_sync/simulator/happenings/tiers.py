"""Tiers move with balances: joined, upgraded, downgraded, prolonged, left."""

from voucherify_sync.simulator.announcements import people as news
from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.world import World


def reconsider(world: World, card: Voucher, *, prolong: bool = False) -> None:
    """Bring the holder into the tier that the balance qualifies for, and tell of a move.

    Now and then in the very millisecond of the entry that caused it, which told the tier before.
    """
    holder = world.holder_of(card)
    key = holder.id, card.campaign.id
    before = world.tiers.get(key)
    after = world.programme.tier_for(card.campaign, card.balance())
    if before is after and not (prolong and after):
        return
    if not world.chance.happens(0.2):
        world.tick(1, 1_800)
    world.tiers[key] = after
    news.tier_moved(world, holder, card.campaign, before, after)


def leave(world: World, card: Voucher) -> None:
    """The holder leaves the tier, because of leaving the programme."""
    holder = world.holder_of(card)
    before = world.tiers.get((holder.id, card.campaign.id))
    if before is None:
        return
    world.tick(1, 900)
    world.tiers[holder.id, card.campaign.id] = None
    news.tier_moved(world, holder, card.campaign, before, None)
