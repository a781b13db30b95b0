"""Takes people out of what is kept about other things.

A payload repeats the customer in the order, the publication, the redemption. The state keeps each
person in one place (the customer), so that erasing it there erases it everywhere; others refer to
it by id and are joined when read.
"""

from collections.abc import Mapping
from typing import Any, Final

_PEOPLE: Final = frozenset({"customer", "holder", "referrer"})
_NOT_ENTERED: Final = _PEOPLE | {"metadata", "system_metadata"}


def without_people(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with each embedded person replaced by its id, as `<name>_id` beside it.

    The very object where nobody is in it, which is most often so; it is never changed.
    """
    inside = {
        name: kept
        for name, value in thing.items()
        if name not in _NOT_ENTERED and (kept := _inside(value)) is not value
    }
    people = _PEOPLE & thing.keys()
    if not inside and not people:
        return thing
    kept = {**thing, **inside}
    for name in people:
        person = kept.pop(name)
        id_ = person.get("id") if isinstance(person, dict) else None
        if isinstance(id_, str) and id_ and kept.get(f"{name}_id") is None:
            kept[f"{name}_id"] = id_
    return kept


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return without_people(value)
    if isinstance(value, list):
        items = [_inside(item) for item in value]
        changed = any(new is not old for new, old in zip(items, value, strict=True))
        return items if changed else value
    return value
