"""Fields that the vendor's schemas require: null where nobody told them, never left out.

All other fields are absent where they were never told.
"""

from collections.abc import Mapping
from typing import Any

from state.reader import Thing


def transaction(thing: Mapping[str, Any]) -> Thing:
    """A ledger entry."""
    return _with(thing, "type", "details")


def pending_points(thing: Mapping[str, Any]) -> Thing:
    """Points not yet activated."""
    return _with(thing, "details")


def earning_rule(thing: Mapping[str, Any]) -> Thing:
    """An earning rule."""
    return _with(thing, "loyalty")


def publication(thing: Mapping[str, Any]) -> Thing:
    """A publication of one voucher, or of several."""
    if "vouchers" in thing:
        return _with(thing, "customer")
    return _with(thing, "customer", "voucher")


def validation_rule(thing: Mapping[str, Any]) -> Thing:
    """A validation rule."""
    return _with(thing, "name", "rules", "applicable_to", "type", "context_type")


def reward(thing: Mapping[str, Any]) -> Thing:
    """A reward, which says what it is."""
    return {"object": "reward", **thing}


def _with(thing: Mapping[str, Any], *names: str) -> Thing:
    return dict.fromkeys(names) | dict(thing)
