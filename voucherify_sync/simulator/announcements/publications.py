"""Events about vouchers and their publication: three of them tell of one publication."""

from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.wire import Json
from voucherify_sync.simulator.world import World


def voucher(world: World, type_: str, subject: Voucher) -> None:
    """`voucher.created`, `.enabled`, `.disabled`, `.deleted`; `.updated` with a campaign's stub."""
    campaign = subject.campaign
    form = campaign.stub() if type_ == "voucher.updated" else campaign.simple()
    world.teller.webhook(type_, subject.id, {"voucher": subject.full(), "campaign": form})


def published(world: World, publication: Publication) -> None:
    """All that is sent of a publication."""
    first = publication.vouchers[0]
    data: Json = {
        "customer": publication.customer.simple(),
        "campaign": first.campaign.simple(),
        "publication": publication.form(),
    }
    vouchers = [voucher.simple() for voucher in publication.vouchers]
    several = len(vouchers) > 1 or world.chance.happens(0.5)
    beside: Json = {"vouchers": vouchers} if several else {"voucher": vouchers[0]}
    user = {"id": f"user_{world.chance.letters(16)}"} if world.chance.happens(0.3) else None
    world.teller.webhook("publication.succeeded", publication.id, {**data, **beside, "user": user})
    for one in publication.vouchers:
        _one_published(world, publication, one, data)
    if publication.metadata.get("source_type") == "distribution":
        _scheduled(world, publication, data)


def _one_published(world: World, publication: Publication, one: Voucher, data: Json) -> None:
    world.teller.webhook(
        "voucher.published",
        one.id,
        {**data, "voucher": one.simple(), "created_at": At(world.clock.now)},
    )
    inside = {**data, "publication": publication.with_voucher(one), "voucher": one.simple()}
    world.teller.distribution("customer.publication.succeeded", publication.customer.id, inside)


def _scheduled(world: World, publication: Publication, data: Json) -> None:
    """A distribution that published a voucher tells of it in an event of its own."""
    distribution: Json = {
        "id": publication.metadata["distribution_id"],
        "created_at": At(publication.at),
        "updated_at": None,
        "status": "TO SEND",
        "consents": {"disabled": True},
        "set_live_at": None,
        "distribution_channels": ["webhook"],
    }
    beside = {"distribution": distribution, "voucher": publication.vouchers[0].simple()}
    world.teller.distribution(
        "manual_distribution_schedule", publication.customer.id, {**data, **beside}
    )
