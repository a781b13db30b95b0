"""What people at a desk do: vouchers, customers, campaigns and tiers are changed, or deleted."""

from voucherify_sync.simulator import moments
from voucherify_sync.simulator.announcements import people as people_news
from voucherify_sync.simulator.announcements import programme as programme_news
from voucherify_sync.simulator.announcements import publications as news
from voucherify_sync.simulator.announcements import redemptions as order_news
from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.happenings import tiers
from voucherify_sync.simulator.people import Customer, address, metadata
from voucherify_sync.simulator.world import World


def update_voucher(world: World) -> bool:
    """Other metadata, or another category."""
    voucher = _some_voucher(world)
    if voucher is None:
        return False
    if world.chance.happens(0.7):
        voucher.metadata = metadata(world.chance)
    else:
        voucher.category = world.chance.pick([None, *world.programme.categories])
        voucher.additional_info = world.chance.pick((None, "", "keep dry"))
    _changed(world, voucher, "voucher.updated")
    return True


def switch_voucher(world: World) -> bool:
    """A voucher is disabled, or enabled again."""
    voucher = world.chance.find(
        [one for one in (*world.cards[-400:], *world.coupons[-400:]) if one.usable()],
        lambda one: not one.active or world.chance.happens(0.3),
    )
    if voucher is None:
        return False
    voucher.active = not voucher.active
    _changed(world, voucher, "voucher.enabled" if voucher.active else "voucher.disabled")
    return True


def delete_voucher(world: World) -> bool:
    """A coupon goes, or now and then somebody's loyalty card."""
    voucher = _some_voucher(world)
    if voucher is None or (voucher.points and not world.chance.happens(0.3)):
        return False
    if voucher.points:
        tiers.leave(world, voucher)
        world.tick(1, 400)
    _delete(world, voucher)
    return True


def _delete(world: World, voucher: Voucher) -> None:
    voucher.deleted = True
    _changed(world, voucher, "voucher.deleted")


def _changed(world: World, voucher: Voucher, type_: str) -> None:
    voucher.updated_at = world.clock.now
    world.tick(0, 3)
    news.voucher(world, type_, voucher)


def _some_voucher(world: World) -> Voucher | None:
    kind = world.chance.weighted(((world.cards, 6.0), (world.coupons, 3.0), (world.gifts, 1.0)))
    return world.chance.find(kind, lambda one: one.usable())


def update_customer(world: World, *, exactly_one: bool = False) -> bool:
    """Somebody moves, marries or is described anew."""
    customer = world.pick_customer()
    if customer is None:
        return False
    what = world.chance.between(1, 4)
    if what == 1:
        customer.address = address(world.chance)
    elif what == 2:
        customer.name = f"{customer.name} II"
    elif what == 3:
        customer.email = None if customer.email else f"new-{customer.source_id}@members.example"
    else:
        customer.metadata = metadata(world.chance)
    customer.updated_at = world.clock.now
    people_news.updated(world, customer, exactly_one=exactly_one)
    return True


def delete_customer(world: World) -> bool:
    """Somebody leaves: out of the tiers, sometimes with their cards, then out of the project."""
    customer = world.pick_customer()
    if customer is None:
        return False
    for card in [one for one in world.cards if one.holder is customer and not one.deleted]:
        tiers.leave(world, card)
        world.tick(1, 400)
        if world.chance.happens(0.5):
            _delete(world, card)
            world.tick(1, 400)
    _leave(world, customer)
    return True


def _leave(world: World, customer: Customer) -> None:
    customer.updated_at = world.clock.now
    customer.deleted = True
    people_news.deleted(world, customer, moments.text(world.clock.now))


def move_segment(world: World) -> bool:
    """Somebody enters or leaves a segment."""
    customer = world.pick_customer()
    if customer is None:
        return False
    people_news.segment(world, customer, entered=world.chance.happens(0.6))
    return True


def custom_event(world: World) -> bool:
    """Something that only the shop understands."""
    customer = world.pick_customer()
    if customer is None:
        return False
    people_news.custom_event(world, customer)
    return True


def update_order(world: World) -> bool:
    """Somebody writes something on an order."""
    order = world.chance.find(world.orders, lambda one: not one.customer.deleted)
    if order is None:
        return False
    order.metadata = {"remark": world.chance.pick(("gift wrap", "🎁", ""))}
    order.move(order.status, world.clock.now)
    order_news.order(world, "updated", order)
    return True


def update_campaign(world: World) -> bool:
    """A campaign is described anew, or switched off and on."""
    campaign = world.chance.pick(world.programme.campaigns())
    if campaign.deleted:
        return False
    kind = "updated"
    if world.chance.happens(0.3):
        campaign.active = not campaign.active
        kind = "enabled" if campaign.active else "disabled"
    else:
        campaign.description = world.chance.pick((None, "", "Now with more example"))
        campaign.metadata = metadata(world.chance)
    campaign.updated_at = world.clock.now
    programme_news.campaign(world, kind, campaign)
    return True


def delete_campaign(world: World) -> bool:
    """The one campaign that has no vouchers is deleted, once."""
    campaign = world.programme.passing
    if campaign.deleted:
        return False
    campaign.deleted = True
    campaign.updated_at = world.clock.now
    programme_news.campaign(world, "deleted", campaign)
    return True


def update_tier(world: World) -> bool:
    """A tier gets other metadata or another mapping."""
    club = world.chance.pick(world.programme.clubs)
    tier = world.chance.pick(world.programme.tiers[club.id])
    tier.metadata = {"colour": world.chance.pick(("teal", "ochre", "mauve"))}
    rule = world.programme.rules[club.id][0]
    multiplier = 1 + world.chance.between(0, 8) / 4
    tier.earning_rules = {rule.id: {"type": "MULTIPLY", "multiplier": multiplier}}
    tier.updated_at = world.clock.now
    programme_news.tier(world, "updated", tier)
    return True


def make_rule(world: World) -> bool:
    """A validation rule."""
    programme_news.rule_made(world)
    return True
