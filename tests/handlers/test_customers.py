"""Customers whose payloads do not say when they were updated."""

import pytest

from state import kinds
from state.facts import Observed
from tests.factories import CUSTOMER, at, facts, webhook


@pytest.mark.parametrize(
    ("type_", "more", "expected"),
    [
        ("customer.updated", {}, at(70)),
        ("customer.confirmed", {"updated_at": None}, at(70)),
        ("customer.updated", {"updated_at": at(60)}, None),
        ("customer.created", {}, None),
        ("customer.segment.entered", {}, None),
    ],
)
def test_when_a_customer_was_updated(
    type_: str, more: dict[str, str | None], expected: str | None
) -> None:
    """The event's moment stands for it, of updates only and where the customer does not say."""
    told = {"id": CUSTOMER, "object": "customer", **more}

    (found,) = (
        fact
        for fact in facts(webhook(type_, {"customer": told}, told=70))
        if isinstance(fact, Observed) and fact.thing.kind == kinds.CUSTOMER
    )

    assert expected == found.fields.get(kinds.UPDATED_AT)
