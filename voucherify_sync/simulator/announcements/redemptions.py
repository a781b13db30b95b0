"""Events about redemptions and their rollbacks, and about orders."""

from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.redemptions import Redemption, Rollback
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World


def redeemed(world: World, redemption: Redemption) -> None:
    """`redemption.succeeded` or `.failed`, and the distribution's event for a success."""
    data = {**_data(redemption), "redemption": redemption.form()}
    own = {**data, "created_at": At(world.clock.now)}
    if redemption.failure is not None:
        world.teller.webhook("redemption.failed", redemption.id, own)
        return
    world.teller.webhook("redemption.succeeded", redemption.id, own)
    world.teller.distribution("customer.redemption.succeeded", redemption.customer.id, data)


def rolled_back(world: World, rollback: Rollback) -> None:
    """`redemption.rollback.succeeded` or `.failed`; the redemption in it is told as it was."""
    redemption = rollback.redemption
    data = {
        **_data(redemption),
        "redemption": redemption.stale(),
        "redemption_rollback": rollback.form(),
    }
    if rollback.failure is not None:
        world.teller.webhook("redemption.rollback.failed", rollback.id, data)
        return
    world.teller.webhook("redemption.rollback.succeeded", rollback.id, data)
    world.teller.distribution(
        "customer.redemption.rollback.succeeded", redemption.customer.id, data
    )


def reward_given(world: World, redemption: Redemption, publication: Publication | None) -> None:
    """What a reward sets off: `customer.rewarded` and the life of the reward redemption."""
    if redemption.reward is None:
        raise ValueError(f"{redemption.id} is for no reward")
    reward, customer = redemption.reward, redemption.customer
    campaign = redemption.voucher.campaign
    beside: Json = {
        "customer": customer.simple(),
        "holder": customer.simple(),
        "voucher": redemption.voucher.simple(),
        "campaign": campaign.simple(),
    }
    data: Json = {
        **beside,
        "redemption": redemption.internal(),
        "reward": reward.simple(campaign),
        "referral_tier": None,
        "balance": None,
        "custom_event": None,
        "customer_event": None,
    }
    world.teller.webhook("customer.rewarded", customer.id, data)
    world.teller.distribution("customer.rewarded", customer.id, data)
    life: Json = {
        **beside,
        "reward_redemption": _reward_redemption(world, redemption, "PENDING"),
        "reward": reward.simple(campaign),
        "reward_assignment": reward.assignment(campaign),
        "source": {"id": redemption.id, "type": "redemption"},
        "balance": None,
    }
    world.teller.distribution("customer.reward_redemptions.created", customer.id, life)
    if publication is not None:
        life["reward_redemption"] = _reward_redemption(world, redemption, "COMPLETED")
        life["publication"] = publication.with_voucher(publication.vouchers[0])
        world.teller.distribution("customer.reward_redemptions.completed", customer.id, life)


def order(world: World, kind: str, subject: Order) -> None:
    """`customer.order.created`, `.updated`, `.paid` or `.canceled`."""
    data: Json = {
        "customer": subject.customer.simple(),
        "referrer": None,
        "order": subject.full(),
        "redemption": None,
    }
    world.teller.distribution(f"customer.order.{kind}", subject.customer.id, data)


def _reward_redemption(world: World, redemption: Redemption, state: str) -> Json:
    reward, campaign = redemption.reward, redemption.voucher.campaign
    done = state == "COMPLETED"
    return {
        "id": f"rewr_{redemption.id[2:]}",
        "state": state,
        "created_at": At(redemption.at),
        "updated_at": At(world.clock.now) if done else None,
        "voucher_id": redemption.voucher.id,
        "campaign_id": campaign.id,
        "customer_id": redemption.customer.id,
        "reward_assignment_id": reward.assignment_id(campaign) if reward else None,
        "source_id": redemption.id,
        "source_type": "redemption",
    }


def _data(redemption: Redemption) -> Json:
    voucher = redemption.voucher
    data: Json = {
        "customer": redemption.customer.simple(),
        "campaign": voucher.campaign.simple(),
        "voucher": voucher.simple(),
        "holder": voucher.holder.simple() if voucher.holder else None,
        "promotion_tier": None,
        "promotion_stack": None,
        "order": redemption.order.simple() if redemption.order else None,
    }
    return data
