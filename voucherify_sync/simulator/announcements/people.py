"""Events about customers and their tiers."""

from voucherify_sync.simulator.campaigns import Campaign
from voucherify_sync.simulator.incentives import Tier
from voucherify_sync.simulator.moments import At, date
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World

_SEGMENTS = (("seg_early", "Early risers"), ("seg_big", "Big baskets"), ("seg_quiet", "Quiet ones"))


def created(world: World, customer: Customer) -> None:
    """`customer.created`."""
    world.teller.webhook("customer.created", customer.id, {"customer": world.in_full(customer)})


def updated(world: World, customer: Customer, *, exactly_one: bool = False) -> None:
    """`customer.updated`."""
    data = {"customer": world.in_full(customer)}
    world.teller.webhook("customer.updated", customer.id, data, exactly_one=exactly_one)


def deleted(world: World, customer: Customer, at_text: str) -> None:
    """`customer.deleted`: the source id is renamed, so that somebody else can have it."""
    form = world.in_full(customer)
    form["source_id"] = f"{customer.source_id}_deleted{at_text}"
    world.teller.webhook("customer.deleted", customer.id, {"customer": form})


def segment(world: World, customer: Customer, *, entered: bool) -> None:
    """`customer.segment.entered` or `.left`."""
    id_, name = world.chance.pick(_SEGMENTS)
    data: Json = {
        "customer": world.in_full(customer),
        "segment": {"id": id_, "name": name, "object": "segment"},
    }
    type_ = "customer.segment.entered" if entered else "customer.segment.left"
    world.teller.distribution(type_, customer.id, data)


def custom_event(world: World, customer: Customer) -> None:
    """`customer.custom_event`, which is nobody's state."""
    name = world.chance.pick(("waved_at_camera", "rang_the_bell"))
    event: Json = {
        "id": f"event_{world.chance.hex(18)}",
        "object": "event",
        "type": name,
        "customer": {"id": customer.id, "object": "customer"},
        "referral": None,
        "loyalty": None,
        "metadata": {"times": world.chance.between(1, 3)},
        "created_at": At(world.clock.now),
    }
    data: Json = {
        "event": event,
        "event_schema": {"id": f"ms_{name}", "name": name},
        "customer": customer.simple(),
        "referral": None,
        "loyalty": None,
    }
    world.teller.distribution("customer.custom_event", customer.id, data)


def tier_moved(
    world: World, customer: Customer, campaign: Campaign, before: Tier | None, after: Tier | None
) -> None:
    """The tier event for a move between two tiers, or into or out of the programme."""
    data: Json = {"customer": customer.simple(), "campaign": campaign.simple()}
    if before is not None and after is not None and before is not after:
        kind = "upgraded" if after.low > before.low else "downgraded"
        data["loyalty_tier_from"] = before.form()
        data["loyalty_tier_to"] = after.form(expiration(world, customer, after))
    elif after is not None:
        kind = "prolonged" if before is after else "joined"
        data["loyalty_tier"] = after.form(expiration(world, customer, after))
    elif before is not None:
        kind = "left"
        data["loyalty_tier"] = before.form()
    else:
        raise ValueError("a customer in no tier can't leave one")
    data["created_at"] = At(world.clock.now)
    world.teller.distribution(f"customer.loyalty.tier.{kind}", customer.id, data)


def expiration(world: World, customer: Customer, tier: Tier) -> Json:
    """How long this customer keeps the tier; it stands inside the tier and is not the tier's."""
    return {
        "customer_id": customer.id,
        "campaign_id": tier.campaign.id,
        "tier_id": tier.id,
        "start_date": date(world.clock.now),
        "created_at": At(world.clock.now),
    }
