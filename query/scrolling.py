"""Lists that go on behind a thing: `starting_after_id` names it, `has_more` says whether they do.

Such a list is a row of a table, as one by page is (`query/listing.py`). A cursor is a place in the
order, not a number of things to skip: what is added or goes between two pages moves nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from query import listing
from query.asked import Asked
from query.conditions import Fields
from query.described import Answer, Parameter, Value
from query.errors import not_found
from query.listing import LIMIT, Filter
from query.paths import Handler, Path
from state.reader import Thing
from state.selection import AnyOf, Condition, Criteria, Selection

CURSOR: Final = "starting_after_id"
DATA: Final = "data"

_BESIDE: Final = ("has_more", "more_starting_after")

BY_ID: Final[Mapping[str, str]] = MappingProxyType({"id": "id"})
BY_AGE: Final[Mapping[str, str]] = MappingProxyType({"id": "created"})
"""The vendor's ids grow with time; ours say nothing, so the moment stands for them."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """One kind of list; `orders` are columns that are `id` or `created`. See Listing.

    `shape` makes the vendor's object of a thing; one that is `counted` says its `total`, too. Where
    things are not kept by the ids that they are answered with, `cursor` is the column of those, and
    `key` what a thing is kept by.
    """

    kind: str
    orders: Mapping[str, str] = field(default_factory=lambda: BY_ID)
    default_order: str = "-id"
    filters: Mapping[str, Filter] = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    shape: Callable[[Thing], Thing] = dict
    counted: bool = False
    cursor: str = "id"
    key: Callable[[Thing], str] = lambda thing: str(thing["id"])

    @property
    def takes(self) -> tuple[Parameter, ...]:
        """See Listing."""
        order = Value("string", listing.signed(self.orders), default=self.default_order)
        narrowing = listing.described(self.filters, self.fields)
        return (LIMIT, Parameter("order", order), Parameter(CURSOR), *narrowing)


def path(template: str, handler: Handler, summary: str, schema: str, scroll: Scroll) -> Path:
    """The row of a path that answers such a list."""
    beside = ("total", *_BESIDE) if scroll.counted else _BESIDE
    return Path(template, handler, summary, Answer(schema, DATA, beside), scroll.takes)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, of which there may be more behind it; counted ones have a total."""

    things: Sequence[Thing]
    has_more: bool
    total: int | None = None


async def answer(asked: Asked, scroll: Scroll, *always: Condition | AnyOf) -> dict[str, Any]:
    """What the parameters ask for, of what also meets the conditions given here."""
    page = await read(asked, scroll, *always)
    things = [scroll.shape(one) for one in page.things]
    counted = {} if page.total is None else {"total": page.total}
    return envelope(things, has_more=page.has_more) | counted


async def read(asked: Asked, scroll: Scroll, *always: Condition | AnyOf) -> Page:
    """The page that the parameters ask for, its things as they are kept."""
    parameters = asked.parameters
    limit = parameters.limit()
    column, descending = ordering(asked, scroll)
    after = parameters.one(CURSOR)
    narrowed = await listing.wanted(asked, scroll.filters, scroll.fields)
    if narrowed is None:
        return Page((), has_more=False)
    whole = Selection(
        asked.project,
        scroll.kind,
        (*always, *narrowed),
        order=column,
        descending=descending,
    )
    if after is not None:
        after = await _behind(asked, scroll, after, always)
    page = replace(whole, limit=limit + 1, after=after)
    found = await asked.reader.find(page)
    total = await asked.reader.count(whole) if scroll.counted else None
    return Page(found[:limit], len(found) > limit, total)


def envelope(entries: Sequence[Mapping[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """The vendor's list object for lists that go on behind their last entry."""
    more: dict[str, Any] = {"has_more": has_more}
    if has_more:
        more["more_starting_after"] = entries[-1].get("id")
    return listing.envelope(DATA, entries, **more)


def ordering(asked: Asked, scroll: Scroll) -> tuple[str, bool]:
    """The column that is ordered by, and whether it descends. Raises ApiError (400)."""
    chosen = asked.parameters.choice("order", listing.signed(scroll.orders)) or scroll.default_order
    return scroll.orders[chosen.removeprefix("-")], chosen.startswith("-")


async def _behind(asked: Asked, scroll: Scroll, after: str, always: Criteria) -> str:
    """What the thing of a cursor is kept by; in an order by id, it need not be there any more."""
    if ordering(asked, scroll)[0] == "id":
        return after
    named = (*always, Condition(scroll.cursor, "=", after))
    found = await asked.reader.find(
        Selection(asked.project, scroll.kind, named, limit=1, hidden=True)
    )
    if not found:
        raise not_found(scroll.kind, after)
    return scroll.key(found[0])
