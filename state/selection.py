"""What a list asks for: one kind of thing of one project, conditions, an order, a page.

The names of columns are checked here, because they become part of the SQL text; values never do.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from state import kinds
from state.sqltext import escape

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null", "has"]

COLUMNS: Final = frozenset({"id", "name", "voucher", "campaign", "customer", "created", "updated"})
_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "in", "not in"})
_NEVER_NULL: Final = frozenset({"id", "created"})
_FIELD: Final = re.compile(r"fields\.[a-z_]+(\.[a-z_]*)?")
_BELONGS_TO: Final = {"voucher": kinds.VOUCHER, "customer": kinds.CUSTOMER}
_HAS: Final = "{value} IN (SELECT item.value FROM json_each({path}) AS item)"
_CAMPAIGN_IS_THERE: Final = (
    "NOT EXISTS (SELECT 1 FROM thing AS c WHERE c.project = {project} AND c.kind = 'campaign'"
    " AND c.id = {campaign} AND c.gone = 1)"
)
_OTHER: Final = (
    "(SELECT {expression} FROM thing AS other WHERE other.project = t.project"
    " AND other.kind = '{kind}' AND other.id = t.{column})"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """`column` is one of COLUMNS, or `fields.<name>` for any other field told of the thing.

    `fields.<struct>.` is known where the struct was told as an object. `voucher.<column>` and
    `customer.<column>` are columns of the voucher or customer that the thing belongs to. Moments
    (`created`, `updated`) are in ms; `in` and `not in` take a tuple; `has` is for a field that is a
    list, and holds the value.
    """

    column: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one alternative holds; an alternative holds where all its conditions do."""

    alternatives: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Things of one kind that meet all conditions, `limit` of them after `offset`.

    They are ordered by a column, or by the first of several that is known, what is unknown last.
    `hidden` asks for the fields that are for looking up only, too.
    """

    project: str
    kind: str
    conditions: tuple[Condition | AnyOf, ...] = ()
    order: str | tuple[str, ...] = "created"
    descending: bool = True
    limit: int = 10
    offset: int = 0
    hidden: bool = False


def where(selection: Selection) -> tuple[str, list[Any]]:
    """The WHERE clause of a selection and its parameters.

    A gone thing is not there, and neither is what goes with its campaign when that one is gone.
    """
    clauses = ["t.project = ?", "t.kind = ?", "t.gone = 0"]
    values: list[Any] = [escape(selection.project), selection.kind]
    if kinds.KINDS[selection.kind].goes_with_campaign:
        clause, bound = _campaign_is_there(selection)
        clauses.append(clause)
        values += bound
    for condition in selection.conditions:
        clause, bound = _clause(condition)
        clauses.append(clause)
        values += bound
    return " AND ".join(clauses), values


def order_by(selection: Selection) -> str:
    """The ORDER BY clause: ties in the order are settled by id, so that pages never overlap."""
    direction = "DESC" if selection.descending else "ASC"
    order = selection.order
    if order in _NEVER_NULL:
        # The plus keeps SQLite from walking the whole kind in order where names select a few.
        plus = "+" if any(_is_named(one) for one in selection.conditions) else ""
        return f"{plus}t.{order} {direction}, t.id {direction}"
    columns = (order,) if isinstance(order, str) else order
    expressions = ", ".join(_expression(column) for column in columns)
    known = expressions if len(columns) == 1 else f"coalesce({expressions})"
    return f"{known} {direction} NULLS LAST, t.id {direction}"


def _is_named(condition: Condition | AnyOf) -> bool:
    return isinstance(condition, Condition) and condition.column == "name"


def _campaign_is_there(selection: Selection) -> tuple[str, list[Any]]:
    """The campaign is not gone; asked once, not for each thing, where all are of one campaign."""
    for one in selection.conditions:
        if isinstance(one, Condition) and (one.column, one.operator) == ("campaign", "="):
            values = [escape(selection.project), escape(one.value)]
            return _CAMPAIGN_IS_THERE.format(project="?", campaign="?"), values
    return _CAMPAIGN_IS_THERE.format(project="t.project", campaign="t.campaign"), []


def _clause(condition: Condition | AnyOf) -> tuple[str, list[Any]]:
    if isinstance(condition, Condition):
        return _simple_clause(condition)
    alternatives: list[str] = []
    values: list[Any] = []
    for alternative in condition.alternatives:
        clauses = [_simple_clause(one) for one in alternative]
        alternatives.append("(" + " AND ".join(clause for clause, _ in clauses) + ")")
        values += [value for _, bound in clauses for value in bound]
    return "(" + " OR ".join(alternatives) + ")", values


def _simple_clause(condition: Condition) -> tuple[str, list[Any]]:
    column, operator = condition.column, condition.operator
    if operator == "has":
        mark, value = _bound(column, condition.value)
        return _HAS.format(value=mark, path=_path(column, "t")), [value]
    expression = _expression(column)
    if operator in ("is null", "is not null"):
        return f"{expression} {operator.upper()}", []
    if operator not in _OPERATORS:
        raise ValueError(f"no such operator: {operator}")
    if operator in ("in", "not in"):
        bound = [_bound(column, value) for value in condition.value]
        marks = ", ".join(mark for mark, _ in bound)
        return f"{expression} {operator.upper()} ({marks})", [value for _, value in bound]
    mark, value = _bound(column, condition.value)
    return f"{expression} {operator} {mark}", [value]


def _bound(column: str, value: Any) -> tuple[str, Any]:
    """A parameter's mark and value. Documents hold text as it is, columns hold it escaped."""
    if not isinstance(value, str):
        return "?", value
    if "fields." in column:
        return "CAST(? AS TEXT)", value.encode("utf-8", "surrogatepass")
    return "?", escape(value)


def _expression(column: str, row: str = "t") -> str:
    if column in COLUMNS:
        return f"{row}.{column}"
    reference, _, inner = column.partition(".")
    if row == "t" and reference in _BELONGS_TO and inner:
        return _OTHER.format(
            expression=_expression(inner, "other"), kind=_BELONGS_TO[reference], column=reference
        )
    return f"json_extract({_path(column, row)})"


def _path(column: str, row: str) -> str:
    if not _FIELD.fullmatch(column):
        raise ValueError(f"no such column: {column}")
    return f"""CAST({row}.fields AS TEXT), '$."{column.removeprefix("fields.")}"'"""
