"""Segments and consents: what holds of a customer now, in whatever order it was told."""

from typing import Any

import pytest

from handlers.loyalty import membership_id
from state import kinds
from tests.factories import CUSTOMER, known, known_in_any_order, webhook

SEGMENT = {"id": "seg_1", "name": "New customers", "object": "segment"}
IN_SEGMENT = kinds.SEGMENT_MEMBERSHIP, membership_id(CUSTOMER, "seg_1")


def moved(name: str, told: int) -> dict[str, Any]:
    """The customer entered or left the segment."""
    data = {"customer": {"id": CUSTOMER, "object": "customer"}, "segment": SEGMENT}
    return webhook(f"customer.segment.{name}", data, told=told)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([("entered", 1)], True),
        ([("entered", 1), ("left", 2)], False),
        ([("entered", 1), ("left", 2), ("entered", 3)], True),
        ([("entered", 1), ("left", 1)], False),
    ],
)
def test_segments(moves: list[tuple[str, int]], expected: bool) -> None:
    """The newest move tells whether one is in; who enters and leaves at once has left."""
    found = known_in_any_order([moved(name, told) for name, told in moves])

    assert expected is found[IN_SEGMENT]["is_member"]
    assert "New customers" == found[kinds.SEGMENT, "seg_1"]["name"]


def test_a_segment_whose_customer_was_left_out() -> None:
    """A re-shaped payload without its customer is the event's entity's."""
    event = webhook("customer.entered.segment", {"segment": SEGMENT}, distribution=True)
    event["event"]["entity_id"] = CUSTOMER

    assert known([event])[IN_SEGMENT]["is_member"]


@pytest.mark.parametrize(
    "consents",
    [["c_1"], [{"id": "c_1"}], {"c_1": {"id": "c_1"}}, {"c_1": True}],
)
def test_consents(consents: Any) -> None:
    """However they are listed, a consent is given until it is revoked."""
    data = {"customer": {"id": CUSTOMER}, "consents": consents}
    given = webhook("customer.consents.given", data, told=1)
    revoked = webhook("customer.consents.revoked", data, told=2)
    key = kinds.CONSENT, membership_id(CUSTOMER, "c_1")

    assert known([given])[key]["is_given"]
    assert not known_in_any_order([given, revoked])[key]["is_given"]
