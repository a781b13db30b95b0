"""Events about campaigns and what belongs to them."""

from voucherify_sync.simulator.campaigns import Campaign
from voucherify_sync.simulator.incentives import Tier
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.programme import Programme
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World


def founded(world: World, programme: Programme) -> None:
    """Everything that is told when a project sets its programme up."""
    for made in programme.campaigns():
        data: Json = {"campaign": made.full(), "created_at": At(made.created_at)}
        world.teller.webhook("campaign.created", made.id, data)
    for tiers in programme.tiers.values():
        for made_tier in tiers:
            tier(world, "created", made_tier)
    for rules in programme.rules.values():
        for rule in rules:
            data = {"campaign": rule.campaign.simple(), "earning_rule": rule.full()}
            world.teller.webhook("campaign.earning_rule.assigned", rule.campaign.id, data)
    coupons = programme.coupons
    data = {"campaign": coupons.simple(), "count": 0, "completed_at": At(world.clock.now)}
    world.teller.webhook("campaign.vouchers.generation.completed", coupons.id, data)
    club = programme.clubs[0]
    for reward in (*programme.rewards, programme.automatic):
        data = {
            "campaign": club.simple(),
            "reward": reward.full(),
            "reward_assignment": reward.assignment(club),
        }
        world.teller.webhook("campaign.reward.assignment.created", club.id, data)


def campaign(world: World, kind: str, subject: Campaign) -> None:
    """`campaign.updated`, `.enabled`, `.disabled` or `.deleted`."""
    data: Json = {"campaign": subject.full()}
    if kind == "deleted":
        data["deleted_at"] = At(world.clock.now)
    world.teller.webhook(f"campaign.{kind}", subject.id, data)


def tier(world: World, kind: str, subject: Tier) -> None:
    """`campaign.loyalty_tier.created` or `.updated`."""
    data: Json = {"campaign": subject.campaign.simple(), "loyalty_tier": subject.form()}
    world.teller.webhook(f"campaign.loyalty_tier.{kind}", subject.campaign.id, data)


def rule_made(world: World) -> None:
    """A validation rule, which is nobody's state."""
    rule: Json = {
        "id": f"val_{world.chance.letters(12)}",
        "name": "Only on rainy days",
        "type": "expression",
        "rules": {
            "1": {"name": "order.initial_amount", "conditions": {"$more_than": [99]}, "rules": {}},
            "logic": "1",
        },
        "applicable_to": {"excluded": [], "included": [], "included_all": True},
        "context_type": "campaign.discount_coupons",
        "created_at": At(world.clock.now),
        "object": "validation_rules",
    }
    data: Json = {"rule": rule, "created_at": At(world.clock.now)}
    world.teller.webhook("business_validation_rule.created", rule["id"], data)
