"""One event as it is understood: whose it is, when it was told, and where its facts stand.

The building blocks of the table in `handlers/table.py`. Each is a pure function of one event; none
knows what the state holds already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from handlers.people import without_people
from schemas import moment
from state import kinds
from state.facts import Fact, Gone, Observed, Rank, Stamp, ThingKey

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """An event: its project, its moment in ms, and its payload."""

    project: str
    told: int
    data: Object

    def thing(self, kind: str, id_: str) -> ThingKey:
        """The key of a thing of this event's project."""
        return ThingKey(self.project, kind, id_)

    def objects(self, path: str) -> Iterator[Object]:
        """The objects with an id at a path of the payload; a list there gives each of its items."""
        value: Any = self.data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, dict) and text(item, "id"):
                yield item

    def object(self, path: str) -> Object | None:
        """The first object with an id at a path."""
        return next(self.objects(path), None)

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


_DATED: Final = MappingProxyType(
    {Rank.MENTIONED: Rank.MENTIONED_DATED, Rank.SUBJECT: Rank.SUBJECT_DATED}
)

Maker = Callable[[Telling], Iterable[Fact]]


@dataclass(frozen=True, slots=True)
class Tells:
    """A row's cell: what stands at `path`, and how it becomes facts.

    `says` tells apart the cells that find different facts at one path.
    """

    path: str
    make: Maker
    says: str = "the thing itself"

    @property
    def name(self) -> str:
        """The key of the payload that the path begins with."""
        return self.path.partition(".")[0]


def text(thing: Object, name: str) -> str | None:
    """A field that has to be text with something in it to mean anything (an id)."""
    value = thing.get(name)
    return value if isinstance(value, str) and value else None


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
    if rank == Rank.SUBJECT:
        version = told
    if version is None:
        version = moment.parse(thing.get(kinds.KINDS[kind].created_field))
    if version is None:
        version = told if rank == Rank.BEGUN else 0
    return Stamp(version, rank, told)


def subject(kind: str, path: str) -> Tells:
    """The event is about the object at the path."""
    return Tells(path, lambda telling: _observed(telling, kind, path, Rank.SUBJECT))


def begun(kind: str, path: str) -> Tells:
    """The event says that the object at the path has just begun to be."""
    return Tells(path, lambda telling: _observed(telling, kind, path, Rank.BEGUN))


def mention(kind: str, path: str) -> Tells:
    """The event tells the object at the path beside its subject."""
    return Tells(path, lambda telling: _observed(telling, kind, path, Rank.MENTIONED))


def gone(kind: str, path: str) -> Tells:
    """The event says that the object at the path is no more."""
    return Tells(
        path,
        lambda telling: (Gone(telling.thing(kind, thing["id"])) for thing in telling.objects(path)),
    )


def _observed(telling: Telling, kind: str, path: str, rank: Rank) -> Iterator[Fact]:
    for thing in telling.objects(path):
        if kind != kinds.CUSTOMER or is_customer(thing):
            fields = thing if kind == kinds.CUSTOMER else without_people(thing)
            stamped = stamp(telling.as_of(kind), kind, thing, rank)
            yield Observed(
                telling.thing(kind, thing["id"]), stamped._replace(told=telling.told), fields
            )


def is_customer(thing: Object) -> bool:
    """Whether an object is a customer: `holder` may also be the holding itself (`rh_…`)."""
    return thing.get("object", "customer") == "customer" and "redeemable_id" not in thing
