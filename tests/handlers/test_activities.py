"""Which events are kept for activities, as what, and how little of them."""

from typing import Any

import pytest

from handlers import table
from schemas import jsontext
from state import activities, kinds
from state.merge import Row, join_all, pack
from tests.factories import (
    CAMPAIGN,
    CARD,
    CUSTOMER,
    card,
    facts,
    known,
    known_in_any_order,
    transaction,
    webhook,
)

WHO = {"id": CUSTOMER, "name": "Ann", "object": "customer"}
KEY = "voucher.loyalty_card.points_added/vtx_1"


def added(event_id: str, *, distribution: bool = False) -> dict[str, Any]:
    """`points_added` by a project's webhook or by a distribution, each an event of its own."""
    data = {
        "transaction": transaction("vtx_1", 5, 5, 5),
        "voucher": card(5),
        "campaign": {"id": CAMPAIGN},
        "balance": {"balance": 5, "points": 5},
    }
    prefix = "customer." if distribution else ""
    told = {**data, "customer": WHO} if distribution else data
    type_ = f"{prefix}voucher.loyalty_card.points_added"
    return webhook(type_, told, event_id=event_id, distribution=distribution)


def test_every_listed_type_is_one_that_is_understood() -> None:
    """And a member's activity is part of a customer's."""
    assert set() == activities.CUSTOMER_TYPES.keys() - table.TABLE.keys()
    assert set() == activities.MEMBER_TYPES.keys() - activities.CUSTOMER_TYPES.keys()


def test_an_event_is_kept_without_the_things_that_it_holds() -> None:
    """By the names that it holds them by, and found by whom and what it is about."""
    row = Row()
    told = facts(added("evt_1", distribution=True))
    join_all(row, [fact for fact in told if fact.thing.kind == kinds.EVENT])

    assert {
        "id": "evt_1",
        "type": "voucher.loyalty_card.points_added",
        "created_at": "2025-03-01T00:00:01.000Z",
        "group_id": "v-1",
        "held.": True,
        "held.transaction": "vtx_1",
        "held.voucher": CARD,
        "held.campaign": CAMPAIGN,
        "held.customer": CUSTOMER,
        kinds.CUSTOMER_ID: CUSTOMER,
    } == row.fields
    assert 500 > sum(map(len, pack(row)))


def test_one_action_is_one_row() -> None:
    """Whichever event told it first, and the customer's own is the one that is named."""
    found = known_in_any_order([added("evt_1"), added("evt_2", distribution=True)])

    assert [(kinds.EVENT, KEY)] == [key for key in found if key[0] == kinds.EVENT]


def test_whose_card_it_is_says_whose_event_it_is() -> None:
    """A project's webhook names no customer beside the card."""
    row = Row()
    join_all(row, [fact for fact in facts(added("evt_1")) if fact.thing.kind == kinds.EVENT])

    assert CUSTOMER == row.fields[kinds.CUSTOMER_ID]


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("voucher.loyalty_card.transaction.created", {"transaction": transaction("t", 1, 1, 1)}),
        ("voucher.updated", {"voucher": card()}),
        ("campaign.updated", {"campaign": {"id": CAMPAIGN}}),
        ("customer.created", {}),
    ],
)
def test_what_no_activity_lists_is_not_kept(event_type: str, data: dict[str, Any]) -> None:
    """Ledgers do not grow twice; what names nobody could not be found."""
    found = known([webhook(event_type, data)])

    assert [] == [key for key in found if key[0] == kinds.EVENT]


def test_rewarded_points_are_kept_slim() -> None:
    """The balance that they left, without the card that stands beside it."""
    related = {"id": CARD, "type": "voucher"}
    balance = {"points": 5, "balance": 9, "related_object": related}
    event = webhook(
        "customer.rewarded.loyalty_points",
        {"customer": WHO, "voucher": card(), "balance": balance, "order": {"id": "ord_1"}},
    )

    kept = known([event])[kinds.EVENT, "evt_1"]

    assert {"balance": {"points": 5, "balance": 9}} == kept["data"]
    assert "Ann" not in jsontext.encode(kept).decode()
