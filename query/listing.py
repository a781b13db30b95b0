"""Lists by page: from a list's parameters to a selection, from what was found to the envelope.

A list is a row of a table: which kind, which orders, which filters. Nothing here knows a path.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from query import conditions
from query.asked import Asked
from query.described import TEXT, Answer, Parameter, Value
from query.parameters import DEFAULT_LIMIT, MAX_LIMIT, Parameters
from query.paths import Handler, Path
from state.reader import Thing
from state.selection import AnyOf, Condition, Criteria, Selection

Wanted = Callable[[Asked, str], Awaitable[Criteria | None]]
"""What the parameter of this name asks for; None where nothing can meet it."""

Order = str | tuple[str, ...]
"""A column of the state, or several of which the first known one counts."""

BY_DATE: Final[Mapping[str, Order]] = MappingProxyType(
    {"created_at": "created", "updated_at": "updated"}
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that narrows a list, and what it takes; with `options` it is `name[option]`."""

    wanted: Wanted
    value: Value = TEXT
    options: tuple[str, ...] = ()
    repeated: bool = False


LIMIT: Final = Parameter("limit", Value("integer", (), 1, MAX_LIMIT, DEFAULT_LIMIT))


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of list.

    `fields` are those that `filters[…]` takes; `refused` are parameters that are documented and not
    applied here.
    """

    kind: str
    data_ref: str
    orders: Mapping[str, Order] = field(default_factory=lambda: BY_DATE)
    default_order: str = "-created_at"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    fields: conditions.Fields = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    pages: int = 100
    hidden: bool = False

    @property
    def takes(self) -> tuple[Parameter, ...]:
        """The parameters that are applied, as an OpenAPI document says it."""
        page = Parameter("page", Value("integer", (), 1, self.pages, 1))
        order = Value("string", signed(self.orders), default=self.default_order)
        narrowing = described(self.filters, self.fields)
        return (LIMIT, page, Parameter("order", order), *narrowing)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how many things the whole list has."""

    things: Sequence[Thing]
    total: int
    has_more: bool


def path(
    template: str,
    handler: Handler,
    summary: str,
    schema: str,
    listing: Listing,
    beside: tuple[str, ...] = ("total",),
) -> Path:
    """The row of a path that answers a list; what it takes is what the list's own row says."""
    return Path(template, handler, summary, Answer(schema, listing.data_ref, beside), listing.takes)


async def read(asked: Asked, listing: Listing, *always: Condition | AnyOf) -> Page:
    """The page that the parameters ask for, of what also meets the conditions given here."""
    parameters = asked.parameters
    parameters.refuse(listing.refused)
    order, descending = ordering(parameters, listing.orders, listing.default_order)
    limit, page = parameters.limit(), parameters.page(listing.pages)
    narrowed = await wanted(asked, listing.filters, listing.fields)
    if narrowed is None:
        return Page((), 0, has_more=False)
    selection = Selection(
        asked.project,
        listing.kind,
        (*always, *narrowed),
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
    chosen = parameters.choice("order", signed(orders)) or default
    return orders[chosen.removeprefix("-")], chosen.startswith("-")


def signed(orders: Iterable[str]) -> tuple[str, ...]:
    """The values of an `order` parameter: each name ascending and descending."""
    return tuple(sign + name for name in orders for sign in ("", "-"))


def envelope(data_ref: str, things: Sequence[Any], **more: Any) -> dict[str, Any]:
    """The vendor's list object."""
    return {"object": "list", "data_ref": data_ref, data_ref: things, **more}


async def wanted(
    asked: Asked, filters: Mapping[str, Filter], fields: conditions.Fields
) -> Criteria | None:
    """What all given filters ask for together. Each is read, so that each bad one is refused."""
    given = [name for name in filters if name in asked.parameters.given]
    found = [await filters[name].wanted(asked, name) for name in given]
    criteria = await conditions.asked_for(asked, fields)
    for one in found:
        if one is None:
            return None
        criteria += one
    return criteria


def described(filters: Mapping[str, Filter], fields: conditions.Fields) -> Iterator[Parameter]:
    """The parameters that narrow a list."""
    for name, one in filters.items():
        for option in one.options:
            yield Parameter(f"{name}[{option}]", one.value)
        if not one.options:
            yield Parameter(name, one.value, repeated=one.repeated)
    yield from conditions.parameters(fields)


async def _page(asked: Asked, selection: Selection) -> Page:
    things = await asked.reader.find(selection)
    seen = selection.offset + len(things)
    ends_here = len(things) < selection.limit and (things or not selection.offset)
    total = seen if ends_here else await asked.reader.count(selection)
    return Page(things, total, has_more=seen < total)
