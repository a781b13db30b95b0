"""What publications and redemptions are tracked by: the customer's source id, or made from it.

A source id is often an e-mail address. `tracking_id` stays with the thing only where the vendor
made it up (`track_…`). The customer's own is read from the customer; any other may be one that they
had before: it is a thing of its own, which belongs to the customer.
"""

from collections.abc import Iterator
from typing import Any, Final

from handlers.telling import Object, Telling, Tells, nested, stamp, text
from state import kinds
from state.facts import Fact, Observed, Rank

FIELD: Final = "tracking_id"
BY_SOURCE_ID: Final = "$tracked_by_source_id"
APART: Final = "$tracked_apart"

_MADE_UP: Final = "track_"


def is_personal(tracked_by: Any) -> bool:
    """Whether a tracking id may be somebody's source id."""
    return isinstance(tracked_by, str) and not tracked_by.startswith(_MADE_UP)


def take_out(fields: dict[str, Any], telling: Telling, thing: Object) -> None:
    """Leave in a thing's fields only where to find its tracking id, if that may be a source id."""
    if is_personal(fields.get(FIELD)):
        fields[APART if _is_apart(telling, thing) else BY_SOURCE_ID] = True
        del fields[FIELD]


def tracked(kind: str, path: str) -> Tells:
    """The tracking id of the thing at the path, as a thing of its customer's."""

    def make(telling: Telling) -> Iterator[Fact]:
        for thing in telling.objects(path):
            whose = text(thing, "customer_id") or _customer(telling, thing).get("id")
            if is_personal(thing.get(FIELD)) and whose and _is_apart(telling, thing):
                yield Observed(
                    telling.thing(kinds.TRACKING, kinds.tracking_id(kind, thing["id"])),
                    stamp(telling.told, kind, thing, Rank.MENTIONED),
                    {"customer_id": whose, FIELD: thing[FIELD]},
                )

    return Tells(path, kinds.TRACKING, make, says="what it is tracked by")


def _is_apart(telling: Telling, thing: Object) -> bool:
    return thing.get(FIELD) != _customer(telling, thing).get("source_id")


def _customer(telling: Telling, thing: Object) -> Object:
    """A thing's customer, who stands in it or beside it."""
    return nested(thing, "customer") or telling.object("customer") or {}


BESIDE = (
    tracked(kinds.PUBLICATION, "publication"),
    tracked(kinds.REDEMPTION, "redemption"),
    tracked(kinds.REDEMPTION, "redemption_rollback"),
    tracked(kinds.REDEMPTION, "rollback"),
)
