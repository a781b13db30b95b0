"""What a small vendor's world is made of, and all that was ever told of each thing.

Knows no facts, no stamps and no merge: a thing has fields, they change at moments, and webhooks
show it in forms that leave some of them out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

Json = dict[str, Any]

_BEGINNING: Final = datetime(2026, 3, 2, tzinfo=UTC)


class Says(IntEnum):
    """How a webhook speaks of a thing, where two speak of the same millisecond."""

    BEGINS = 1
    BESIDE = 2
    ABOUT = 3
    ENDS = 4
    LEFT_BY_AN_ENTRY = 5


def private(customer: str, text: str) -> str:
    """Something personal of the customer of this id: it names them, so that it can be found."""
    return f"{text} {private_mark(customer)}"


def private_mark(customer: str) -> str:
    """What is in everything personal of a customer, and in nothing else."""
    return f"of<{customer}>"


class At(int):
    """A moment in a payload, in ms since the world began; text once the payload is written."""


def text(moment: int, digits: int) -> str:
    """ISO 8601 in UTC with three or six fractional digits."""
    at = _BEGINNING + timedelta(milliseconds=moment)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}{'000'[: digits - 3]}Z"


@dataclass(frozen=True, slots=True)
class Telling:
    """One field as one webhook told it: as of when, whether it said so itself, how, its value."""

    as_of: int
    dated: bool
    says: Says
    value: Any

    @property
    def precedence(self) -> tuple[int, bool, Says]:
        """What is newer, of two tellings."""
        return self.as_of, self.dated, self.says


@dataclass(eq=False, slots=True)
class Thing:
    """A thing of a project. `fields` are by path: `loyalty_card.points` stands in `loyalty_card`.

    `made` and `changed` are the moments that its forms carry. `told` is all that any webhook said.
    """

    kind: str
    id: str
    made: int
    fields: Json
    changed: int | None = None
    gone: bool = False
    told: dict[str, list[Telling]] = field(default_factory=dict)

    def change(self, now: int, fields: Mapping[str, Any]) -> None:
        """Let it change now."""
        self.fields.update(fields)
        self.changed = now

    def form(self, *, without: Collection[str] = (), only: Collection[str] | None = None) -> "Form":
        """It as it is now, without some fields or with some alone."""
        shown = {
            path: value
            for path, value in self.fields.items()
            if path not in without and (only is None or path in only)
        }
        return Form(self, shown)

    def newest(self, path: str) -> list[Any]:
        """What a perfect reader may hold for the field: the values of its newest tellings."""
        tellings = self.told.get(path, [])
        newest = max((one.precedence for one in tellings), default=None)
        return [one.value for one in tellings if one.precedence == newest]


class Form(dict[str, Any]):
    """A thing as a payload shows it; it remembers what it shows, and stays as it is."""

    def __init__(self, thing: Thing, shown: Json, head: Json | None = None) -> None:
        super().__init__(_head(thing) if head is None else head)
        self.thing = thing
        self.shown = shown
        self._head = dict(self)
        for path, value in shown.items():
            *above, name = path.split(".")
            inner: Json = self
            for struct in above:
                inner = inner.setdefault(struct, {})
            inner[name] = value

    def thinned(self, paths: Collection[str]) -> "Form":
        """The same with these fields alone."""
        shown = {path: value for path, value in self.shown.items() if path in paths}
        return Form(self.thing, shown, self._head)

    def dated(self, at: At) -> "Form":
        """The same, saying that it was so at this moment."""
        return Form(self.thing, self.shown, {**self._head, "updated_at": at})

    def note(self, told: int, says: Says) -> None:
        """It was told so, by an event of this moment."""
        as_of: int = self._head.get("updated_at", self._head.get("created_at", told))
        is_undated_subject = "updated_at" not in self._head and says == Says.ABOUT
        if self.thing.kind == "customer" or is_undated_subject:
            as_of = told  # it does not say of when it is, but the event does
        dated = "updated_at" in self._head or says == Says.LEFT_BY_AN_ENTRY
        for path, value in self.shown.items():
            self.thing.told.setdefault(path, []).append(Telling(as_of, dated, says, value))


def _head(thing: Thing) -> Json:
    head: Json = {"id": thing.id, "object": thing.kind}
    if thing.kind not in ("redemption", "segment"):
        head["created_at"] = At(thing.made)
    if thing.kind != "customer" and thing.changed is not None:
        head["updated_at"] = At(thing.changed)
    return head


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger entry: signed points and the balance that they left."""

    id: str
    type: str
    at: int
    points: int
    balance: int
