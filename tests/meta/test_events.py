"""Every documented event is understood: each value of its payload is kept by some fact.

The list of types needs nothing; the payloads are made from the vendor's specification, if it is
beside the checkout.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from handlers import table
from schemas import registry
from state.facts import Fact, Gone, Observed
from tests.factories import facts, legacy, webhook
from tests.meta import payloads

LEFT_OUT = {
    r"created_at": "the event's own moment: the envelope tells it, and stamps are made of it",
    r"balance\..*": "repeats the balance in the transaction beside it, which is kept",
    r"(.*\.)?(customer|referrer)\.(id|object)": "a person is kept as customer, by `customer_id`",
}
"""What no fact keeps, on purpose, as patterns of paths."""


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The path and value of everything in it that is no object and no list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def mark(path: str, value: Any) -> Any:
    """What a value is recognised by: itself where no other is the same, else its name, too."""
    return value if payloads.is_distinct(value) else (path.rpartition(".")[2], repr(value))


def lost(data: dict[str, Any], told: list[Fact]) -> set[str]:
    """Paths of the values that none of the facts keeps; what is deleted may be lost."""
    deleted = {fact.thing.id for fact in told if isinstance(fact, Gone)}
    kept = {
        mark(path, value)
        for fact in told
        if not isinstance(fact, Gone)
        for path, value in leaves(dict(fact.fields), "")
    }
    return {
        path
        for name, thing in data.items()
        if not (isinstance(thing, dict) and thing.get("id") in deleted)
        for path, value in leaves(thing, name)
        if mark(path, value) not in kept
    }


def unexplained(data: dict[str, Any], told: list[Fact]) -> list[str]:
    """What is lost without being left out on purpose."""
    patterns = [re.compile(pattern) for pattern in LEFT_OUT]
    return sorted(
        path for path in lost(data, told) if not any(one.fullmatch(path) for one in patterns)
    )


SCHEMAS = payloads.event_schemas()
needs_specification = pytest.mark.skipif(
    not SCHEMAS, reason="the vendor's specification is not here"
)


@needs_specification
@pytest.mark.parametrize("form", ["webhook", "distribution", "legacy"])
@pytest.mark.parametrize("event_type", SCHEMAS)
def test_nothing_told_is_lost(event_type: str, form: str) -> None:
    """Whatever alternative of its schema a payload has, all of its values are kept."""
    for variant in range(payloads.VARIANTS):
        data = payloads.payload(SCHEMAS[event_type], variant)
        event = (
            legacy(event_type, data)
            if form == "legacy"
            else webhook(event_type, data, distribution=form == "distribution")
        )
        assert [] == unexplained(data, facts(event)), f"alternative {variant}"


def test_what_no_fact_keeps_is_found() -> None:
    """The check sees a lost value, be it one of its own or one that stands elsewhere, too."""
    data = {"card": {"name": "text-7", "on": True}, "other": {"off": True}}
    told = facts(webhook("voucher.updated", {"other": {"off": True}}))[-1]

    assert {"card.name", "card.on"} == lost(data, [told])


@needs_specification
def test_what_is_left_out_is_told_at_all() -> None:
    """A pattern that leaves out nothing is dropped from the list."""
    told = {
        path
        for schema in SCHEMAS.values()
        for name, thing in payloads.payload(schema, 0).items()
        for path, _ in leaves(thing, name)
    }
    for pattern in LEFT_OUT:
        assert any(re.fullmatch(pattern, path) for path in told), pattern


@needs_specification
def test_every_specified_type_is_known() -> None:
    """The registry has all types that the vendor specifies."""
    assert [] == sorted(SCHEMAS.keys() - registry.FAMILY_OF_TYPE.keys())


PENDING = ("added", "updated", "activated", "canceled")
LIFECYCLE = ("created", "updated", "deleted")
SWITCHED = (*LIFECYCLE, "enabled", "disabled")
DOCUMENTED = {
    "redemption": ("succeeded", "failed", "rollback.succeeded", "rollback.failed"),
    "publication": ("succeeded",),
    "customer": (*LIFECYCLE, "rewarded", "rewarded.loyalty_points", "confirmed"),
    "voucher": (*SWITCHED, "published"),
    "voucher.loyalty_card": ("points_added", "points_expired", "transaction.created"),
    "voucher.loyalty_card.pending_points": PENDING,
    "voucher.gift": ("balance_added", "transaction.created"),
    "campaign": SWITCHED,
    "campaign.vouchers": (
        "generation.started",
        "generation.completed",
        "generation.failed",
        "added",
    ),
    "campaign.promotion_tier": SWITCHED,
    "campaign.promotion_stack": ("created", "updated"),
    "campaign.loyalty_tier": LIFECYCLE,
    "campaign.earning_rule": ("assigned", "updated", "enabled", "disabled", "deleted"),
    "campaign.referral_tier": LIFECYCLE,
    "campaign.reward.assignment": LIFECYCLE,
    "business_validation_rule": (*LIFECYCLE, "assignment.created", "assignment.deleted"),
    "customer.segment": ("entered", "left"),
    "customer.order": ("created", "updated", "paid", "canceled"),
    "customer.publication": ("succeeded",),
    "customer.redemption": ("succeeded", "rollback.succeeded"),
    "customer.voucher.loyalty_card": ("points_added", "points_expired"),
    "customer.voucher.loyalty_card.pending_points": PENDING,
    "loyalty_card.pending_points": ("updated",),
    "customer.voucher.gift": ("balance_added",),
    "customer.reward_redemptions": ("created", "pending", "completed"),
    "customer.loyalty.tier": ("joined", "left", "upgraded", "downgraded", "prolonged"),
    "customer.holder.assignment": ("created", "deleted"),
    "customer.consents": ("given", "revoked"),
    "customer.entered": ("segment",),
}
DOCUMENTED_TYPES = {
    *(f"{prefix}.{name}" for prefix, names in DOCUMENTED.items() for name in names),
    "customer.referred",
    "customer.custom_event",
    "manual_distribution_schedule",
}
MISSPELT = {name for name in registry.FAMILY_OF_TYPE if name.endswith((".aded", "_aded"))}


def test_every_documented_type_is_known() -> None:
    """The registry has the types of the vendor's lists, and none that they do not have."""
    assert set(registry.FAMILY_OF_TYPE) - MISSPELT == DOCUMENTED_TYPES


@pytest.mark.parametrize("event_type", sorted(registry.FAMILY_OF_TYPE))
def test_every_known_type_is_understood(event_type: str) -> None:
    """Each type has a row, and what no row foresees is kept with the event itself."""
    assert registry.canonical_type(event_type) in table.TABLE

    told = facts(webhook(event_type, {"new_words": {"for": "things"}}))[-1]

    assert isinstance(told, Observed)
    assert {"new_words": {"for": "things"}} == told.fields["data"]
