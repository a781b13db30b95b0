"""Redemptions and their rollbacks; both are kept as redemptions, as the vendor's API lists them."""

from collections.abc import Iterator

from handlers.people import without_people
from handlers.telling import Telling, Tells, stamp, text
from state import kinds
from state.facts import Fact, Observed, Rank


def _redemptions(telling: Telling, path: str, rank: Rank) -> Iterator[Fact]:
    for redemption in telling.objects(path):
        fields = dict(without_people(redemption))
        voucher = redemption.get("voucher")
        voucher = voucher if isinstance(voucher, dict) else telling.object("voucher") or {}
        belongs = {
            "$voucher_id": text(voucher, "id"),
            "$campaign_id": telling.id_at("campaign") or text(voucher, "campaign_id"),
        }
        fields |= {name: id_ for name, id_ in belongs.items() if id_ is not None}
        yield Observed(
            telling.thing(kinds.REDEMPTION, redemption["id"]),
            stamp(telling.told, kinds.REDEMPTION, redemption, rank),
            fields,
        )


def subject(path: str) -> Tells:
    """The event is about the redemption or rollback at the path."""
    return Tells(path, lambda telling: _redemptions(telling, path, Rank.SUBJECT))


def mention(path: str) -> Tells:
    """The event tells the redemption at the path beside its subject, as it was when made."""
    return Tells(path, lambda telling: _redemptions(telling, path, Rank.MENTIONED))
