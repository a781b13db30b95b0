"""What a list asks for: one kind of thing of one project, conditions, an order, a page.

The names of columns are checked here, because they become part of the SQL text; values never do.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from state import kinds
from state.sqltext import escape

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null"]

COLUMNS: Final = frozenset({"id", "name", "voucher", "campaign", "customer", "created", "updated"})
_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "in", "not in"})
_FIELD: Final = re.compile(r"fields\.[a-z_]+(\.[a-z_]+)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """`column` is one of COLUMNS, or `fields.<name>` for any other field told of the thing.

    Moments (`created`, `updated`) are in ms; `in` and `not in` take a tuple.
    """

    column: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Things of one kind that meet all conditions, `limit` of them after `offset`."""

    project: str
    kind: str
    conditions: tuple[Condition, ...] = ()
    order: str = "created"
    descending: bool = True
    limit: int = 10
    offset: int = 0


def where(selection: Selection) -> tuple[str, list[Any]]:
    """The WHERE clause of a selection and its parameters.

    A gone thing is not there, and neither is what goes with its campaign when that one is gone.
    """
    clauses = ["t.project = ?", "t.kind = ?", "t.gone = 0"]
    values: list[Any] = [escape(selection.project), selection.kind]
    if kinds.KINDS[selection.kind].goes_with_campaign:
        clauses.append(CAMPAIGN_IS_THERE)
    for condition in selection.conditions:
        clause, bound = _clause(condition)
        clauses.append(clause)
        values += bound
    return " AND ".join(clauses), values


def order_by(selection: Selection) -> str:
    """The ORDER BY clause: ties in the order are settled by id, so that pages never overlap."""
    direction = "DESC" if selection.descending else "ASC"
    return f"{_expression(selection.order)} {direction}, t.id {direction}"


CAMPAIGN_IS_THERE: Final = (
    "NOT EXISTS (SELECT 1 FROM thing AS c WHERE c.project = t.project AND c.kind = 'campaign'"
    " AND c.id = t.campaign AND c.gone = 1)"
)


def _clause(condition: Condition) -> tuple[str, list[Any]]:
    expression = _expression(condition.column)
    if condition.operator in ("is null", "is not null"):
        return f"{expression} {condition.operator.upper()}", []
    if condition.operator not in _OPERATORS:
        raise ValueError(f"no such operator: {condition.operator}")
    if condition.operator in ("in", "not in"):
        values = [_bound(value) for value in condition.value]
        marks = ", ".join("?" * len(values))
        return f"{expression} {condition.operator.upper()} ({marks})", values
    return f"{expression} {condition.operator} ?", [_bound(condition.value)]


def _bound(value: Any) -> Any:
    return escape(value) if isinstance(value, str) else value


def _expression(column: str) -> str:
    if column in COLUMNS:
        return f"t.{column}"
    if not _FIELD.fullmatch(column):
        raise ValueError(f"no such column: {column}")
    return f"""json_extract(CAST(t.fields AS TEXT), '$."{column.removeprefix("fields.")}"')"""
