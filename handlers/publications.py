"""Publications: three events tell of one, each with the vouchers in another place.

`publication.succeeded` has them beside it (`voucher`, or a list `vouchers`), `voucher.published`
has one beside it, `customer.publication.succeeded` has it inside (`publication.voucher`).
"""

from collections.abc import Iterator
from typing import Any

from handlers import tracking
from handlers.people import without_people
from handlers.telling import Object, Telling, Tells, mention, people_inside, stamp, text
from state import kinds
from state.facts import Fact, Observed, Rank, Stamp


def _publications(telling: Telling, rank: Rank) -> Iterator[Fact]:
    for publication in telling.objects("publication"):
        thing = telling.thing(kinds.PUBLICATION, publication["id"])
        stamped = stamp(telling.told, kinds.PUBLICATION, publication, rank)
        yield Observed(thing, stamped, _fields(telling, publication))
        beside = _vouchers_beside(telling)
        if beside and not isinstance(publication.get("vouchers_id"), list):
            # A payload that lost `vouchers_id` may hold one voucher of several: it only fills in,
            # and of such the one with the most vouchers knows best.
            filled = Stamp(0, Rank.MENTIONED, len(beside))
            yield Observed(thing, filled, _vouchers(beside))


def _fields(telling: Telling, publication: Object) -> dict[str, Any]:
    fields = dict(without_people(publication))
    inside = fields.pop("voucher", None)
    tracking.take_out(fields, telling, publication)
    told = publication.get("vouchers_id")
    if isinstance(told, list):
        fields |= _vouchers([id_ for id_ in told if isinstance(id_, str)])
    voucher = inside if isinstance(inside, dict) else telling.object("voucher") or {}
    campaign = telling.id_at("campaign") or text(voucher, "campaign_id")
    if campaign is not None:
        fields["$campaign_id"] = campaign
    return fields


def _vouchers(ids: list[str]) -> dict[str, Any]:
    """The vouchers of a publication, and the one that it is looked up by."""
    return {"vouchers_id": ids, "$voucher_id": ids[0] if ids else None}


def _vouchers_beside(telling: Telling) -> list[str]:
    """The vouchers that stand in or beside a publication."""
    for path in ("publication.voucher", "vouchers", "voucher"):
        ids = [voucher["id"] for voucher in telling.objects(path)]
        if ids:
            return ids
    return []


def _inner_customers(telling: Telling) -> Iterator[Fact]:
    """The customer inside a publication, as of now where the event tells none beside it.

    The placeholders of this form (`address`, `summary`, `loyalty`, `referrals`, all null) are not
    the customer's: the vendor leaves them empty there for everybody.
    """
    customers = telling.objects("publication.customer")
    if telling.object("customer") is not None:
        yield from people_inside(telling, customers)
        return
    for customer in customers:
        fields = {name: value for name, value in customer.items() if value is not None}
        yield Observed(
            telling.thing(kinds.CUSTOMER, customer["id"]),
            stamp(telling.told, kinds.CUSTOMER, customer, Rank.MENTIONED),
            fields,
        )


SUBJECT = Tells(
    "publication", kinds.PUBLICATION, lambda telling: _publications(telling, Rank.SUBJECT)
)
MENTION = Tells(
    "publication", kinds.PUBLICATION, lambda telling: _publications(telling, Rank.MENTIONED)
)
INSIDE = (
    mention(kinds.VOUCHER, "publication.voucher"),
    Tells("publication.customer", kinds.CUSTOMER, _inner_customers),
)
