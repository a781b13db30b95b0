"""What happens: custom events, and the events that a customer's activity lists.

The event is kept, not its payload: what it tells of no thing (a referral, a reward's outcome), and
by which names it holds which things, by their ids. So is any other event that tells something of no
thing. It belongs to the customer of the event, because a re-shaped payload may say anything of them
in any field, and as much to all others whom it names.
"""

from collections.abc import Iterator
from typing import Any

from handlers.people import ids_of, taken_out
from handlers.telling import (
    Object,
    Telling,
    Tells,
    nested,
    observed,
    people_inside,
    text,
)
from schemas import moment
from state import activities, kinds
from state.facts import Fact, Observed, Rank, Stamp

_MOMENTS = frozenset({"created_at"})
"""An event's own moment, repeated in its payload: it tells nothing by itself."""

_PASSING = ("pending_points",)
"""Things that soon end by themselves, when nothing would be left to say of them."""

_BALANCES = ("balance", "voucher_pending_points_balance")

_FILLED_IN = Stamp(0, Rank.MENTIONED, 0)
"""Below every other telling: it says whose a thing is, and takes no one's place."""


def event(telling: Telling, left: Object) -> Iterator[Fact]:
    """The event, if activities list it or its payload tells more of no thing than when it was."""
    is_listed = telling.event_type in activities.CUSTOMER_TYPES
    tells_more = bool(left.keys() - _MOMENTS)
    if not is_listed and not tells_more:
        return
    held = {**_found_by(telling), **dict(_held(telling, left))}
    customer = telling.id_at("customer") or telling.holder_id()
    is_activity = is_listed and bool(customer or held.get("voucher"))
    if not is_activity and not tells_more:
        return
    rest = {name: value for name, value in left.items() if name not in _MOMENTS}
    passing = {name: it for name in _PASSING if (it := telling.object(name))}
    kept, people = taken_out({**rest, **passing} if is_activity else rest)
    told: dict[str, Any] = {"id": telling.event_id, "type": telling.event_type}
    belongs = {
        "created_at": moment.to_text(telling.told) if telling.told else None,
        "group_id": telling.group_id,
        "data": _slim(kept, held.get("voucher")) or None,
        kinds.HELD: held or None,
        kinds.CUSTOMER_ID: customer,
    }
    told |= {name: value for name, value in belongs.items() if value is not None}
    thing = telling.thing(kinds.EVENT, activities.key(telling.event_type, telling.event_id, held))
    entity = _holder_told(telling) or telling.entity_id
    if customer is None and entity:
        # Its entity may be the customer, but a form of it that names them knows better.
        filled_in = Stamp(0, Rank.MENTIONED, telling.told)
        yield Observed(thing, filled_in, {kinds.CUSTOMER_ID: entity})
    for other in sorted(set(ids_of(telling.data)) - {customer}):
        yield Observed(thing, _FILLED_IN, {kinds.CUSTOMER_ID: other})
    yield Observed(thing, Stamp(telling.told, Rank.SUBJECT, telling.told), told)
    yield from people_inside(telling, people)


def _held(telling: Telling, left: Object) -> Iterator[tuple[str, str | list[str]]]:
    """The ids of the things in the payload by their names there, but of what is left as a whole."""
    for name, value in telling.data.items():
        ids = [thing["id"] for thing in telling.objects(name)] if "." not in name else []
        if ids and left.get(name) is not value:
            yield name, ids if isinstance(value, list) else ids[0]


def _slim(left: Object, voucher: object) -> Object:
    """Balances without the card that they are of, where it stands beside them."""
    slim = dict(left)
    for name in _BALANCES:
        balance = nested(left, name)
        if balance.get("related_object") == {"type": "voucher", "id": voucher}:
            slim[name] = {each: balance[each] for each in balance if each != "related_object"}
    return slim


def _found_by(telling: Telling) -> dict[str, str]:
    """The voucher and campaign that the event is about, where they do not stand beside it."""
    voucher = (
        text(telling.object("transaction") or {}, "voucher_id")
        or telling.id_at("redemption.voucher")
        or telling.id_at("publication.voucher")
        or telling.id_at("source_voucher")
    )
    campaign = text(telling.object("voucher") or {}, "campaign_id")
    found = {"voucher": voucher, "campaign": campaign}
    return {name: id_ for name, id_ in found.items() if id_ is not None}


def _holder_told(telling: Telling) -> str | None:
    return text(telling.object("voucher") or {}, "holder_id")


def custom_event(path: str, rank: Rank = Rank.MENTIONED) -> Tells:
    """The custom event at the path, of the customer in it or beside it."""

    def make(telling: Telling) -> Iterator[Fact]:
        for thing in telling.objects(path):
            whose = (
                telling.id_at(f"{path}.customer")
                or text(thing, "customer_id")
                or telling.customer_id()
                or telling.holder_id()
            )
            implied = {} if whose is None else {kinds.CUSTOMER_ID: whose}
            yield from observed(telling, kinds.CUSTOM_EVENT, thing, rank, implied)

    return Tells(path, kinds.CUSTOM_EVENT, make)
