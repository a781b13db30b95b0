"""Points move from one card to another, as two entries of one millisecond."""

from voucherify_sync.simulator import ledger
from voucherify_sync.simulator.announcements import points as news
from voucherify_sync.simulator.happenings import earning, tiers
from voucherify_sync.simulator.ledger import Movement
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.world import World


def transfer(world: World) -> bool:
    """Each of the two events tells the other card as it was before.

    Usually with the moment it had then, sometimes with that of the transfer: then only who tells
    it, and the chain, say which is right.
    """
    source, destination = world.pick_card(), world.pick_card()
    if source is None or destination is None or not source.balance():
        return False
    if source is destination or source.campaign is not destination.campaign:
        return False
    points = world.chance.between(1, source.balance())
    before_out, before_in = source.simple(), destination.simple()
    if world.chance.happens(0.3):
        now = At(world.clock.now)
        before_out["updated_at"] = before_in["updated_at"] = now
    out_id, in_id = world.id("vtx"), world.id("vtx")
    out = world.post(
        source,
        Movement(
            id=out_id,
            type=ledger.TRANSFER_OUT,
            points=-points,
            reason="a present",
            details={"destination_voucher": before_in},
            related=in_id,
        ),
    )
    came = earning.gain(
        world,
        destination,
        Movement(
            id=in_id,
            type=ledger.TRANSFER_IN,
            points=points,
            reason="a present",
            details={"source_voucher": before_out},
            related=out_id,
        ),
    )
    news.entered(world, out, destination_voucher=before_in)
    news.entered(world, came, source_voucher=before_out)
    tiers.reconsider(world, source)
    tiers.reconsider(world, destination)
    return True
