"""Redemptions and their rollbacks; both are kept as redemptions, as the vendor's API lists them."""

from collections.abc import Iterator

from handlers import tracking
from handlers.people import taken_out
from handlers.telling import Object, Telling, Tells, nested, people_inside, stamp, text
from state import kinds
from state.facts import Fact, Observed, Rank


def _redemptions(telling: Telling, path: str, rank: Rank) -> Iterator[Fact]:
    for redemption in telling.objects(path):
        kept, people = taken_out(redemption)
        belongs = {
            "$voucher_id": _voucher(telling, redemption),
            kinds.CAMPAIGN_ID: _campaign(telling, redemption),
            # Inside orders and rewards, a redemption has no `date`.
            kinds.TOLD_AT: redemption.get("created_at"),
        }
        fields = {**kept, **{name: id_ for name, id_ in belongs.items() if id_ is not None}}
        tracking.take_out(fields, telling, redemption)
        yield Observed(
            telling.thing(kinds.REDEMPTION, redemption["id"]),
            stamp(telling.told, kinds.REDEMPTION, redemption, rank),
            fields,
        )
        yield from people_inside(telling, people)


def _embedded_voucher(telling: Telling, redemption: Object) -> Object:
    voucher = redemption.get("voucher")
    return voucher if isinstance(voucher, dict) else telling.object("voucher") or {}


def _voucher(telling: Telling, redemption: Object) -> str | None:
    related = redemption.get("related_object_type") == "voucher"
    return (text(redemption, "related_object_id") if related else None) or text(
        _embedded_voucher(telling, redemption), "id"
    )


def _campaign(telling: Telling, redemption: Object) -> str | None:
    return (
        telling.id_at("campaign")
        or text(_embedded_voucher(telling, redemption), "campaign_id")
        or text(nested(redemption, "promotion_tier", "campaign"), "id")
        or text(redemption, "related_object_parent_id")
    )


def subject(path: str) -> Tells:
    """The event is about the redemption or rollback at the path."""
    return _tells(path, Rank.SUBJECT)


def mention(path: str) -> Tells:
    """The event tells the redemption at the path beside its subject, as it was when made."""
    return _tells(path, Rank.MENTIONED)


def _tells(path: str, rank: Rank) -> Tells:
    return Tells(path, kinds.REDEMPTION, lambda telling: _redemptions(telling, path, rank))
