"""Takes people out of what is kept about other things.

A payload repeats the customer in the order, the publication, the redemption. The state keeps each
person in one place (the customer), so that erasing it there erases it everywhere; others refer to
it by id and are joined when read.
"""

from collections.abc import Mapping
from typing import Any, Final

_PEOPLE: Final = frozenset({"customer", "holder", "referrer"})
_OPAQUE: Final = frozenset({"metadata", "system_metadata"})


def without_people(thing: Mapping[str, Any]) -> dict[str, Any]:
    """The object with each embedded person replaced by its id, as `<name>_id` beside it."""
    kept: dict[str, Any] = {}
    for name, value in thing.items():
        if name not in _PEOPLE:
            kept[name] = value if name in _OPAQUE else _inside(value)
        elif isinstance(value, dict):
            kept.setdefault(f"{name}_id", value.get("id"))
    for name in _PEOPLE:
        told = thing.get(f"{name}_id")
        if told is not None:
            kept[f"{name}_id"] = told
    return kept


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return without_people(value) if value else value
    if isinstance(value, list):
        return [_inside(item) for item in value]
    return value
