"""People are taken out of other things wherever they stand, and told as customers."""

from typing import Any

from handlers.people import taken_out, without_people
from state import kinds
from tests.factories import CUSTOMER, at, known, known_in_any_order, webhook

ANN = {"id": "cust_ann", "name": "Ann", "email": "ann@example.com", "object": "customer"}


def test_people_under_any_name() -> None:
    """Whoever says to be a customer is taken out, alone or in a list."""
    thing = {"winner": ANN, "guests": [ANN, {"name": "no customer"}], "deep": [{"customer": ANN}]}

    kept, people = taken_out(thing)

    assert {
        "winner_id": "cust_ann",
        "guests": [{"id": "cust_ann", "object": "customer"}, {"name": "no customer"}],
        "deep": [{"customer_id": "cust_ann"}],
    } == kept
    assert [ANN, ANN, ANN] == people


def test_what_a_user_wrote_is_left_as_it_is() -> None:
    """Metadata is the user's own: what is called customer there is no customer of the vendor's."""
    thing = {"metadata": {"customer": {"id": "x"}, "object": "customer"}, "list": [1, {"a": 2}]}

    assert without_people(thing) is thing


def test_a_formula_names_no_person() -> None:
    """`customer` of an earning rule is a part of how points are counted."""
    formula = {"type": "PROPORTIONAL", "customer": {"metadata": {"every": 1, "points": 2}}}
    rule = {"id": "ern_1", "loyalty": formula}

    found = known([webhook("campaign.earning_rule.updated", {"earning_rule": rule})])

    assert formula == found[kinds.EARNING_RULE, "ern_1"]["loyalty"]


def test_a_person_inside_fills_in() -> None:
    """Who is told inside a redemption only is known from there, and from nowhere else better."""
    redemption = {"id": "r_1", "date": at(3), "customer": {**ANN, "address": None}}
    inside = webhook("redemption.succeeded", {"redemption": redemption}, told=50)
    updated = webhook("customer.updated", {"customer": {"id": "cust_ann", "name": "Anna"}}, told=5)

    found = known_in_any_order([inside, updated])[kinds.CUSTOMER, "cust_ann"]

    assert ("Anna", "ann@example.com") == (found["name"], found["email"])
    assert "address" not in found


def test_a_person_inside_and_beside() -> None:
    """Of a person told beside, the copy inside tells only what is not told there."""
    beside = {"id": CUSTOMER, "name": "Now", "object": "customer"}
    inner: dict[str, Any] = {"id": CUSTOMER, "name": "Then", "phone": "+1", "object": "customer"}
    event = webhook(
        "publication.succeeded",
        {"customer": beside, "publication": {"id": "pub_1", "customer": inner}},
    )

    found = known([event])[kinds.CUSTOMER, CUSTOMER]

    assert ("Now", "+1") == (found["name"], found["phone"])


def test_nobody_stands_in_an_event() -> None:
    """What an event tells of no thing holds people by their id, too."""
    outcome = {"id": "rew_1", "customer": ANN, "assignment_id": "rewa_1"}
    event = webhook("customer.rewarded", {"customer": {"id": CUSTOMER}, "reward": outcome})

    found = known([event])

    assert "Ann" == found.pop((kinds.CUSTOMER, "cust_ann"))["name"]
    assert "ann@example.com" not in str(found)
