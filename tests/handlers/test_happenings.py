"""What is no field of any thing is kept with the event that told it, and nothing else is."""

from typing import Any

import pytest

from state import kinds
from state.facts import Observed
from state.merge import Row, join_all
from tests.factories import (
    CAMPAIGN,
    CARD,
    CUSTOMER,
    card,
    facts,
    known,
    known_in_any_order,
    legacy,
    transaction,
    webhook,
)

EVENT = kinds.EVENT, "evt_1"
WHO = {"id": CUSTOMER, "object": "customer"}


def test_a_movement_is_no_event_of_its_own() -> None:
    """What stands beside an entry is kept with the entry: ledgers do not grow twice."""
    cause = {"id": "evcus_1", "type": "customer.order.paid", "group_id": "v-1"}
    event = webhook(
        "voucher.loyalty_card.transaction.created",
        {
            "transaction": transaction("vtx_1", 5, 5, 5),
            "voucher": card(5),
            "balance": {"balance": 5, "points": 5},
            "event": cause,
            "created_at": "2025-03-01T00:00:00.000Z",
        },
    )

    assert {kinds.TRANSACTION, kinds.VOUCHER} == {fact.thing.kind for fact in facts(event)}
    (entry,) = (fact for fact in facts(event) if fact.thing.kind == kinds.TRANSACTION)
    assert "customer.order.paid" in str(entry)


def test_a_reward() -> None:
    """What came out of a reward is kept with the event; the reward stays what it is for all."""
    given = {"id": "v_given", "code": "MUG", "object": "voucher"}
    reward = {"id": "rew_1", "name": "Mug", "assignment_id": "rewa_1", "voucher": given}
    balance = {"points": 5}
    event = webhook(
        "customer.rewarded",
        {"customer": WHO, "reward": reward, "balance": balance, "customer_event": {"n": 1}},
    )

    found = known([event])

    assert {"id": "rew_1", "name": "Mug"} == found[kinds.REWARD, "rew_1"]
    assert "MUG" == found[kinds.VOUCHER, "v_given"]["code"]
    data = found[EVENT]["data"]
    assert ("rewa_1", balance, {"n": 1}, CUSTOMER) == (
        data["reward"]["assignment_id"],
        data["balance"],
        data["customer_event"],
        found[EVENT]["held"]["customer"],
    )


def test_a_referral() -> None:
    """Who referred whom, by which code of which campaign, is kept as the event itself."""
    event = webhook(
        "customer.referred",
        {
            "customer": WHO,
            "referrer": {"id": "cust_2", "object": "customer"},
            "voucher": card(0),
            "campaign": {"id": CAMPAIGN},
        },
    )

    assert {
        "customer": CUSTOMER,
        "referrer": "cust_2",
        "voucher": CARD,
        "campaign": CAMPAIGN,
    } == known([event])[EVENT]["held"]


@pytest.mark.parametrize("whose", [{"customer": {"id": CUSTOMER}}, {}])
def test_a_custom_event(whose: dict[str, Any]) -> None:
    """A custom event is its customer's, who may stand in it or beside it."""
    custom = {"id": "event_1", "object": "event", "type": "sign_up", "metadata": {"a": 1}, **whose}
    schema = {"id": "ms_1", "name": "sign_up"}
    told = webhook(
        "customer.custom_event", {"event": custom, "event_schema": schema, "customer": WHO}
    )
    beside = webhook("customer.rewarded", {"custom_event": custom, "customer": WHO})
    lookup = [
        fact.fields[kinds.CUSTOMER_ID]
        for event in (told, beside)
        for fact in facts(event)
        if isinstance(fact, Observed) and fact.thing.kind == kinds.CUSTOM_EVENT
    ]

    found = known_in_any_order([told, beside])

    assert ("sign_up", {"a": 1}) == (
        found[kinds.CUSTOM_EVENT, "event_1"]["type"],
        found[kinds.CUSTOM_EVENT, "event_1"]["metadata"],
    )
    assert [CUSTOMER, CUSTOMER] == lookup
    assert schema == found[EVENT]["data"]["event_schema"]


def test_renamed_objects_are_what_they_say() -> None:
    """A re-shaped payload holds objects under any name; their own word tells what they are."""
    event = webhook(
        "voucher.updated",
        {"my_card": card(3), "buyer": {**WHO, "name": "Ann"}, "b": {**WHO, "name": "Bo"}},
        distribution=True,
    )

    found = known([event])

    assert "CODE-1" == found[kinds.VOUCHER, CARD]["code"]
    assert "Bo" == found[kinds.CUSTOMER, CUSTOMER]["name"]
    whom = {"voucher": CARD, "campaign": CAMPAIGN, "customer": CUSTOMER}
    assert whom == found[EVENT]["held"]
    assert {"buyer_id": CUSTOMER} == found[EVENT]["data"]


def test_two_tellings_of_one_event_complete_each_other() -> None:
    """A distribution that tells less, or under other names, erases nothing."""
    project = webhook("customer.confirmed", {"customer": WHO, "unconfirmed_customer": "ucust_1"})
    distribution = webhook(
        "customer.confirmed", {"greeting": "Hello", "customer": WHO}, distribution=True
    )

    data = known_in_any_order([project, distribution])[EVENT]["data"]

    assert ("ucust_1", "Hello") == (data["unconfirmed_customer"], data["greeting"])


def test_a_legacy_object_is_no_event() -> None:
    """Where the payload is the object itself, its fields are not told of the event again."""
    event = legacy("voucher.created", card(0, metadata={"a": 1}))

    assert {kinds.VOUCHER} == {fact.thing.kind for fact in facts(event)}


@pytest.mark.parametrize("reshaped", ["CODE-1", ["CODE-1"], {"code": "CODE-1"}])
def test_what_lost_its_id_is_kept_with_the_event(reshaped: object) -> None:
    """A thing without its id can't be known, but what was told of it is not dropped."""
    event = webhook("voucher.updated", {"voucher": reshaped}, distribution=True)

    assert reshaped == known([event])[EVENT]["data"]["voucher"]


def test_whose_event_it_is() -> None:
    """The form that names the customer knows whose event it is; else it may be its entity's."""

    def owner(*events: dict[str, Any]) -> Any:
        row = Row()
        for event in events:
            join_all(row, [fact for fact in facts(event) if fact.thing.kind == kinds.EVENT])
        return row.fields[kinds.CUSTOMER_ID]

    named = webhook("voucher.updated", {"customer": WHO, "greeting": "Hello"})
    unnamed = webhook("voucher.updated", {"name": "Ann"}, distribution=True)

    assert "entity_1" == owner(unnamed)
    assert [CUSTOMER, CUSTOMER] == [owner(named, unnamed), owner(unnamed, named)]
