"""Customers: as they are known, and in the simple form in which other things mention them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from query import errors, filters, listing
from query.asked import Asked
from query.described import MOMENT, Answer
from query.errors import not_found
from query.listing import Filter, Listing, Order
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import AnyOf, ColumnOf, Condition, Criteria, Operator

_SIMPLE: Final = ("id", "name", "email", "source_id", "metadata")
_ORDERS: Final[Mapping[str, Order]] = {**listing.BY_DATE, "source_id": "name"}
_DEFAULT_ORDER: Final = "-created_at"
IS_MEMBER: Final = Condition("fields.is_member", "=", value=True)


async def _in_segment(asked: Asked, name: str) -> Criteria:
    """Those who were told to be in the segment; nobody is, of a segment never told."""
    of_it = Condition("name", "=", asked.parameters.only(name))
    members = ColumnOf("customer", kinds.SEGMENT_MEMBERSHIP, (of_it, IS_MEMBER))
    return (Condition("id", "of", members),)


async def _behind(asked: Asked, name: str) -> Criteria:
    """The list goes on behind this moment, by whichever moment it is ordered."""
    column, descending = listing.ordering(asked.parameters, _ORDERS, _DEFAULT_ORDER)
    operator: Operator = "<" if descending else ">"
    moment = asked.parameters.moment(name)
    match column:
        case "created":
            return (Condition("created", operator, moment),)
        case "updated":  # who never was stands last
            behind, never = Condition("updated", operator, moment), Condition("updated", "is null")
            return (AnyOf(((behind,), (never,))),)
    raise errors.bad_parameter(name, "goes with an order by created_at or updated_at")


CUSTOMERS: Final = Listing(
    kind=kinds.CUSTOMER,
    data_ref="customers",
    orders=_ORDERS,
    default_order=_DEFAULT_ORDER,
    filters={
        "email": filters.equals("fields.email"),
        "city": filters.equals("fields.address/city"),
        "name": filters.equals("fields.name"),
        "segment_id": Filter(_in_segment),
        "created_at": filters.period("created"),
        "updated_at": filters.period("updated"),
        "starting_after": Filter(_behind, MOMENT),
    },
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
