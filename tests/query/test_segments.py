"""Segments, and the customers who entered and left them."""

from typing import Any

from tests.factories import CUSTOMER, webhook
from tests.query.world import World, customer

NEW = {"id": "seg_1", "name": "New", "object": "segment"}
OLD = {"id": "seg_2", "object": "segment"}
MINE = f"/v1/customers/{CUSTOMER}/segments"


def moved(what: str, segment: dict[str, Any], when: int) -> dict[str, Any]:
    """The customer enters or leaves a segment."""
    told = {"customer": customer(), "segment": segment}
    return webhook(f"customer.segment.{what}", told, told=when)


async def test_a_segment_is_answered_as_it_was_told(world: World) -> None:
    """What its filter is nobody told, so it is absent."""
    await world.tell(moved("entered", NEW, 1))

    assert NEW == await world.get("/v1/segments/seg_1")
    assert 404 == await world.status("/v1/segments/seg_9")


async def test_a_customer_is_in_the_segments_they_entered(world: World) -> None:
    """Until they leave them, whatever order that was told in."""
    await world.tell(
        moved("left", NEW, 3),
        moved("entered", NEW, 2),
        moved("entered", OLD, 1),
    )

    assert {
        "object": "list",
        "data_ref": "data",
        "data": [OLD],
        "total": 1,
    } == await world.get(MINE)
    assert ["seg_2"] == await world.ids(f"/v1/customers/{CUSTOMER}%40example.com/segments")


async def test_segments_are_of_one_customer(world: World) -> None:
    """A customer who was told of and entered none is in none; of others nothing is known."""
    await world.tell(
        moved("entered", NEW, 1),
        webhook("customer.created", {"customer": customer("cust_2")}),
    )

    assert [] == await world.ids("/v1/customers/cust_2/segments")
    assert 404 == await world.status("/v1/customers/cust_3/segments")


async def test_what_needs_voucherify_itself_says_so(world: World) -> None:
    """What may be redeemed is decided live."""
    await world.tell(webhook("customer.created", {"customer": customer()}))

    answer = await world.ask(f"/v1/customers/{CUSTOMER}/redeemables")

    assert (501, "not_held_locally") == (answer.status_code, answer.json()["key"])
