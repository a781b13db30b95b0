"""What happened to a customer or a member, as far as events told of it: activities.

An activity is an event with the things that it is about. Of the event only what belongs to no thing
is kept; the things are joined, as they are now. What is gone, or was never told, is by its id.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from query import customers, filters, orders, publications, redemptions, scrolling, vouchers
from query.asked import Asked
from query.campaigns import TYPES
from query.listing import Filter
from query.members import ROOTS, get_member
from query.scrolling import Scroll
from state import activities, kinds
from state.reader import Thing
from state.selection import AnyOf, Condition, Criteria, Selection

_BY_MOMENT: Final = {"created_at": "created"}

_FILTERS: Final[Mapping[str, Filter]] = {
    "start_date": filters.bound("created", ">="),
    "end_date": filters.bound("created", "<="),
    "campaign_id": filters.equals("campaign"),
    "campaign_type": filters.one_of_these("campaign.fields.campaign_type", TYPES),
    "type": filters.choice(
        "fields.type", {name: type_ for type_, name in activities.CUSTOMER_TYPES.items()}
    ),
}
_REFUSED: Final = frozenset({"category"})
"""Which events are actions and which effects is documented nowhere."""


def _key(event: Thing) -> str:
    return activities.key(event["type"], event["id"], event.get(kinds.HELD, {}))


OF_A_CUSTOMER: Final = Scroll(
    kind=kinds.EVENT,
    orders=_BY_MOMENT,
    default_order="-created_at",
    filters=_FILTERS,
    cursor="fields.id",
    key=_key,
)
OF_A_MEMBER: Final = Scroll(
    kind=kinds.EVENT,
    orders=_BY_MOMENT,
    default_order="-created_at",
    cursor="fields.id",
    key=_key,
)

_REWARD_REDEEMED: Final = "customer.reward_redemptions."

_SHAPES: Final = {kinds.CUSTOMER: customers.simple, kinds.ORDER: orders.shape}
_JOINED: Final = {
    kinds.PUBLICATION: publications.joined,
    kinds.REDEMPTION: redemptions.joined,
}
"""Things that are answered with others, which are joined in turn."""
_REFERENCES: Final = {kinds.CUSTOMER: customers.reference, kinds.VOUCHER: vouchers.reference}

Joined = Mapping[tuple[str, str], Thing]
"""Things as answered, by kind and id."""


async def list_customer_activity(asked: Asked) -> dict[str, Any]:
    """What happened to the path's customer."""
    asked.parameters.refuse(_REFUSED)
    customer = await customers.get_customer(asked)
    theirs = Condition("customer", "=", customer["id"])
    return await _answer(asked, OF_A_CUSTOMER, activities.CUSTOMER_TYPES, theirs)


async def list_member_activity(asked: Asked) -> dict[str, Any]:
    """What happened to the path's card, and to its holder in the card's campaign without a card."""
    card = await get_member(asked)
    of_it: Criteria = (Condition("voucher", "=", card["id"]),)
    alternatives = [of_it]
    holder, campaign = card.get("holder_id"), card.get("campaign_id")
    if isinstance(holder, str) and isinstance(campaign, str):
        of_the_holder = (Condition("customer", "=", holder), Condition("campaign", "=", campaign))
        alternatives.append((*of_the_holder, Condition("voucher", "is null")))
    return await _answer(asked, OF_A_MEMBER, activities.MEMBER_TYPES, AnyOf(tuple(alternatives)))


async def _answer(
    asked: Asked, scroll: Scroll, names: Mapping[str, str], whose: Condition | AnyOf
) -> dict[str, Any]:
    listed = Condition("fields.type", "in", tuple(names))
    page = await scrolling.read(asked, scroll, whose, listed)
    events = page.things
    joined = await _things(asked, events)
    entries = [_shape(event, names[event["type"]], joined) for event in events]
    return scrolling.envelope(entries, has_more=page.has_more)


def _shape(event: Thing, name: str, joined: Joined) -> Thing:
    told: Thing = {}
    for called, kind, ids in _held(event):
        things = [joined.get((kind, id_)) or _reference(kind, id_) for id_ in _listed(ids)]
        told[called] = things if isinstance(ids, list) else things[0]
    for called, value in _left(event).items():
        thing = told.get(called)
        is_one = isinstance(thing, dict) and isinstance(value, dict)
        told[called] = thing | value if is_one else value
    moved = told.get("transaction")
    balance = moved.get("details") if isinstance(moved, dict) else None
    if isinstance(balance, dict) and isinstance(balance.get("balance"), dict):
        told.setdefault("balance", balance["balance"])
    beside: Thing = {each: event[each] for each in ("created_at", "group_id") if each in event}
    return {"id": event["id"], "type": name, "data": {"data": told}, **beside}


def _left(event: Thing) -> Thing:
    """What is kept with an event; in a webhook a redeemed reward has two fields of other forms."""
    told = event.get("data")
    left: Thing = dict(told) if isinstance(told, dict) else {}
    if event["type"].startswith(_REWARD_REDEEMED):
        balance = left.pop("balance", None)
        if isinstance(balance, dict) and isinstance(balance.get("amount"), int):
            left["balance"] = balance["amount"]
        if not isinstance(left.get("source"), str):
            left.pop("source", None)
    return left


async def _things(asked: Asked, events: Sequence[Thing]) -> Joined:
    """All that these events hold: one read for each kind, whatever the number of events."""
    wanted: dict[str, set[str]] = {}
    for event in events:
        for _, kind, ids in _held(event):
            wanted.setdefault(kind, set()).update(_listed(ids))
    found: dict[tuple[str, str], Thing] = {}
    for kind, some in sorted(wanted.items()):
        for thing in await _of_kind(asked, kind, sorted(some)):
            found[kind, thing["id"]] = thing
    return found


async def _of_kind(asked: Asked, kind: str, ids: Sequence[str]) -> Sequence[Thing]:
    if kind in _JOINED:
        these = (Condition("id", "in", tuple(ids)),)
        selection = Selection(asked.project, kind, these, order="id", limit=len(ids), hidden=True)
        joined = await _JOINED[kind](asked, await asked.reader.find(selection))
        return [_spelt_as_in_events(thing) for thing in joined]
    things = (await asked.reader.get_many(asked.project, kind, ids)).items()
    shape = _SHAPES.get(kind, dict)
    return [{**shape(thing), "id": id_} for id_, thing in things]


def _spelt_as_in_events(thing: Thing) -> Thing:
    """A redemption's status has another spelling in activities than in redemptions."""
    return thing | {"status": "ROLLED BACK"} if thing.get("status") == "ROLLED_BACK" else thing


def _held(event: Thing) -> Iterator[tuple[str, str, Any]]:
    """The documented names of what an event holds, with kind and ids."""
    for name, ids in event.get(kinds.HELD, {}).items():
        kind = activities.kind_of(event["type"], name)
        if kind is not None and _listed(ids):
            yield name, kind, ids


def _listed(ids: Any) -> list[str]:
    return [id_ for id_ in (ids if isinstance(ids, list) else [ids]) if isinstance(id_, str)]


def _reference(kind: str, id_: str) -> Thing:
    refer = _REFERENCES.get(kind)
    return refer(id_) if refer else {"id": id_}


PATHS: Final = (
    scrolling.path(
        "/v1/customers/{customerId}/activity",
        list_customer_activity,
        "What happened to a customer, as far as it was told",
        "CustomerActivity",
        OF_A_CUSTOMER,
    ),
    *(
        scrolling.path(
            f"{root}/activity",
            list_member_activity,
            "What happened to a member, as far as it was told",
            "MemberActivity",
            OF_A_MEMBER,
        )
        for root in ROOTS
    ),
)
