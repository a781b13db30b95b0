"""Coupons and gift cards: handed out, loaded, used, given back."""

from voucherify_sync.simulator import ledger, orders
from voucherify_sync.simulator.announcements import points as points_news
from voucherify_sync.simulator.announcements import redemptions as news
from voucherify_sync.simulator.campaigns import COUPONS
from voucherify_sync.simulator.cards import Credits, Voucher
from voucherify_sync.simulator.happenings import joining, spending
from voucherify_sync.simulator.ledger import Entry, Movement
from voucherify_sync.simulator.redemptions import Redemption
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World


def hand_out_coupons(world: World) -> bool:
    """One coupon, sometimes a few in one publication."""
    customer = world.pick_customer()
    if customer is None:
        return False
    count = world.chance.weighted(((1, 8.0), (2, 1.5), (3, 0.5)))
    coupons = [joining.make_voucher(world, world.programme.coupons) for _ in range(count)]
    world.coupons += coupons
    joining.publish(world, customer, coupons)
    return True


def hand_out_gift(world: World) -> bool:
    """A gift card with some money on it."""
    customer = world.pick_customer()
    if customer is None:
        return False
    gift = joining.make_voucher(world, world.programme.gifts)
    gift.credits = Credits(loaded=world.chance.between(10, 60) * 100)
    world.gifts.append(gift)
    joining.publish(world, customer, [gift])
    return True


def redeem_coupon(world: World) -> bool:
    """A coupon is used in an order, or fails to be."""
    coupon = _usable(world, world.coupons)
    if coupon is None:
        return False
    redemption = _with_order(world, coupon, amount=None)
    if world.chance.happens(0.2):
        redemption.failure = "quantity_exceeded"
        redemption.customer.spending.failed += 1
    else:
        coupon.redeemed_quantity += 1
        coupon.updated_at = world.clock.now
        redemption.customer.spending.succeeded += 1
    redemption.remember()
    news.redeemed(world, redemption)
    return True


def _with_order(world: World, voucher: Voucher, amount: int | None) -> Redemption:
    """A redemption in an order that is made and paid with it."""
    order = orders.filled(world.chance, world.id("ord"), world.holder_of(voucher), world.clock.now)
    order.status = "PAID"
    if voucher.campaign.kind == COUPONS:
        order.discount = min(order.amount * 15 // 100, 4_000)
    world.orders.append(order)
    world.tick(1, 60)
    redemption = spending.redemption_of(world, voucher, amount)
    redemption.order = order
    return redemption


def load_gift(world: World) -> bool:
    """Money is added to a gift card."""
    gift = _usable(world, world.gifts)
    if gift is None:
        return False
    amount = world.chance.between(1, 30) * 100
    _move(world, gift, ledger.GIFT_ADDITION, amount)
    return True


def unload_gift(world: World) -> bool:
    """Money is taken back by a desk."""
    gift = _usable(world, world.gifts)
    if gift is None or not gift.balance():
        return False
    _move(world, gift, ledger.GIFT_REMOVAL, -world.chance.between(1, gift.balance()))
    return True


def redeem_gift(world: World) -> bool:
    """A gift card pays a part of an order."""
    gift = _usable(world, world.gifts)
    if gift is None or not gift.balance():
        return False
    amount = world.chance.between(1, gift.balance())
    redemption = _with_order(world, gift, amount)
    entry = _post(
        world, gift, ledger.GIFT_REDEMPTION, -amount, {"redemption": {"id": redemption.id}}
    )
    gift.redeemed_quantity += 1
    redemption.customer.spending.succeeded += 1
    redemption.customer.spending.redeemed_amount += amount
    redemption.remember()
    order = redemption.order.simple() if redemption.order else {}
    points_news.gift_entered(world, entry, order=order, redemption=redemption.form())
    news.redeemed(world, redemption)
    return True


def roll_back(world: World) -> bool:
    """A coupon or gift card redemption is undone, and its order canceled."""
    redemption = world.chance.find(
        world.redemptions,
        lambda one: one.can_be_rolled_back() and one.reward is None and one.voucher.active,
    )
    if redemption is None or redemption.order is None:
        return False
    voucher = redemption.voucher
    rollback = spending.rollback_of(world, redemption)
    redemption.order.move("CANCELED", world.clock.now)
    entry: Entry | None = None
    voucher.updated_at = world.clock.now
    if redemption.amount is not None:
        details: Json = {"rollback": {"id": rollback.id}}
        entry = _post(world, voucher, ledger.GIFT_REFUND, redemption.amount, details)
    voucher.redeemed_quantity -= 1
    if entry is not None:
        points_news.gift_entered(world, entry, rollback=rollback.form())
    news.rolled_back(world, rollback)
    return True


def _move(world: World, gift: Voucher, type_: str, amount: int) -> None:
    points_news.gift_entered(world, _post(world, gift, type_, amount, {}))


def _post(world: World, gift: Voucher, type_: str, amount: int, details: Json) -> Entry:
    by_hand = type_ in (ledger.GIFT_ADDITION, ledger.GIFT_REMOVAL)
    movement = Movement(
        id=world.id("vtx"),
        type=type_,
        points=amount,
        source="voucherify-web-ui" if by_hand else None,
        operation="MANUAL" if by_hand else "AUTOMATIC",
        details=details,
    )
    return world.post(gift, movement)


def _usable(world: World, vouchers: list[Voucher]) -> Voucher | None:
    return world.chance.find(vouchers, lambda one: one.usable() and one.active)
