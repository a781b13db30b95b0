"""Customers are found, listed and narrowed down by what webhooks tell of them."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.factories import CUSTOMER, at, webhook
from tests.query.world import World, customer

SEGMENT = {"id": "seg_1", "name": "New", "object": "segment"}


def moved(what: str, who: dict[str, Any], when: int = 1, **more: Any) -> dict[str, Any]:
    """A customer enters or leaves a segment."""
    return webhook(
        f"customer.segment.{what}", {"customer": who, "segment": SEGMENT | more}, told=when
    )


@pytest.mark.parametrize(
    "source_id", ["ada@example.com", "shop/7", "a+b c", "ąę/🎁", "\0", "cust_2", "?"]
)
async def test_a_customer_is_found_by_id_or_source_id(world: World, source_id: str) -> None:
    """Whatever its source id holds."""
    ada = customer(source_id=source_id, created_at=at(1), phone=None)
    await world.tell(webhook("customer.created", {"customer": ada}))

    assert ada == await world.get(f"/v1/customers/{CUSTOMER}")
    assert ada == await world.get(f"/v1/customers/{quote(source_id, safe='')}")


async def test_a_deleted_customer_is_not_there(world: World) -> None:
    """By no name, in no list."""
    await world.tell(
        moved("entered", customer()),
        webhook("customer.deleted", {"customer": {"id": CUSTOMER}}),
    )

    assert 404 == await world.status(f"/v1/customers/{CUSTOMER}")
    assert 404 == await world.status(f"/v1/customers/{CUSTOMER}%40example.com")
    assert 404 == await world.status(f"/v1/customers/{CUSTOMER}/segments")
    assert [] == await world.ids("/v1/customers")
    assert [] == await world.ids("/v1/customers?segment_id=seg_1")


async def test_when_a_customer_was_updated_is_only_looked_up_by(world: World) -> None:
    """Where the customer does not say it, the event's moment is no field of theirs."""
    await world.tell(webhook("customer.updated", {"customer": customer()}, told=5))

    assert customer() == await world.get(f"/v1/customers/{CUSTOMER}")
    assert [CUSTOMER] == await world.ids(f"/v1/customers?updated_at[after]={at(4)}")


CUSTOMERS = {
    "": ["c_3", "c_2", "c_1"],
    "order=created_at": ["c_1", "c_2", "c_3"],
    "order=source_id": ["c_3", "c_2", "c_1"],
    "order=-source_id": ["c_1", "c_2", "c_3"],
    "order=updated_at": ["c_1", "c_2", "c_3"],
    "order=-updated_at": ["c_2", "c_1", "c_3"],
    "email=ada%40example.com": ["c_1"],
    "name=Ada": ["c_2", "c_1"],
    "name=Zoe%5C": ["c_3"],
    "city=Katowice": ["c_2", "c_1"],
    "city=katowice": [],
    "city=Katowice&name=Ada&email=ada%40example.com": ["c_1"],
    "segment_id=seg_1": ["c_3", "c_1"],
    "segment_id=seg_1&order=created_at": ["c_1", "c_3"],
    "segment_id=seg_1&city=Katowice": ["c_1"],
    "segment_id=seg_9": [],
    f"created_at[before]={at(2)}": ["c_1"],
    f"updated_at[after]={at(5)}": ["c_2"],
    f"updated_at[before]={at(9)}": ["c_1"],
    f"starting_after={at(3)}": ["c_2", "c_1"],
    f"starting_after={at(1)}": [],
    f"starting_after={at(1)}&order=created_at": ["c_2", "c_3"],
    f"starting_after={at(5)}&order=updated_at": ["c_2", "c_3"],
    f"starting_after={at(9)}&order=-updated_at": ["c_1", "c_3"],
    f"starting_after={at(3)}&segment_id=seg_1": ["c_1"],
}


@pytest.mark.parametrize("query", CUSTOMERS)
async def test_customers_are_listed(world: World, query: str) -> None:
    """What was never told is in no period, and stands last."""
    city = {"city": "Katowice", "state": None}
    one = customer("c_1", source_id="z", email="ada@example.com", created_at=at(1), address=city)
    two = customer("c_2", source_id="y", created_at=at(2), address=city)
    three = customer("c_3", source_id="x", name="Zoe\\", created_at=at(3), address="Katowice")
    await world.tell(
        *(webhook("customer.created", {"customer": each}) for each in (one, two, three)),
        webhook("customer.updated", {"customer": one | {"updated_at": at(5)}}, told=6),
        webhook("customer.updated", {"customer": two}, told=9),
        moved("entered", one, 1_000),
        moved("entered", three, 1_000),
        moved("entered", two, 1_000),
        moved("left", two, 1_001),
        moved("entered", two, 1_002, id="seg_2"),
    )

    assert CUSTOMERS[query] == await world.ids(f"/v1/customers?{query}")
    first = await world.get(f"/v1/customers?{query}&limit=1")
    assert (len(CUSTOMERS[query]) > 1) == first["has_more"]
    assert len(CUSTOMERS[query]) == first["total"]


async def test_pages_of_customers_behind_a_moment(world: World) -> None:
    """As a reader goes on behind the last customer of a page."""
    told = (customer(f"c_{number}", created_at=at(number)) for number in range(1, 8))
    await world.tell(*(webhook("customer.created", {"customer": one}) for one in told))

    found: list[str] = []
    behind = ""
    while page := (await world.get(f"/v1/customers?limit=3{behind}"))["customers"]:
        found += [one["id"] for one in page]
        behind = f"&starting_after={page[-1]['created_at']}"

    assert [f"c_{number}" for number in range(7, 0, -1)] == found
