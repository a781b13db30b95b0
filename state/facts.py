"""Facts: what an event tells. State is the join of all facts ever told.

There are three kinds. *Observed*: at some moment a thing had these fields. *Entered*: a ledger has
this entry, which never changes. *Gone*: a thing was deleted. A fact is about one thing of one
project; it never depends on what is already known, so facts can be merged in any order.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

FieldMap = Mapping[str, Any]


class Rank(IntEnum):
    """Who speaks, where two tellings are of the same millisecond: the higher outranks the lower."""

    BEGUN = 1
    """The event says that the thing, or what is told of it, has just begun (created, joined).

    The lowest: nothing is told as it was before it began.
    """
    MENTIONED = 2
    """Told beside the event's subject, possibly as it was before (a transfer's other card)."""
    SUBJECT = 3
    """The event is about this thing."""
    MENTIONED_DATED = 4
    """As MENTIONED, of a thing that says itself when it was updated."""
    SUBJECT_DATED = 5
    """As SUBJECT, of a thing that says itself when it was updated."""
    ENDED = 6
    """The event says that what was told has just ended (left)."""
    LEDGER = 7
    """The balance that a ledger movement left."""


class Stamp(NamedTuple):
    """The total order by which one telling of a field outranks another.

    `version` is the moment at which the thing was so, `told` the moment of the event that says so,
    both in milliseconds. Equal stamps are settled by the values themselves (see `merge`).
    """

    version: int
    rank: int
    told: int


class ThingKey(NamedTuple):
    """What a fact is about. Ids are opaque text and mean nothing outside project and kind."""

    project: str
    kind: str
    id: str


class Observed(NamedTuple):
    """The thing had these fields at the stamp's version. A field that is not here is unknown."""

    thing: ThingKey
    stamp: Stamp
    fields: FieldMap


class Entered(NamedTuple):
    """A card's ledger has this entry. Different tellings of one entry complete each other."""

    thing: ThingKey
    fields: FieldMap


class Gone(NamedTuple):
    """The thing was deleted. Ids are not used again, so it stays so, whatever is told later."""

    thing: ThingKey


Fact = Observed | Entered | Gone
