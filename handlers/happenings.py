"""What happens: custom events, and what an event tells that is no field of any thing.

A referral, a reward's outcome, the count of generated vouchers: no thing of the vendor's has a
field for these, so the event itself is kept, with the ids of the things that it told. It belongs to
the customer of the event, because a re-shaped payload may say anything of them in any field, and as
much to all others whom it names.
"""

from collections.abc import Iterator
from typing import Any

from handlers.people import ids_of, taken_out
from handlers.telling import (
    Left,
    Object,
    Telling,
    Tells,
    observed,
    people_inside,
    text,
)
from schemas import moment
from state import kinds
from state.facts import Fact, Observed, Rank, Stamp

_MOMENTS = frozenset({"created_at"})
"""An event's own moment, repeated in its payload: it tells nothing by itself."""

_FILLED_IN = Stamp(0, Rank.MENTIONED, 0)
"""Below every other telling: it says whose a thing is, and takes no one's place."""


def event(telling: Telling, left: Object) -> Iterator[Fact]:
    """The event with what its payload tells of no thing, if that is more than when it was."""
    if not left.keys() - _MOMENTS:
        return
    kept, people = taken_out(left)
    told: dict[str, Any] = {
        "id": telling.event_id,
        "type": telling.event_type,
        "data": {**_ids_beside(telling), **kept},
    }
    if telling.told:
        told["created_at"] = moment.to_text(telling.told)
    thing = telling.thing(kinds.EVENT, telling.event_id)
    customer = telling.id_at("customer") or telling.holder_id()
    if customer is not None:
        told[kinds.CUSTOMER_ID] = customer
    elif telling.entity_id:
        # Its entity may be the customer, but a form of it that names them knows better.
        filled_in = Stamp(0, Rank.MENTIONED, telling.told)
        yield Observed(thing, filled_in, {kinds.CUSTOMER_ID: telling.entity_id})
    for other in sorted(set(ids_of(telling.data)) - {customer}):
        yield Observed(thing, _FILLED_IN, {kinds.CUSTOMER_ID: other})
    yield Observed(thing, Stamp(telling.told, Rank.SUBJECT, telling.told), told)
    yield from people_inside(telling, people)


def _ids_beside(telling: Telling) -> dict[str, str]:
    found = {name: telling.id_at(name) for name in telling.data}
    return {f"{name}_id": id_ for name, id_ in found.items() if id_ is not None}


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


def _happened(telling: Telling) -> Iterator[Left]:
    yield Left({"customer_id": telling.customer_id()})


HAPPENED = Tells("customer", kinds.EVENT, _happened, says="what happened to them")
