"""A selection as SQL, in the dialect of a database.

Only names that `state/subjects.py` knows become part of the SQL text; values never do.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from state import kinds
from state.selection import AnyOf, ColumnOf, Condition, Partial, Selection
from state.subjects import Column, Field, subject_of
from state.terms import Sort, Terms

_COMPARISONS: Final = frozenset({"=", "<", "<=", ">", ">="})
_NAMED: Final = frozenset({("voucher", "="), ("customer", "=")})
_NEVER_NULL: Final = frozenset({"id", "created"})


def things(selection: Selection, terms: Terms, columns: str) -> str:
    """The statement that brings one page of a selection."""
    clause = where(selection, terms)
    order = _order_by(selection, terms)
    limit = terms.bind(selection.limit, "moment")
    offset = terms.bind(selection.offset, "moment")
    return (
        f"SELECT {columns} FROM thing AS t WHERE {clause} ORDER BY {order}"  # noqa: S608 - checked
        f" LIMIT {limit} OFFSET {offset}"
    )


def count(selection: Selection, terms: Terms) -> str:
    """The statement that counts what meets a selection's conditions."""
    return f"SELECT count(*) FROM thing AS t WHERE {where(selection, terms)}"  # noqa: S608 - checked


def where(selection: Selection, terms: Terms) -> str:
    """A selection's conditions.

    A gone thing is not there, and neither is what goes with its campaign when that is gone.
    """
    clauses = [
        f"t.project = {terms.bind(selection.project, 'key')}",
        f"t.kind = {terms.bind(selection.kind, 'key')}",
        terms.there("t"),
    ]
    if kinds.KINDS[selection.kind].goes_with_campaign:
        clauses.append(_campaign_is_there(selection, terms))
    clauses += [_any_clause(condition, selection, terms) for condition in selection.conditions]
    return " AND ".join(clauses)


def _order_by(selection: Selection, terms: Terms) -> str:
    """Ties in the order are settled by id, so that pages never overlap."""
    direction = "DESC" if selection.descending else "ASC"
    order = selection.order
    if order in _NEVER_NULL:
        # SQLite would walk the whole kind in order where names or other things select a few.
        before = terms.unsorted if any(_is_narrow(one) for one in selection.conditions) else ""
        return f"{before}t.{order} {direction}, t.id {direction}"
    keys = _known_first(order, terms, descending=selection.descending)
    listed = ", ".join(f"{key} {direction} NULLS LAST" for key in keys)
    return f"{listed}, t.id {direction}"


def _known_first(order: str | tuple[str, ...], terms: Terms, *, descending: bool) -> list[str]:
    subjects = [subject_of(one, terms) for one in ((order,) if isinstance(order, str) else order)]
    if len(subjects) > 1:
        texts = [text for subject in subjects if (text := subject.of("text"))]
        return [f"coalesce({', '.join(texts)})"]
    (subject,) = subjects
    if isinstance(subject, Column):
        return [subject.expression]
    keys = [subject.of("number"), subject.of("text")]
    return keys[::-1] if descending else keys


def _is_narrow(condition: Condition | AnyOf) -> bool:
    if isinstance(condition, Condition):
        return condition.column == "name" or condition.operator == "of"
    return all(any(map(_names_another, one)) for one in condition.alternatives)


def _names_another(condition: Condition | AnyOf) -> bool:
    return isinstance(condition, Condition) and (condition.column, condition.operator) in _NAMED


def _campaign_is_there(selection: Selection, terms: Terms) -> str:
    """The campaign is not gone; asked once, not for each thing, where all are of one campaign."""
    project, campaign = "t.project", "t.campaign"
    for one in selection.conditions:
        if isinstance(one, Condition) and (one.column, one.operator) == ("campaign", "="):
            project = terms.bind(selection.project, "key")
            campaign = terms.bind(one.value, "key")
            break
    return (
        "NOT EXISTS (SELECT 1 FROM thing AS c"  # noqa: S608 - no names of others
        f" WHERE c.project = {project} AND c.kind = 'campaign'"
        f" AND c.id = {campaign} AND {terms.gone('c')})"
    )


def _any_clause(condition: Condition | AnyOf, selection: Selection, terms: Terms) -> str:
    if isinstance(condition, Condition):
        return _clause(condition, selection, terms)
    alternatives = (
        " AND ".join(_any_clause(one, selection, terms) for one in alternative) or "TRUE"
        for alternative in condition.alternatives
    )
    return _any(f"({one})" for one in alternatives)


def _clause(condition: Condition, selection: Selection, terms: Terms) -> str:
    subject = subject_of(condition.column, terms)
    match condition.operator:
        case "is null":
            return subject.is_unknown
        case "is not null":
            return subject.is_known
        case "has":
            return _has(subject, condition.value)
        case "of":
            return _of(subject, condition.value, selection, terms)
        case "in":
            return _among(subject, condition.value, terms)
        case "not in":
            return _other(subject, _among(subject, condition.value, terms))
        case "!=":
            return _other(subject, _compare(subject, "=", condition.value, terms))
        case "starts with" | "ends with" | "contains" as how:
            return _partly(subject, how, condition.value, terms)
        case "does not contain":
            return _other(subject, _partly(subject, "contains", condition.value, terms))
        case operator if operator in _COMPARISONS:
            return _compare(subject, operator, condition.value, terms)
    raise ValueError(f"no such operator: {condition.operator}")


def _compare(subject: Column | Field, operator: str, value: Any, terms: Terms) -> str:
    sort = _sort(value)
    expression = subject.of(sort) if sort else None
    if sort is None or expression is None:
        return "FALSE"
    return f"{expression} {operator} {terms.bind(value, subject.bound(sort))}"


def _among(subject: Column | Field, values: Sequence[Any], terms: Terms) -> str:
    by_sort: dict[Sort, list[Any]] = {}
    for value in values:
        if sort := _sort(value):
            by_sort.setdefault(sort, []).append(value)
    return _any(
        terms.among(expression, some, subject.bound(sort))
        for sort, some in by_sort.items()
        if (expression := subject.of(sort))
    )


def _partly(subject: Column | Field, how: Partial, value: Any, terms: Terms) -> str:
    expression = subject.of("text") if isinstance(value, str) else None
    return terms.partly(expression, how, value) if expression else "FALSE"


def _any(clauses: Iterable[str]) -> str:
    joined = " OR ".join(clauses)
    return f"({joined})" if joined else "FALSE"


def _of(subject: Column | Field, others: ColumnOf, selection: Selection, terms: Terms) -> str:
    """Inside, `t` is the row of the other thing."""
    held = subject_of(others.column, terms)
    keys = [one.of("text") for one in (subject, held) if isinstance(one, Column)]
    if len(keys) < 2 or None in keys:
        raise ValueError("no such column of ids")
    clause = where(Selection(selection.project, others.kind, others.conditions), terms)
    return f"{keys[0]} IN (SELECT {keys[1]} FROM thing AS t WHERE {clause})"  # noqa: S608 - as above


def _other(subject: Column | Field, clause: str) -> str:
    return f"({subject.is_known} AND ({clause}) IS NOT TRUE)"


def _has(subject: Column | Field, value: Any) -> str:
    sort = _sort(value)
    if isinstance(subject, Column) or subject.around != "{}":
        raise ValueError("no such list")
    if sort is None:
        return "FALSE"
    return subject.terms.has(f"{subject.row}.fields", subject.name, value, sort)


def _sort(value: Any) -> Sort | None:
    """What a value is; None for what no field is compared with (null, lists, objects)."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else None
