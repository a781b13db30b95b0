"""Customers come: they get a card, later perhaps a second one."""

from voucherify_sync.simulator.announcements import people as people_news
from voucherify_sync.simulator.announcements import publications as news
from voucherify_sync.simulator.campaigns import LOYALTY, Campaign
from voucherify_sync.simulator.cards import Bucket, Points, Voucher
from voucherify_sync.simulator.happenings import tiers
from voucherify_sync.simulator.moments import DAY
from voucherify_sync.simulator.people import Customer, metadata, newcomer
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.world import World

BUCKET_LIFE = 30 * DAY
_CHANNELS = ("API", "voucherify-web-ui", "Automation")


def join(world: World) -> bool:
    """Somebody new, or somebody who left and comes back under the same source id."""
    customer = newcomer(world.chance, len(world.customers) + 1, world.clock.now)
    gone = world.chance.find(world.customers, lambda one: one.deleted, tries=3)
    if gone and all(one.deleted or one.source_id != gone.source_id for one in world.customers):
        customer.source_id = gone.source_id
    world.customers.append(customer)
    people_news.created(world, customer)
    world.tick(5, 2_000)
    club = world.programme.clubs[0 if world.chance.happens(0.8) else 1]
    give_card(world, customer, club)
    return True


def join_second_club(world: World) -> bool:
    """A member of one club gets a card of another."""
    card = world.pick_card()
    if card is None or len(world.cards) >= world.most_cards:
        return False
    holder = world.holder_of(card)
    clubs = {one.campaign.id for one in world.cards if one.holder is holder}
    for club in world.programme.clubs:
        if club.id not in clubs:
            give_card(world, holder, club)
            return True
    return False


def give_card(world: World, customer: Customer, club: Campaign) -> Voucher:
    """Make a loyalty card and publish it."""
    card = make_voucher(world, club)
    card.generous = world.chance.happens(0.35)
    world.cards.append(card)
    publish(world, customer, [card])
    tiers.reconsider(world, card)
    return card


def make_voucher(world: World, campaign: Campaign) -> Voucher:
    """A voucher that nobody holds yet, as `voucher.created` tells it."""
    chance, now = world.chance, world.clock.now
    voucher = Voucher(
        id=f"v_{chance.letters(32)}",
        code=f"{campaign.prefix}{chance.letters(8)}",
        campaign=campaign,
        created_at=now,
        metadata=metadata(chance) if chance.happens(0.3) else {},
    )
    if campaign.kind == LOYALTY:
        voucher.points = Points(ever=campaign.welcome_points)
        if campaign.welcome_points:
            bucket = Bucket(
                f"lopb_{chance.letters(24)}", campaign.welcome_points, now + BUCKET_LIFE, now
            )
            voucher.points.buckets.append(bucket)
    return voucher


def publish(
    world: World, customer: Customer, vouchers: list[Voucher], *, created: bool = False
) -> Publication:
    """Hand vouchers to a customer, after telling of them (unless that is done already)."""
    if not created:
        for voucher in vouchers:
            news.voucher(world, "voucher.created", voucher)
    at = world.tick(10, 4_000)
    changed = world.tick(0, 9)
    for voucher in vouchers:
        world.own(voucher, customer)
        voucher.publications += 1
        voucher.updated_at = changed
    publication = Publication(
        id=f"pub_{world.chance.letters(32)}",
        customer=customer,
        vouchers=tuple(vouchers),
        channel=world.chance.pick(_CHANNELS),
        source_id=f"order-{world.chance.digits(6)}" if world.chance.happens(0.3) else None,
        metadata=_publication_metadata(world),
        at=at,
    )
    world.publications.append(publication)
    world.tick(0, 2)
    news.published(world, publication)
    world.tick(1, 30)
    return publication


def _publication_metadata(world: World) -> dict[str, object]:
    if world.chance.happens(0.1):
        distribution = f"distr_{world.chance.letters(24)}"
        return {
            "source_type": "distribution",
            "source_id": distribution,
            "distribution_id": distribution,
        }
    if world.chance.happens(0.3):
        return {"method": "by hand", "desk": world.chance.between(1, 9), "ünïcode": "✓"}
    return {}
