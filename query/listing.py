"""Lists by page: from a list's parameters to a selection, from what was found to the envelope.

A list is a row of a table: which kind, which orders, which filters. Nothing here knows a path.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from query.asked import Asked
from query.parameters import Parameters
from state.reader import Thing
from state.selection import AnyOf, Condition, Selection

Criteria = tuple[Condition | AnyOf, ...]
Filter = Callable[[Asked, str], Awaitable[Criteria | None]]
"""What the parameter of this name asks for; None where nothing can meet it."""

Order = str | tuple[str, ...]
"""A column of the state, or several of which the first known one counts."""

BY_DATE: Final[Mapping[str, Order]] = MappingProxyType(
    {"created_at": "created", "updated_at": "updated"}
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of list. `refused` are parameters that are documented and not applied here."""

    kind: str
    data_ref: str
    orders: Mapping[str, Order] = field(default_factory=lambda: BY_DATE)
    default_order: str = "-created_at"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    pages: int = 100
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how many things the whole list has."""

    things: Sequence[Thing]
    total: int
    has_more: bool


async def read(asked: Asked, listing: Listing, *always: Condition | AnyOf) -> Page:
    """The page that the parameters ask for, of what also meets the conditions given here."""
    parameters = asked.parameters
    parameters.refuse(listing.refused | {"filters"})
    order, descending = ordering(parameters, listing.orders, listing.default_order)
    limit, page = parameters.limit(), parameters.page(listing.pages)
    conditions = await _conditions(asked, listing)
    if conditions is None:
        return Page((), 0, has_more=False)
    selection = Selection(
        asked.project,
        listing.kind,
        (*always, *conditions),
        order=order,
        descending=descending,
        limit=limit,
        offset=(page - 1) * limit,
        hidden=listing.hidden,
    )
    return await _page(asked, selection)


async def answer(asked: Asked, listing: Listing, *always: Condition | AnyOf) -> dict[str, Any]:
    """The envelope of a list whose things are answered as they are kept."""
    page = await read(asked, listing, *always)
    return envelope(listing.data_ref, page.things, total=page.total)


def ordering(
    parameters: Parameters, orders: Mapping[str, Order], default: str
) -> tuple[Order, bool]:
    """The column of the `order` parameter, and whether it descends. Raises ApiError (400)."""
    allowed = [sign + name for name in orders for sign in ("", "-")]
    chosen = parameters.choice("order", allowed) or default
    return orders[chosen.removeprefix("-")], chosen.startswith("-")


def envelope(data_ref: str, things: Sequence[Any], **more: Any) -> dict[str, Any]:
    """The vendor's list object."""
    return {"object": "list", "data_ref": data_ref, data_ref: things, **more}


async def _conditions(asked: Asked, listing: Listing) -> Criteria | None:
    """What all given filters ask for together. Each is read, so that each bad one is refused."""
    given = asked.parameters.given
    found = [await wanted(asked, name) for name, wanted in listing.filters.items() if name in given]
    criteria: Criteria = ()
    for one in found:
        if one is None:
            return None
        criteria += one
    return criteria


async def _page(asked: Asked, selection: Selection) -> Page:
    things = await asked.reader.find(selection)
    seen = selection.offset + len(things)
    ends_here = len(things) < selection.limit and (things or not selection.offset)
    total = seen if ends_here else await asked.reader.count(selection)
    return Page(things, total, has_more=seen < total)
