"""Loyalty: cards and gift cards, ledger entries, pending points, buckets, tiers.

The same movement is told by several events: `transaction.created` in full, `points_added` with
`details: null` and the balance beside it. All of them tell one ledger entry, by its `vtx_…` id.
"""

from collections.abc import Iterator
from typing import Any

from handlers.people import without_people
from handlers.telling import Left, Object, Telling, Tells, nested, stamp, text
from schemas import jsontext, moment
from state import kinds
from state.facts import Entered, Fact, Gone, Observed, Rank, Stamp

_SIMPLE_EVENT = frozenset({"id", "type", "category", "entity_id", "created_at", "group_id"})
"""The fields of the event that a movement comes from; a custom event has more, of its customer."""

_ACTIVATION = "PENDING_POINTS_ACTIVATION"


def _entries(telling: Telling) -> Iterator[Fact]:
    for transaction in telling.objects("transaction"):
        card = _card_of(telling, transaction)
        if card is None:
            continue
        yield Entered(
            telling.thing(kinds.TRANSACTION, transaction["id"]),
            _entry_fields(telling, transaction, card),
        )
        activated = nested(transaction, "details", "pending_points")
        if transaction.get("type") == _ACTIVATION and text(activated, "id"):
            yield Gone(telling.thing(kinds.PENDING_POINTS, activated["id"]))


def _card_of(telling: Telling, transaction: Object) -> str | None:
    """The voucher a transaction is of; `points_added` says it only beside the transaction."""
    return (
        text(transaction, "voucher_id")
        or text(nested(transaction, "details", "balance", "related_object"), "id")
        or text(nested(telling.data, "balance", "related_object"), "id")
        or telling.id_at("voucher")
    )


def _campaign_of(telling: Telling) -> str | None:
    """The campaign of the card that an event tells of."""
    return telling.id_at("campaign") or text(telling.object("voucher") or {}, "campaign_id")


def _entry_fields(telling: Telling, transaction: Object, card: str) -> dict[str, Any]:
    """The entry, its balance in `details` whether it was told there or beside the transaction."""
    fields = {**without_people(transaction), "voucher_id": card}
    if moment.parse(transaction.get("created_at")) is None:
        fields[kinds.TOLD_AT] = moment.to_text(telling.told)
    campaign = _campaign_of(telling)
    if campaign is not None:
        fields.setdefault("campaign_id", campaign)
    details = dict(nested(transaction, "details"))
    balance = nested(telling.data, "balance")
    if "balance" not in details and "balance" in balance:
        details["balance"] = balance
    if details:
        fields["details"] = details
    cause = telling.object("event")
    if cause is not None:
        fields["$event"] = simple_event(cause)
    return fields


def simple_event(event: Object) -> dict[str, Any]:
    """What of an event is kept with a movement."""
    return {name: value for name, value in event.items() if name in _SIMPLE_EVENT}


def kept_with_the_entry(name: str, value: Any) -> bool:
    """Whether what stands beside a transaction has become part of its entry, as a whole."""
    if name == "event":
        return isinstance(value, dict) and value.keys() <= _SIMPLE_EVENT
    return name == "balance"


def _balance(telling: Telling) -> Iterator[Fact | Left]:
    """A balance told without its ledger entry: it is newer than the card told beside it.

    `customer.rewarded.loyalty_points` tells the card as it was before, and the balance after. When
    that was is not told, so this outranks just that card's telling, and any newer one outranks it.
    """
    balance = nested(telling.data, "balance")
    card = text(nested(balance, "related_object"), "id") or telling.id_at("voucher")
    if telling.object("transaction") or "balance" not in balance or card is None:
        return
    beside = telling.object("voucher")
    version = 0
    if beside and beside.get("id") == card:
        version = stamp(telling.told, kinds.VOUCHER, beside, Rank.MENTIONED).version
    struct = "gift" if balance.get("type") == "gift_voucher" else "loyalty_card"
    yield Observed(
        telling.thing(kinds.VOUCHER, card),
        Stamp(version, Rank.LEDGER, telling.told),
        {"id": card, struct: {"balance": balance["balance"]}},
    )
    yield Left({"balance": balance})


def _tier(path: str) -> Tells:
    """The definition of a tier, without what it says of one customer's expiration."""
    return tier_subject(path, Rank.MENTIONED)


def tier_subject(path: str, rank: Rank = Rank.SUBJECT) -> Tells:
    """The event is about the tier's definition at the path."""
    return Tells(path, kinds.LOYALTY_TIER, lambda telling: _tier_facts(telling, path, rank))


def _tier_facts(telling: Telling, path: str, rank: Rank) -> Iterator[Fact]:
    for tier in telling.objects(path):
        fields = {name: value for name, value in tier.items() if name != "expiration"}
        yield Observed(
            telling.thing(kinds.LOYALTY_TIER, tier["id"]),
            stamp(telling.told, kinds.LOYALTY_TIER, tier, rank),
            fields,
        )


def membership_id(customer: str, campaign: str) -> str:
    """One id of the two that a membership has; no two pairs share one."""
    return jsontext.encode([customer, campaign]).decode()


def _membership(
    telling: Telling, tier: Object, tier_id: str | None, stamped: Stamp, customer: str | None
) -> Iterator[Fact]:
    """Which tier a customer has in a campaign; None for one who left."""
    campaign = telling.id_at("campaign") or text(tier, "campaign_id")
    if customer is None or campaign is None:
        return
    fields: dict[str, Any] = {
        "customer_id": customer,
        "campaign_id": campaign,
        "tier_id": tier_id,
    }
    if "expiration" in tier:
        fields["expiration"] = tier["expiration"]
    thing = telling.thing(kinds.MEMBERSHIP, membership_id(customer, campaign))
    yield Observed(thing, stamped, fields)


def moved_to(path: str, rank: Rank = Rank.SUBJECT) -> tuple[Tells, ...]:
    """The customer is in the tier at the path since the event's moment."""

    def make(telling: Telling) -> Iterator[Fact]:
        for tier in telling.objects(path):
            yield from _membership(
                telling, tier, tier["id"], _moved(telling, rank), telling.customer_id()
            )

    return (Tells(path, kinds.MEMBERSHIP, make, says="membership"), _tier(path))


def left(path: str) -> tuple[Tells, ...]:
    """The customer is in no tier since the event's moment."""

    def make(telling: Telling) -> Iterator[Fact]:
        tier = telling.object(path) or {}
        moved = _moved(telling, Rank.ENDED)
        yield from _membership(telling, tier, None, moved, telling.customer_id())

    return (Tells("customer", kinds.MEMBERSHIP, make, says="membership"), _tier(path))


def joined(path: str) -> tuple[Tells, ...]:
    """The customer's first tier: a move of the same millisecond came after it."""
    return moved_to(path, Rank.BEGUN)


def _moved(telling: Telling, rank: Rank) -> Stamp:
    version = moment.parse(telling.data.get("created_at")) or telling.told
    return Stamp(version, rank, telling.told)


def _expiration(path: str) -> Tells:
    """What holds of a customer in a tier that this event does not tell them to be in."""

    def make(telling: Telling) -> Iterator[Left]:
        for tier in telling.objects(path):
            if isinstance(tier.get("expiration"), dict):
                yield Left({path: {"id": tier["id"], "expiration": tier["expiration"]}})

    return Tells(path, kinds.EVENT, make, says="membership")


def _holders_tier(telling: Telling) -> Iterator[Fact]:
    """The tier that the holder had when a transaction was made, told beside it."""
    tier = telling.object("holder_loyalty_tier")
    transaction = telling.object("transaction")
    if tier is None or transaction is None:
        return
    version = moment.parse(transaction.get("created_at")) or 0
    holder = telling.id_at("holder") or text(nested(tier, "expiration"), "customer_id")
    mentioned = Stamp(version, Rank.MENTIONED, telling.told)
    yield from _membership(telling, tier, tier["id"], mentioned, holder)


def of_the_card(kind: str, path: str) -> Tells:
    """What belongs to a card and lost, in a re-shaped payload, the ids of what stands beside it.

    They only fill in: nobody's own word is outranked by what stands beside it.
    """

    def make(telling: Telling) -> Iterator[Fact]:
        beside = {
            "voucher_id": telling.id_at("voucher"),
            "campaign_id": _campaign_of(telling),
            "customer_id": telling.id_at("customer") if kind == kinds.PENDING_POINTS else None,
        }
        known = {name: id_ for name, id_ in beside.items() if id_ is not None}
        for thing in telling.objects(path):
            missing = {name: id_ for name, id_ in known.items() if name not in thing}
            if missing:
                stamped = Stamp(0, Rank.MENTIONED, telling.told)
                yield Observed(telling.thing(kind, thing["id"]), stamped, missing)

    return Tells(path, kind, make, says="what it belongs to")


ENTRY = Tells("transaction", kinds.TRANSACTION, _entries, fact=Entered)
BALANCE = Tells("balance", kinds.VOUCHER, _balance)
TIERS = (
    _tier("loyalty_tier"),
    _tier("loyalty_tier_from"),
    _tier("loyalty_tier_to"),
    _tier("holder_loyalty_tier"),
    _expiration("loyalty_tier"),
    _expiration("loyalty_tier_from"),
    Tells("holder_loyalty_tier", kinds.MEMBERSHIP, _holders_tier, says="membership"),
)
