"""Takes people out of what is kept about other things.

A payload repeats the customer in the order, the publication, the redemption. The state keeps each
person in one place (the customer), so that erasing it there erases it everywhere; others refer to
it by id and are joined when read.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_PEOPLE: Final = frozenset({"customer", "holder", "referrer"})
_IDS_OF_PEOPLE: Final = frozenset(f"{name}_id" for name in _PEOPLE)
NOT_ENTERED: Final = frozenset({"metadata", "system_metadata"})

_NESTED: Final = frozenset({dict, list})

Person = Mapping[str, Any]


def without_people(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with each embedded person replaced by its id, as `<name>_id` beside it.

    The very object where nobody is in it, which is most often so; it is never changed.
    """
    return taken_out(thing)[0]


def taken_out(thing: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Person]]:
    """The object without its people, and the people."""
    found: list[Person] = []
    return _without(thing, found), found


def mentions_somebody(thing: Mapping[str, Any]) -> bool:
    """Whether an object has a person under a name that persons have; it is not searched."""
    return not _PEOPLE.isdisjoint(thing)


def ids_of(data: Any) -> Iterator[str]:
    """The ids of all customers whom a payload names, with what it tells of them or by their ids.

    It calls itself never, so that no depth is too deep for it.
    """
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, str):
                    if name in _IDS_OF_PEOPLE and inner:
                        yield inner
                elif type(inner) in _NESTED and name not in NOT_ENTERED:
                    id_ = inner.get("id") if isinstance(inner, dict) else None
                    if isinstance(id_, str) and (name in _PEOPLE or _is_person(inner)):
                        yield id_
                    left.append(inner)


def is_somebody(name: str, value: Any) -> bool:
    """Whether a value is a person, by its name or its own word."""
    return isinstance(value, dict) and (name in _PEOPLE or _is_person(value))


def _without(thing: Mapping[str, Any], found: list[Person]) -> Mapping[str, Any]:
    kept: dict[str, Any] | None = None
    people = [] if _PEOPLE.isdisjoint(thing) else [name for name in thing if name in _PEOPLE]
    for name, value in thing.items():
        # Nearly all values are plain ones, and every value of every payload comes along here.
        if type(value) not in _NESTED or name in NOT_ENTERED or name in people or not value:
            continue
        if _is_person(value):
            people.append(name)
            continue
        inside = _inside(value, found)
        if inside is not value:
            kept = dict(thing) if kept is None else kept
            kept[name] = inside
    if people:
        kept = dict(thing) if kept is None else kept
        for name in people:
            _replace(kept, name, found)
    return thing if kept is None else kept


def _replace(kept: dict[str, Any], name: str, found: list[Person]) -> None:
    person = kept.pop(name)
    if not isinstance(person, dict):
        return
    found.append(_without(person, found))
    id_ = person.get("id")
    if isinstance(id_, str) and id_ and kept.get(f"{name}_id") is None:
        kept[f"{name}_id"] = id_


def _inside(value: Any, found: list[Person]) -> Any:
    if isinstance(value, dict):
        return _without(value, found)
    if not isinstance(value, list):
        return value
    items = [_item(item, found) for item in value]
    changed = any(new is not old for new, old in zip(items, value, strict=True))
    return items if changed else value


def _item(value: Any, found: list[Person]) -> Any:
    if not _is_person(value):
        return _inside(value, found)
    found.append(_without(value, found))
    return {"id": value.get("id"), "object": "customer"}


def _is_person(value: Any) -> bool:
    """Whether a value says so itself, under whatever name a payload has it."""
    return isinstance(value, dict) and value.get("object") == "customer"
