"""Points become rewards, and rewards become points again."""

from voucherify_sync.simulator import ledger
from voucherify_sync.simulator.announcements import points as points_news
from voucherify_sync.simulator.announcements import redemptions as news
from voucherify_sync.simulator.cards import Bucket, Voucher
from voucherify_sync.simulator.happenings import joining, tiers
from voucherify_sync.simulator.incentives import Reward
from voucherify_sync.simulator.ledger import Movement
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.redemptions import Redemption, Rollback
from voucherify_sync.simulator.world import World

_FAILURES = ("not_enough_points", "reward_out_of_stock", "redemption_rules_violated")
_REASONS = ("changed their mind", None, "broken mug 😢")


def redeem(world: World) -> bool:
    """A member takes a reward."""
    card = world.pick_card()
    if card is None:
        return False
    reward = world.chance.pick(world.programme.rewards)
    if card.balance() < reward.price:
        return False
    _redeem(world, card, reward, automatic=False)
    tiers.reconsider(world, card)
    return True


def redeem_automatically(world: World, card: Voucher) -> None:
    """The automatic reward, within the millisecond of the points that allow it."""
    _redeem(world, card, world.programme.automatic, automatic=True)


def _redeem(world: World, card: Voucher, reward: Reward, *, automatic: bool) -> None:
    redemption = redemption_of(world, card, amount=reward.price)
    redemption.reward, redemption.automatic = reward, automatic
    movement = Movement(
        id=world.id("vtx"),
        type=ledger.REDEMPTION,
        points=-reward.price,
        source=None,
        operation="AUTOMATIC" if automatic else "MANUAL",
        details={"redemption": {"id": redemption.id}, "reward": reward.brief()},
    )
    entry = world.post(card, movement)
    card.redeemed_quantity += 1
    spending = redemption.customer.spending
    spending.succeeded += 1
    spending.redeemed_points += reward.price
    redemption.remember()
    points_news.entered(world, entry, redemption=redemption.form(), reward=reward.full())
    news.redeemed(world, redemption)
    news.reward_given(world, redemption, _coupon(world, redemption))


def _coupon(world: World, redemption: Redemption) -> Publication | None:
    """The coupon that a reward may be."""
    if redemption.reward is None or redemption.reward.coupons is None:
        return None
    world.tick(1, 400)
    coupon = joining.make_voucher(world, redemption.reward.coupons)
    world.coupons.append(coupon)
    return joining.publish(world, redemption.customer, [coupon])


def redemption_of(world: World, voucher: Voucher, amount: int | None) -> Redemption:
    """A redemption now, by the voucher's holder."""
    redemption = Redemption(
        id=world.id("r"),
        tracking_id=f"track_{world.chance.letters(24)}",
        at=world.clock.now,
        voucher=voucher,
        customer=world.holder_of(voucher),
        amount=amount,
    )
    world.redemptions.append(redemption)
    return redemption


def fail_to_redeem(world: World) -> bool:
    """A redemption that changes nothing but the customer's count of failures."""
    card = world.pick_card()
    if card is None:
        return False
    redemption = redemption_of(world, card, amount=None)
    redemption.failure = world.chance.pick(_FAILURES)
    redemption.customer.spending.failed += 1
    news.redeemed(world, redemption)
    return True


def roll_back(world: World) -> bool:
    """A reward is given back, and its points come back."""
    redemption = world.chance.find(
        world.redemptions,
        lambda one: one.can_be_rolled_back() and one.reward is not None and one.voucher.active,
    )
    if redemption is None or redemption.amount is None:
        return False
    card, points = redemption.voucher, redemption.amount
    rollback = rollback_of(world, redemption)
    movement = Movement(
        id=world.id("vtx"),
        type=ledger.REFUND,
        points=points,
        source=None,
        details={"redemption": {"id": redemption.id}, "rollback": {"id": rollback.id}},
    )
    entry = world.post(card, movement)
    if card.points is not None:
        now = world.clock.now
        bucket = f"lopb_{world.chance.letters(24)}"
        card.points.buckets.append(Bucket(bucket, points, now + joining.BUCKET_LIFE, now))
    card.redeemed_quantity -= 1
    points_news.entered(world, entry, rollback=rollback.form(), redemption=redemption.stale())
    news.rolled_back(world, rollback)
    tiers.reconsider(world, card)
    return True


def rollback_of(world: World, redemption: Redemption) -> Rollback:
    """A rollback now."""
    rollback = Rollback(
        id=world.id("rr"),
        redemption=redemption,
        at=world.clock.now,
        reason=world.chance.pick(_REASONS),
    )
    redemption.rollback = rollback
    redemption.customer.spending.rolled_back += 1
    world.rollbacks.append(rollback)
    return rollback


def fail_to_roll_back(world: World) -> bool:
    """A rollback that changes nothing."""
    redemption = world.chance.find(world.redemptions, lambda one: one.can_be_rolled_back())
    if redemption is None:
        return False
    rollback = Rollback(
        id=world.id("rr"),
        redemption=redemption,
        at=world.clock.now,
        reason=None,
        failure="rollback_rules_violated",
    )
    world.rollbacks.append(rollback)
    redemption.customer.spending.rollbacks_failed += 1
    news.rolled_back(world, rollback)
    return True
