"""Redemptions are answered as they were made, with what happened to them since."""

from typing import Any

import pytest

from tests.factories import CUSTOMER, at, card, webhook
from tests.query.world import World, campaign, customer, redemption


def told(thing: dict[str, Any], **beside: Any) -> dict[str, Any]:
    """The event of a redemption, a rollback, or of one that failed."""
    rollback = thing["object"] == "redemption_rollback"
    result = "succeeded" if thing.get("result") == "SUCCESS" else "failed"
    type_ = f"redemption.rollback.{result}" if rollback else f"redemption.{result}"
    name = "redemption_rollback" if rollback else "redemption"
    return webhook(type_, {name: thing, "customer": customer(), **beside}, told=2_000)


async def test_a_redemption_is_answered_as_told_with_its_people(world: World) -> None:
    """The customer as it is now; in the order only references, in the reward the customer."""
    made = redemption(
        "r_1",
        3,
        amount=5,
        order={"id": "ord_1", "customer": customer(), "customer_id": CUSTOMER, "referrer_id": "c2"},
        reward={"id": "rew_1", "customer": customer()},
        voucher=card(4),
        channel={"channel_type": "API", "channel_id": "x"},
    )
    await world.tell(told({**made, "customer": customer()}))

    assert {
        **made,
        "customer": customer(),
        "order": {
            "id": "ord_1",
            "customer_id": CUSTOMER,
            "customer": {"id": CUSTOMER, "object": "customer"},
            "referrer_id": "c2",
            "referrer": {"id": "c2", "object": "customer"},
        },
    } == await world.get("/v1/redemptions/r_1")


async def test_a_rolled_back_redemption_says_so(world: World) -> None:
    """Whichever of both was told first; the rollback is answered by the same path."""
    rollback = redemption("rr_1", 9, rolled_back="r_1")
    await world.tell(told(rollback), told(redemption("r_1", 3)))

    answered = await world.get("/v1/redemptions/r_1")
    assert "ROLLED_BACK" == answered["status"]
    assert {"rollbacks": [{"id": "rr_1", "date": at(9)}]} == answered["related_redemptions"]
    assert {**rollback, "customer": customer()} == await world.get("/v1/redemptions/rr_1")
    listed = (await world.get("/v1/redemptions"))["redemptions"]
    assert ["SUCCEEDED", "ROLLED_BACK"] == [one["status"] for one in listed]


async def test_a_redemption_that_nobody_told_of_is_not_there(world: World) -> None:
    """Other things with its id are not it."""
    await world.tell(webhook("customer.order.paid", {"order": {"id": "r_1"}}))

    answer = await world.ask("/v1/redemptions/r_1")

    assert 404 == answer.status_code
    assert ("redemption", "r_1") == (
        answer.json()["resource_type"],
        answer.json()["resource_id"],
    )


async def test_related_redemptions_that_were_told_stay(world: World) -> None:
    """A rollback that is known from both is listed once."""
    related = {
        "redemptions": [{"id": "r_2", "date": at(3)}],
        "rollbacks": [{"id": "rr_0", "date": at(5)}, {"id": "rr_1", "date": at(9)}],
    }
    await world.tell(
        told(redemption("r_1", 3, related_redemptions=related)),
        told(redemption("rr_1", 9, rolled_back="r_1")),
    )

    assert related == (await world.get("/v1/redemptions/r_1"))["related_redemptions"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            redemption("rr_1", 9, rolled_back="r_1", result="FAILURE", status="FAILED"),
            id="a rollback that failed",
        ),
        pytest.param(redemption("r_2", 9, redemption="r_1"), id="a redemption stacked on it"),
        pytest.param(redemption("rr_1", 9, rolled_back="r_9"), id="another's rollback"),
    ],
)
async def test_other_redemptions_do_not_roll_it_back(world: World, other: dict[str, Any]) -> None:
    """Only a rollback of it that succeeded does."""
    await world.tell(told(redemption("r_1", 3)), told(other))

    answered = await world.get("/v1/redemptions/r_1")

    assert "SUCCEEDED" == answered["status"]
    assert "related_redemptions" not in answered


async def test_a_redemption_of_a_deleted_customer_has_but_its_id(world: World) -> None:
    """The redemption itself happened, and stays."""
    await world.tell(
        told(redemption("r_1", reward={"id": "rew_1", "customer": customer()})),
        webhook("customer.deleted", {"customer": {"id": CUSTOMER}}, told=9_000),
    )

    answer = await world.ask("/v1/redemptions/r_1")

    assert {"id": CUSTOMER, "object": "customer"} == answer.json()["customer"]
    assert "example.com" not in answer.text


async def test_a_redemption_by_nobody_has_no_customer(world: World) -> None:
    """Not even a reference; and the webhooks' own spelling of a status is the API's."""
    told_so = redemption("r_1", customer_id=None, status="ROLLED BACK")
    await world.tell(webhook("redemption.succeeded", {"redemption": told_so}))

    answered = await world.get("/v1/redemptions/r_1")

    assert {**told_so, "status": "ROLLED_BACK"} == answered


LISTS = {
    "": ["r_4", "r_3", "r_2", "r_1"],
    "order=created_at": ["r_1", "r_2", "r_3", "r_4"],
    "order=-id": ["r_4", "r_3", "r_2", "r_1"],
    "order=voucher_code": ["r_2", "r_1", "r_3", "r_4"],
    "order=-tracking_id": ["r_3", "r_4", "r_2", "r_1"],
    "order=customer_id": ["r_1", "r_2", "r_4", "r_3"],
    "result=SUCCESS": ["r_3", "r_2", "r_1"],
    "result=SUCCESS&result=FAILURE": ["r_4", "r_3", "r_2", "r_1"],
    "result=FAILURE": ["r_4"],
    "campaign=Gold": ["r_2"],
    "campaign=Unheard": [],
    f"customer={CUSTOMER}": ["r_4", "r_2", "r_1"],
    f"customer={CUSTOMER}@example.com": ["r_4", "r_2", "r_1"],
    f"created_at[after]={at(2)}": ["r_4", "r_3"],
    f"created_at[before]={at(2)}": ["r_1"],
}


@pytest.mark.parametrize("query", LISTS)
async def test_the_list_is_ordered_and_filtered(world: World, query: str) -> None:
    """By everything that the vendor documents but its `filters`."""
    other = {"id": "v_2", "code": "A-FIRST"}
    await world.tell(
        webhook("voucher.created", {"voucher": card(0)}),
        told(redemption("r_1", 1, voucher=card(0))),
        told(redemption("r_2", 2, voucher=other), voucher=other, campaign=campaign("c", "Gold")),
        told(redemption("r_3", 3, customer_id="cust_2", tracking_id="z")),
        told(redemption("r_4", 4, result="FAILURE", status="FAILED")),
    )

    assert LISTS[query] == await world.ids(f"/v1/redemptions?{query}")
    assert len(LISTS[query]) == await world.total(f"/v1/redemptions?{query}")


@pytest.mark.parametrize(
    "query",
    ["result=OK", "result=SUCCESS&result=x", "page=100", "created_at=2025-01-01", "filters[a]=b"],
)
async def test_parameters_that_can_not_be_applied_are_refused(world: World, query: str) -> None:
    """Rather than answering a wrong list."""
    assert 400 == await world.status(f"/v1/redemptions?{query}")
