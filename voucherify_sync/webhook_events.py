"""The event types that a project's webhook can be registered for, and how they are spelt there.

Those of distributions are not among them: a distribution is made in the dashboard, and sends what
its author chose.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from schemas import registry
from schemas.registry import canonical_type

_FAMILIES: Final = ("business_validation_rule", "campaign", "publication", "redemption", "voucher")
_OF_CUSTOMERS: Final = (
    "customer.confirmed",
    "customer.created",
    "customer.deleted",
    "customer.rewarded",
    "customer.rewarded.loyalty_points",
    "customer.updated",
)

ALL: Final = tuple(
    sorted(
        name
        for name in registry.FAMILY_OF_TYPE
        if canonical_type(name) == name
        and (name.partition(".")[0] in _FAMILIES or name in _OF_CUSTOMERS)
    )
)
"""All of them, each by the name under which it arrives."""

# The list of the management API does not have it, though the events' documentation does.
_NOT_LISTED: Final = frozenset({"customer.updated"})


def unknown(names: Iterable[str]) -> Sequence[str]:
    """Those that no project's webhook can be registered for."""
    return sorted(name for name in names if canonical_type(name) not in ALL)


def missing(wanted: Iterable[str], held: Iterable[str]) -> Sequence[str]:
    """The wanted ones that a webhook does not send, however it spells those that it does."""
    sent = set(map(canonical_type, held))
    return sorted(set(map(canonical_type, wanted)) - sent)


def as_listed(names: Iterable[str]) -> Sequence[str]:
    """Names as the management API's own list spells them, without those that it does not have."""
    known = (name for name in names if name not in _NOT_LISTED)
    return list(dict.fromkeys(registry.LISTED.get(name, name) for name in known))


def left_out(names: Collection[str]) -> Sequence[str]:
    """Those that the management API's list does not have: they are ticked in the dashboard."""
    return sorted(_NOT_LISTED.intersection(names))
