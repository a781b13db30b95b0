"""Orders, alone and inside redemptions; who placed them is told by id only, as the vendor does."""

from typing import Any, Final

from query import customers, listing
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing

ORDERS: Final = Listing(kind=kinds.ORDER, data_ref="orders")

_PEOPLE: Final = ("customer", "referrer")


async def get_order(asked: Asked) -> Thing:
    """An order by id or source id."""
    name = asked.names["orderId"]
    order = await asked.find(kinds.ORDER, name)
    if order is None:
        raise not_found(kinds.ORDER, name)
    return shape(order)


async def list_orders(asked: Asked) -> dict[str, Any]:
    """A page of all orders."""
    page = await listing.read(asked, ORDERS)
    things = [shape(order) for order in page.things]
    return listing.envelope(ORDERS.data_ref, things, total=page.total)


def shape(order: Thing) -> Thing:
    """The order with references to its people, whom the state keeps elsewhere."""
    people = {name: order.get(f"{name}_id") for name in _PEOPLE}
    told = {name: id_ for name, id_ in people.items() if isinstance(id_, str)}
    return order | {name: customers.reference(id_) for name, id_ in told.items()}


PATHS: Final = (
    listing.path("/v1/orders", list_orders, "All orders", "Order", ORDERS),
    Path("/v1/orders/{orderId}", get_order, "One order, by id or source id", Answer("Order")),
)
