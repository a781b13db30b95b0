"""A selection as SQL, in the dialect of a database.

Only names that `state/subjects.py` knows become part of the SQL text; values never do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeGuard

from state import kinds
from state.selection import AnyOf, ColumnOf, Condition, Partial, Selection
from state.subjects import Column, Field, subject_of
from state.terms import Sort, Terms

_COMPARISONS: Final = frozenset({"=", "<", "<=", ">", ">="})
_NEVER_NULL: Final = frozenset({"id", "created"})
_WALKED: Final = frozenset({"name", "updated"})
"""The other columns that an index has a whole kind in the order of."""
_COLUMNS: Final = _NEVER_NULL | _WALKED
_NAMING: Final = frozenset({"id", "name", "voucher", "customer"})

LISTED: Final = f"t.kind NOT IN {tuple(sorted(kinds.PARTS))}"
"""Said as the indexes say it."""


class Total(NamedTuple):
    """A count of things that is kept: of one campaign, or of all."""

    campaign: str | None


def things(selection: Selection, terms: Terms, columns: str) -> str:
    """The statement that brings one page of a selection."""
    if not selection.offset:
        return f"SELECT {columns} {_page(selection, terms)}"
    # What is passed over is passed over in an index; only the page's own rows are looked at.
    keys, directions = _sorting(selection, terms)
    named = ", ".join(f"{key} AS key_{number}" for number, key in enumerate(keys))
    order = ", ".join(f"page.key_{number}{after}" for number, after in enumerate(directions))
    return (
        f"SELECT {columns} FROM (SELECT t.project, t.kind, t.id, {named} {_page(selection, terms)})"  # noqa: S608 - checked
        " AS page LEFT JOIN thing AS t"
        " ON t.project = page.project AND t.kind = page.kind AND t.id = page.id"
        f" ORDER BY {order}"
    )


def count(selection: Selection, terms: Terms) -> str:
    """The statement that counts what meets a selection's conditions."""
    return f"SELECT count(*) FROM thing AS t WHERE {where(selection, terms)}"  # noqa: S608 - checked


def parts(selection: Selection) -> tuple[Selection, Selection | None]:
    """What a selection is read in: of a list in the order of a column that may be unknown, what is
    known, and what is not, which stands behind it. So each is read as an index has it.
    """
    order = selection.order
    if order not in _WALKED or is_looked_up(selection) or _is_known(selection):
        return selection, None
    known = (*selection.conditions, Condition(order, "is not null"))
    unknown = (*selection.conditions, Condition(order, "is null"))
    rest = replace(selection, conditions=unknown, order="id")
    return replace(selection, conditions=known), rest


def total(selection: Selection) -> Total | None:
    """What counts a selection, of which nothing is asked but its campaign; None for all others."""
    if selection.kind in kinds.PARTS or len(selection.conditions) > 1:
        return None
    for one in selection.conditions:
        if not _is_campaign(one) or not isinstance(one.value, str):
            return None
        return Total(one.value)
    return Total(None)


def _is_campaign(condition: Condition | AnyOf) -> TypeGuard[Condition]:
    return isinstance(condition, Condition) and (
        (condition.column, condition.operator) == ("campaign", "=")
    )


def is_looked_up(selection: Selection) -> bool:
    """Whether a selection names things, or what they belong to, so that there are but a few."""
    return any(map(_is_narrow, selection.conditions))


def _is_narrow(condition: Condition | AnyOf) -> bool:
    if isinstance(condition, AnyOf):
        return all(any(map(_is_narrow, one)) for one in condition.alternatives)
    return condition.operator == "of" or (
        condition.column in _NAMING and condition.operator in ("=", "in")
    )


def _is_known(selection: Selection) -> bool:
    """Whether the conditions leave no thing of which the column to order by is unknown."""
    return selection.order in _NEVER_NULL or any(
        isinstance(one, Condition) and one.column == selection.order and one.operator != "is null"
        for one in selection.conditions
    )


def _page(selection: Selection, terms: Terms) -> str:
    clause = where(selection, terms)
    if selection.after is not None:
        clause = f"{clause} AND {_behind(selection, selection.after, terms)}"
    keys, directions = _sorting(selection, terms)
    order = ", ".join(f"{key}{after}" for key, after in zip(keys, directions, strict=True))
    limit = terms.bind(selection.limit, "moment")
    offset = f" OFFSET {terms.bind(selection.offset, 'moment')}" if selection.offset else ""
    return f"FROM thing AS t WHERE {clause} ORDER BY {order} LIMIT {limit}{offset}"


def _behind(selection: Selection, after: str, terms: Terms) -> str:
    sign = "<" if selection.descending else ">"
    if selection.order == "id":
        return f"t.id {sign} {terms.bind(after, 'key')}"
    if selection.order != "created":
        raise ValueError(f"no such cursor: {selection.order}")
    project, id_ = terms.bind(selection.project, "key"), terms.bind(after, "key")
    made = (
        "SELECT a.created FROM thing AS a"  # noqa: S608 - no names of others
        f" WHERE a.project = {project} AND a.kind = '{selection.kind}' AND a.id = {id_}"
    )
    return f"(t.created, t.id) {sign} (({made}), {terms.bind(after, 'key')})"


def where(selection: Selection, terms: Terms) -> str:
    """A gone thing is not there, and neither is what goes with its campaign when that is gone."""
    kind = kinds.KINDS[selection.kind]
    # The kind is written out: an index that leaves out some kinds is used only where that is seen.
    clauses = [
        f"t.project = {terms.bind(selection.project, 'key')}",
        f"t.kind = '{selection.kind}'",
        terms.there("t"),
    ]
    if selection.kind not in kinds.PARTS:
        clauses.append(LISTED)
    clauses += [_condition(one, selection, terms) for one in selection.conditions]
    if kind.goes_with_campaign:
        clauses.append(_campaign_is_there(selection, terms))
    return " AND ".join(clauses)


def _condition(condition: Condition | AnyOf, selection: Selection, terms: Terms) -> str:
    clause = _any_clause(condition, selection, terms)
    if selection.order in _WALKED and _is_campaign(condition):
        # SQLite would sort the whole campaign where the index of the order has the page.
        return f"{terms.unsorted}{clause}"
    return clause


def _sorting(selection: Selection, terms: Terms) -> tuple[list[str], list[str]]:
    """What a selection is ordered by, and what stands behind each of it.

    Ties in the order are settled by id, so that pages never overlap.
    """
    direction = " DESC" if selection.descending else " ASC"
    order = selection.order
    if isinstance(order, str) and _is_known(selection) and order in _COLUMNS:
        # SQLite would walk the whole kind in order where names or other things select a few.
        before = terms.unsorted if is_looked_up(selection) else ""
        return [f"{before}t.{order}", "t.id"], [direction, direction]
    keys = _known_first(order, terms, descending=selection.descending)
    return [*keys, "t.id"], [*(f"{direction} NULLS LAST" for _ in keys), direction]


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


def _campaign_is_there(selection: Selection, terms: Terms) -> str:
    """The campaign is not among those that are gone, which are few and have an index."""
    project = terms.bind(selection.project, "key")
    return (
        "(t.campaign IS NULL OR t.campaign NOT IN (SELECT c.id FROM thing AS c"  # noqa: S608 - no names of others
        f" WHERE c.project = {project} AND c.kind = 'campaign' AND {terms.gone('c')}))"
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
