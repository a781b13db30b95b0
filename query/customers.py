"""Customers: as they are known, and in the simple form in which other things mention them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from query import filters, listing
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing

_SIMPLE: Final = ("id", "name", "email", "source_id", "metadata")

CUSTOMERS: Final = Listing(
    kind=kinds.CUSTOMER,
    data_ref="customers",
    # Webhooks tell no `updated_at` of a customer, so nothing can be ordered or filtered by it.
    orders={"created_at": "created", "source_id": "name"},
    filters={
        "email": filters.equals("fields.email"),
        "name": filters.equals("fields.name"),
        "created_at": filters.period("created"),
    },
    refused=frozenset({"city", "segment_id", "updated_at", "starting_after"}),
    pages=99,
)


async def get_customer(asked: Asked) -> Thing:
    """A customer by id or source id."""
    name = asked.names["customerId"]
    customer = await asked.find(kinds.CUSTOMER, name)
    if customer is None:
        raise not_found(kinds.CUSTOMER, name)
    return customer


async def list_customers(asked: Asked) -> dict[str, Any]:
    """A page of all customers."""
    page = await listing.read(asked, CUSTOMERS)
    return listing.envelope(
        CUSTOMERS.data_ref, page.things, total=page.total, has_more=page.has_more
    )


async def by_id(asked: Asked, ids: Iterable[Any]) -> Mapping[str, Thing]:
    """Customers for joining, in the simple form; those that are not there are left out."""
    wanted = sorted({id_ for id_ in ids if isinstance(id_, str)})
    if not wanted:
        return {}
    found = await asked.reader.get_many(asked.project, kinds.CUSTOMER, wanted)
    return {id_: simple(customer) for id_, customer in found.items()}


def simple(customer: Thing) -> Thing:
    """The simple form of a customer."""
    told = {name: customer[name] for name in _SIMPLE if name in customer}
    return told | {"object": "customer"}


def reference(id_: str) -> Thing:
    """What is left to say of a customer who was deleted, or of whom nothing else was told."""
    return {"id": id_, "object": "customer"}


PATHS: Final = (
    listing.path(
        "/v1/customers",
        list_customers,
        "All customers",
        "Customer",
        CUSTOMERS,
        beside=("total", "has_more"),
    ),
    Path(
        "/v1/customers/{customerId}",
        get_customer,
        "One customer, by id or source id",
        Answer("Customer"),
    ),
)
