"""Takes a deleted customer out of a dead letter, and leaves what it tells of other things.

The opposite of understanding: what no other thing needs goes, because a body that could not be
applied may say anything of them anywhere. Applied later, the letter ends where it would have ended,
had it been applied before the customer was deleted. Which letter is about whom the state knows.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from handlers import loyalty, table, tracking
from handlers.people import NOT_ENTERED, ids_of, is_somebody
from handlers.telling import nested, text
from schemas import envelope, jsontext, registry, topics
from schemas.envelope import Envelope
from state import kinds, letter_people
from state.store import DeadLetter

_ENVELOPE: Final = frozenset(
    {"id", "object", "project_id", "webhook_id", "created_at", "type", "source", "event"}
)
_EVENT: Final = frozenset({"id", "type", "created_at", "entity_id", "group_id"})
_KNOWN_BY: Final = ("source_id", "email", "phone", "name")
_MOMENT: Final = "created_at"
_CAUSE: Final = "event"
_BY_ID: Final = ("id", "object", "customer_id")
_CUSTOMER: Final = "customer"
_PERSONS: Final = (None, _CUSTOMER)
_ENTRIES: Final = frozenset({"transaction"})
"""What does not say itself what it is, and nobody takes for a person."""
_REFERENCE: Final = frozenset({"type", "id"})
"""All of what just refers to a thing: it tells nothing of a person, whosever id it has."""
_LISTED_BY_ID: Final = "consents"

_ERASED: Final = "erased"
"""Stands where something stood that tells whose a thing is, or that there was something."""


def scrub(letter: DeadLetter, customer: str) -> DeadLetter:
    """The letter without this customer; emptied where nothing can be saved. Never raises."""
    try:
        return _scrubbed(letter, customer)
    except Exception:  # whatever it is that can't be read, nothing of it may stay
        return letter_people.emptied(letter, customer)


def _scrubbed(letter: DeadLetter, customer: str) -> DeadLetter:
    told = jsontext.decode(letter.value)
    event = envelope.read(letter.value)
    if not isinstance(event, Envelope):
        return letter_people.emptied(letter, customer)
    if not _concerns(event, customer):
        return letter
    beside = text(nested(event.data, "customer"), "id")
    person = _Person(customer, frozenset(_called(told, customer)), beside)
    row = table.TABLE.get(registry.canonical_type(event.event_type), ())
    names = {cell.name for cell in row}
    about_others = {cell.name for cell in row if cell.kind not in kinds.PERSONAL}
    kept = {name: value for name, value in told.items() if name in _ENVELOPE}
    if isinstance(kept.get("event"), dict):
        kept["event"] = person.renamed(kept["event"])
    owner = beside or text(nested(event.data, "holder"), "id")
    kept["data"] = _Payload(person, names, about_others, owner).scrubbed(event.data)
    return letter_people.mark(
        replace(
            letter,
            key=person.instead(letter.key),
            value=jsontext.encode(kept),
            headers=tuple((name, person.instead(value)) for name, value in letter.headers),
            about=tuple(one for one in letter.about if one not in person.called),
        ),
        letter_people.PERSON,
    )


def _concerns(event: Envelope, customer: str) -> bool:
    """Whether the event tells of this customer, and not only of something with the same id."""
    if customer in set(ids_of(event.data)) or _may_be_told(event.data, customer):
        return True
    holds = (text(nested(event.data, name), "id") for name in ("customer", "holder"))
    return event.entity_id == customer and not any(holds)


def _may_be_told(data: Any, customer: str) -> bool:
    """Whether an object has the customer's id and neither is nor says that it is something else."""
    left: list[tuple[str, Any]] = [("", data)]
    while left:
        name, value = left.pop()
        if isinstance(value, list):
            left += [(name, item) for item in value]
        elif isinstance(value, dict):
            is_another = name in _ENTRIES or value.keys() == _REFERENCE
            if value.get("id") == customer and value.get("object") in _PERSONS and not is_another:
                return True
            left += value.items()
    return False


def _called(value: Any, customer: str) -> Iterator[str]:
    """What the customer is called by, wherever the event tells of them."""
    if isinstance(value, list):
        for item in value:
            yield from _called(item, customer)
    elif isinstance(value, dict):
        if value.get("id") == customer:
            words = (value.get(name) for name in _KNOWN_BY)
            yield from (word for word in words if isinstance(word, str) and word)
        for inner in value.values():
            yield from _called(inner, customer)


@dataclass(frozen=True, slots=True)
class _Person:
    """The customer who goes, and the words that they are called by.

    `beside` is the customer whom the letter names first: what does not say whose it is is theirs.
    """

    id: str
    called: frozenset[str]
    beside: str | None

    def instead(self, told: bytes) -> bytes:
        """A key or header; where it is one of those words, the customer's id instead."""
        return topics.raw(self.id) if topics.text(told) in self.called else told

    def renamed(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the envelope says of the event, in the same way."""
        kept = {name: value for name, value in event.items() if name in _EVENT}
        if kept.get("entity_id") in self.called:
            kept["entity_id"] = self.id
        return kept

    def cut(self, name: str, value: Any) -> Any:
        """A thing as it stands under a name, with nobody but others in it."""
        if isinstance(value, list):
            return [self.cut(name, item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == _REFERENCE:
            return value
        if value.get("id") == self.id and value.get("object") in _PERSONS:
            return self._reference(value)
        if is_somebody(name, value) and not isinstance(value.get("id"), str):
            return {}
        return self._cut_inside(value)

    def cut_thing(self, name: str, value: Any) -> Any:
        """What a name says to be a thing, not a person, whosever id it has."""
        if isinstance(value, list):
            return [self.cut_thing(name, item) for item in value]
        if not isinstance(value, dict) or value.get("object") == _CUSTOMER:
            return self.cut(name, value)
        return self._cut_inside(value)

    def _cut_inside(self, value: dict[str, Any]) -> dict[str, Any]:
        kept = {
            inner: told if inner in NOT_ENTERED else self.cut(inner, told)
            for inner, told in value.items()
        }
        if tracking.FIELD in kept:
            kept[tracking.FIELD] = self._tracked(kept[tracking.FIELD], value)
        return kept

    def _reference(self, told: dict[str, Any]) -> dict[str, Any]:
        kept = {name: told[name] for name in ("id", "object") if name in told}
        return kept | ({"source_id": _ERASED} if isinstance(told.get("source_id"), str) else {})

    def _tracked(self, told: Any, thing: dict[str, Any]) -> Any:
        """What a thing is tracked by: its customer may have been called so before."""
        if not tracking.is_personal(told):
            return told
        if told in self.called:
            return _ERASED
        whose = text(thing, "customer_id") or text(nested(thing, "customer"), "id") or self.beside
        return told if whose not in (None, self.id) else ""


@dataclass(frozen=True, slots=True)
class _Payload:
    """A payload whose objects stand under `names`, those `about_others` under some of them.

    `owner` is whose all others are that do not say it themselves.
    """

    person: _Person
    names: Set[str]
    about_others: Set[str]
    owner: str | None

    def scrubbed(self, data: dict[str, Any]) -> Any:
        """What is left of it; `erased` stands for what is not."""
        inner = data.get("data")
        if len(data) == 1 and isinstance(inner, dict):
            return {"data": self.scrubbed(inner)}
        if table.is_the_object(data, self.names):
            return self._thing(str(table.own_name(data)), data)
        kept = {name: self._thing(name, value) for name, value in data.items()}
        whole = all(kept[name] is not None for name, value in data.items() if value is not None)
        left = {name: value for name, value in kept.items() if value is not None}
        cause = data.get(_CAUSE)
        if whole and (cause == left.get(_CAUSE) or _CAUSE in self.names):
            return left
        return {**left, _ERASED: True}

    def _is_theirs(self, thing: Any) -> bool:
        """Whether a personal thing may be the person's; it is nobody else's."""
        named = text(thing, "customer_id") if isinstance(thing, dict) else None
        owner = named or text(nested(thing, "customer"), "id") or self.owner
        return owner in (None, self.person.id)

    def _thing(self, name: str, value: Any) -> Any:
        """What is left of what stands under a name; None for nothing."""
        right = name
        if isinstance(value, dict) and name not in self.names:
            right = table.own_name(value) or name
        if right in _ENTRIES and isinstance(value, dict | list):
            return self.person.cut_thing(name, value)
        if right in self.about_others and isinstance(value, dict | list):
            return self.person.cut(name, value)
        if right in self.names and isinstance(value, dict | list):
            return _bare(name, value) if self._is_theirs(value) else self.person.cut(name, value)
        if name == _CAUSE and isinstance(value, dict):
            return loyalty.simple_event(value)
        return value if name == _MOMENT else None


def _bare(name: str, value: Any) -> Any:
    """Something of the customer's, by no more than its id."""
    if isinstance(value, list):
        return [_bare(name, item) for item in value]
    if not isinstance(value, dict):
        return value if name == _LISTED_BY_ID else None
    if isinstance(value.get("id"), str):
        kept = {inner: value[inner] for inner in _BY_ID if inner in value}
        whose = text(nested(value, "customer"), "id")
        return kept | ({"customer": {"id": whose, "object": "customer"}} if whose else {})
    return dict.fromkeys(value, True) if name == _LISTED_BY_ID else {}
