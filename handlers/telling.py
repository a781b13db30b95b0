"""One event as it is understood: whose it is, when it was told, and where its facts stand.

The building blocks of the table in `handlers/table.py`. Each is a pure function of one event; none
knows what the state holds already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from handlers.people import Person, mentions_somebody, taken_out
from schemas import moment
from state import kinds
from state.facts import Fact, Gone, Observed, Rank, Stamp, ThingKey

Object = Mapping[str, Any]

_PEOPLE_BESIDE: Final = ("customer", "holder", "referrer")
_NOTHING: Final[Object] = MappingProxyType({})
_NOBODY: Final[list[Person]] = []


class Telling(NamedTuple):
    """An event: its project, its moment in ms, its payload, and what it says of itself."""

    project: str
    told: int
    data: Object
    event_id: str = ""
    event_type: str = ""
    entity_id: str | None = None
    group_id: str | None = None

    def thing(self, kind: str, id_: str) -> ThingKey:
        """The key of a thing of this event's project."""
        return ThingKey(self.project, kind, id_)

    def objects(self, path: str) -> Sequence[Object]:
        """The objects with an id at a path of the payload; a list there gives each of its items."""
        value = self.data.get(path) if "." not in path else self._inside(path)
        if value is None:
            return ()
        if isinstance(value, dict):
            return (value,) if text(value, "id") else ()
        if isinstance(value, list):
            return [item for item in value if isinstance(item, dict) and text(item, "id")]
        return ()

    def _inside(self, path: str) -> object:
        value: Any = self.data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
            if value is None:
                break
        return value

    def object(self, path: str) -> Object | None:
        """The first object with an id at a path."""
        found = self.objects(path)
        return found[0] if found else None

    def as_of(self, kind: str) -> int:
        """The moment that the event's subject is told as of, where it does not say itself.

        A card told with a ledger entry is as that entry left it; the event may be some
        milliseconds younger, and must not outrank the entries made meanwhile.
        """
        transaction = self.object("transaction") if kind == kinds.VOUCHER else None
        made = moment.parse(transaction.get("created_at")) if transaction else None
        return self.told if made is None else made

    def id_at(self, path: str) -> str | None:
        """The id of the first object at a path."""
        found = self.object(path)
        return text(found, "id") if found else None

    def holder_id(self) -> str | None:
        """The customer who holds what is told of, where they stand beside it."""
        holder = self.object("holder")
        return text(holder, "id") if holder and is_customer(holder) else None

    def customer_id(self) -> str | None:
        """Whom the event is about; a customer's event names them as its entity, too."""
        entity = self.entity_id if self.event_type.startswith("customer.") else None
        return self.id_at("customer") or entity


@dataclass(frozen=True, slots=True)
class Left:
    """What a payload tells of no thing, by the names that it has there: it stays with the event."""

    fields: Object


_DATED: Final = MappingProxyType(
    {Rank.MENTIONED: Rank.MENTIONED_DATED, Rank.SUBJECT: Rank.SUBJECT_DATED}
)

Maker = Callable[[Telling], Iterable[Fact | Left]]


@dataclass(frozen=True, slots=True)
class Tells:
    """A row's cell: what stands at `path`, which kind of thing it tells, and how.

    `says` tells apart the cells that find different facts at one path, `fact` which sort they are.
    """

    path: str
    kind: str
    make: Maker
    says: str = "the thing itself"
    fact: type[Fact] = Observed

    @property
    def name(self) -> str:
        """The key of the payload that the path begins with."""
        return self.path.partition(".")[0]


def text(thing: Object, name: str) -> str | None:
    """A field that has to be text with something in it to mean anything (an id)."""
    value = thing.get(name)
    return value if isinstance(value, str) and value else None


def nested(thing: Any, *names: str) -> Object:
    """The object at a path below another, an empty one where there is none."""
    for name in names:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing if isinstance(thing, dict) else {}


def stamp(told: int, kind: str, thing: Object, rank: Rank) -> Stamp:
    """How a telling of an object is ordered among all tellings of it.

    An object's version is its `updated_at`. The subject of an event that has none is as the event
    found it; one that has just begun is as it was created. What is merely mentioned may be told as
    it was before: without an `updated_at` it is no newer than its creation, and without that either
    it only fills in what nobody else told. Customers carry no `updated_at` in what is told of them:
    their version is the event's moment.

    Within one millisecond what says when it was updated outranks what is only taken to be so new.
    """
    if kind == kinds.CUSTOMER:
        return Stamp(told, rank, told)
    version = moment.parse(thing.get("updated_at"))
    if version is not None:
        return Stamp(version, _DATED.get(rank, rank), told)
    if rank in (Rank.SUBJECT, Rank.ENDED):
        version = told
    if version is None:
        version = moment.parse(thing.get(kinds.KINDS[kind].created_field))
    if version is None:
        version = told if rank == Rank.BEGUN else 0
    return Stamp(version, rank, told)


def subject(kind: str, path: str) -> Tells:
    """The event is about the object at the path."""
    return _tells(kind, path, Rank.SUBJECT)


def begun(kind: str, path: str) -> Tells:
    """The event says that the object at the path has just begun to be."""
    return _tells(kind, path, Rank.BEGUN)


def ended(kind: str, path: str) -> Tells:
    """The event says that what goes on with the object at the path has come to its end."""
    return _tells(kind, path, Rank.ENDED)


def mention(kind: str, path: str) -> Tells:
    """The event tells the object at the path beside its subject."""
    return _tells(kind, path, Rank.MENTIONED)


def switched(kind: str, path: str, *, active: bool) -> Tells:
    """The event is about the object at the path, and says by its type whether that is on."""
    return _tells(kind, path, Rank.SUBJECT, {"active": active})


def gone(kind: str, path: str) -> Tells:
    """The event says that the object at the path is no more."""
    return Tells(
        path,
        kind,
        lambda telling: (Gone(telling.thing(kind, thing["id"])) for thing in telling.objects(path)),
        fact=Gone,
    )


def inside(kind: str, path: str) -> Tells:
    """The event tells an object inside another one, unless the same stands beside it, too."""
    name = path.rpartition(".")[2]

    def make(telling: Telling) -> Iterator[Fact]:
        beside = telling.id_at(name)
        for thing in telling.objects(path):
            if thing["id"] != beside:
                yield from observed(telling, kind, thing, Rank.MENTIONED)

    return Tells(path, kind, make)


def _tells(kind: str, path: str, rank: Rank, implied: Object = _NOTHING) -> Tells:
    def make(telling: Telling) -> list[Fact]:
        found: list[Fact] = []
        for thing in telling.objects(path):
            if kind != kinds.CUSTOMER or is_customer(thing):
                found += observed(telling, kind, thing, rank, implied)
        return found

    return Tells(path, kind, make)


def observed(
    telling: Telling, kind: str, thing: Object, rank: Rank, implied: Object = _NOTHING
) -> list[Fact]:
    """What an object tells of itself and of the people in it; `implied` where it does not say."""
    fields, people = thing, _NOBODY
    row = kinds.KINDS[kind]
    if not row.definition and (kind != kinds.CUSTOMER or mentions_somebody(thing)):
        fields, people = taken_out(thing)
    if row.campaign_field == kinds.CAMPAIGN_ID:
        fields = {kinds.CAMPAIGN_ID: _campaign_of(telling, thing), **fields}
    if implied:
        fields = {**implied, **fields}
    version, ranked, _ = stamp(telling.as_of(kind), kind, thing, rank)
    stamped = Stamp(version, ranked, telling.told)
    itself = Observed(ThingKey(telling.project, kind, thing["id"]), stamped, fields)
    return [itself, *people_inside(telling, people)] if people else [itself]


def people_inside(telling: Telling, people: Iterable[Person]) -> Iterator[Fact]:
    """What is told of people inside other things only, and not of the same people beside them.

    That may be as they were when the thing was made, so it fills in what nobody else told. Fields
    that are null there are placeholders.
    """
    beside = {one["id"]: one for name in _PEOPLE_BESIDE for one in telling.objects(name)}
    for person in people:
        id_ = text(person, "id")
        if id_ is None or not is_customer(person):
            continue
        known = beside.get(id_, _NOTHING).keys() | {"id", "object"}
        fields = {
            name: value for name, value in person.items() if value is not None and name not in known
        }
        if fields:
            thing = telling.thing(kinds.CUSTOMER, id_)
            filled_in = Stamp(0, Rank.MENTIONED, telling.told)
            yield Observed(thing, filled_in, {"id": id_, **fields, "object": "customer"})


def _campaign_of(telling: Telling, thing: Object) -> str | None:
    """The campaign of what is set up in one: each form names it elsewhere, or leaves it out."""
    source = nested(thing, "source")
    return (
        text(thing, "campaign_id")
        or text(nested(thing, "campaign"), "id")
        or (text(source, "object_id") if source.get("object_type") == "campaign" else None)
        or (
            text(thing, "related_object_id")
            if thing.get("related_object_type") == "campaign"
            else None
        )
        or telling.id_at("campaign")
    )


def is_customer(thing: Object) -> bool:
    """Whether an object is a customer: `holder` may also be the holding itself (`rh_…`)."""
    return thing.get("object") != "redeemable_holder" and "redeemable_id" not in thing
