"""What a list asks for: one kind of thing of one project, conditions, an order, a page.

What becomes SQL of it stands in `state/selecting.py`.
"""

from dataclasses import dataclass
from typing import Any, Literal

Partial = Literal["starts with", "ends with", "contains"]
Operator = (
    Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null", "has", "of"]
    | Partial
    | Literal["does not contain"]
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A column and what holds for it.

    `column` is one of `id`, `name`, `voucher`, `campaign`, `customer`, `created`, `updated`, or
    `fields.<name>` for any other field told of the thing. `fields.<struct>.` is known where the
    struct was told as an object; `fields.<name>/<inner>` is a field of an object that is no struct.
    `voucher.<column>`, `customer.<column>` and `campaign.<column>` are columns of the voucher,
    customer or campaign that the thing belongs to, `tracking.<column>` of what it is tracked by.
    Moments (`created`, `updated`) are in ms; `in` and `not in` take a tuple; `has` is for a field
    that is a list, and holds the value; `of` takes a `ColumnOf`, and is for ids and names.

    What is unknown or null meets `is null` only. A value of another sort (text, number, boolean)
    than the one asked for is neither equal to it nor before or behind it. `created` is unknown
    where it is 0. A text with a NUL in it starts with, ends with and contains nothing, and the
    columns hold but the beginning of a very long text: fields are to be asked for parts of texts.
    """

    column: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one alternative holds; an alternative holds where all its conditions do."""

    alternatives: "tuple[Criteria, ...]"


Criteria = tuple[Condition | AnyOf, ...]
"""All of them hold."""


@dataclass(frozen=True, slots=True)
class ColumnOf:
    """The values of a column of all things of a kind that meet all conditions."""

    column: str
    kind: str
    conditions: Criteria


@dataclass(frozen=True, slots=True)
class Selection:
    """Things of one kind that meet all conditions, `limit` of them after `offset`.

    `after` is the id of a thing that the page begins behind, in the order of `created` or `id`;
    there is nothing behind one that was never told.

    They are ordered by a column, or by the first of several that is a known text, what is unknown
    last; numbers stand before texts, and texts are ordered by their code points. `hidden` asks for
    the fields that are for looking up only, too.
    """

    project: str
    kind: str
    conditions: Criteria = ()
    order: str | tuple[str, ...] = "created"
    descending: bool = True
    limit: int = 10
    offset: int = 0
    after: str | None = None
    hidden: bool = False
