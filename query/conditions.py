"""The vendor's `filters` parameter: which conditions hold for which fields, joined by AND or OR.

A list's row says which fields it can be filtered by, where the state has them and which conditions
they take. What is not in the row is refused by name: a list that passes it over would be wrong.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from query import errors
from query.asked import Asked
from query.described import MOMENT, TEXT, Parameter, Value
from schemas import moment
from state.selection import AnyOf, Condition, Criteria

NAME: Final = "filters"

_JUNCTION: Final = "junction"
_JUNCTIONS: Final = ("and", "or", "AND", "OR")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_OWN_NAME: Final = re.compile(r"[A-Za-z0-9_ -]{1,200}")
_DAY_MS: Final = 86_400_000
_MOST_DAYS: Final = 100_000
_DAYS: Final = Value("integer", (), 0, _MOST_DAYS)


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition: how many values it takes and of what kind, what it asks of a column."""

    makes: Callable[[str, Sequence[Any]], Criteria]
    takes: Literal["nothing", "one", "several"] = "one"
    value: Value = TEXT
    ago: bool = False
    of_parts: bool = False


Operators = Mapping[str, Operator]


def _compared(operator: Any) -> Operator:
    return Operator(lambda column, given: (Condition(column, operator, given[0]),))


def _not(operator: Any) -> Operator:
    """What was never told is not the value either."""
    return Operator(
        lambda column, given: (
            AnyOf(((Condition(column, "is null"),), (Condition(column, operator, given[0]),))),
        )
    )


def _partly(operator: Operator) -> Operator:
    return replace(operator, of_parts=True)


def always(value: object) -> Operator:
    """A condition that says itself what the value is."""
    return Operator(lambda column, _: (Condition(column, "=", value),), "nothing")


_KNOWN: Final[dict[str, Operator]] = {
    "$has_value": Operator(lambda column, _: (Condition(column, "is not null"),), "nothing"),
    "$is_unknown": Operator(lambda column, _: (Condition(column, "is null"),), "nothing"),
}
AMONG: Final[dict[str, Operator]] = {
    "$in": Operator(lambda column, given: (Condition(column, "in", tuple(given)),), "several"),
    "$not_in": Operator(
        lambda column, given: (
            AnyOf(((Condition(column, "is null"),), (Condition(column, "not in", tuple(given)),))),
        ),
        "several",
    ),
}
EXACT: Final[dict[str, Operator]] = {"$is": _compared("="), "$is_not": _not("!=")}

CHOICE: Final[Operators] = MappingProxyType(AMONG | EXACT)
"""Of a field that has one of a few values."""

TEXTS: Final[Operators] = MappingProxyType(
    AMONG
    | EXACT
    | _KNOWN
    | {
        "$starts_with": _partly(_compared("starts with")),
        "$ends_with": _partly(_compared("ends with")),
        "$contains": _partly(_compared("contains")),
        "$not_contain": _partly(_not("does not contain")),
    }
)


def _as_sorts(text: str) -> tuple[Any, ...]:
    """What a text may stand for where anything may be told: itself, a number, a truth value."""
    if text in ("true", "false"):
        return (text, text == "true")
    number = _number(text)
    return (text,) if number is None else (text, number)


def _number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _any_sort(operator: Operator) -> Operator:
    def makes(column: str, given: Sequence[str]) -> Criteria:
        return operator.makes(column, [value for text in given for value in _as_sorts(text)])

    return replace(operator, makes=makes)


def _than(operator: Any) -> Operator:
    """Compared as a number; one that is none meets nothing."""

    def makes(column: str, given: Sequence[str]) -> Criteria:
        return (Condition(column, operator, _number(given[0])),)

    return Operator(makes)


METADATA: Final[Operators] = MappingProxyType(
    {
        **TEXTS,
        "$is": replace(_any_sort(AMONG["$in"]), takes="one"),
        "$is_not": replace(_any_sort(AMONG["$not_in"]), takes="one"),
        "$in": _any_sort(AMONG["$in"]),
        "$not_in": _any_sort(AMONG["$not_in"]),
        "$more_than": _than(">"),
        "$less_than": _than("<"),
        "$more_than_equal": _than(">="),
        "$less_than_equal": _than("<="),
    }
)
"""Of a field of which nobody says of what sort it is."""

OF_METADATA: Final = "metadata."
"""Begins the names of fields that a user makes up; in a list's row it stands for all of them."""

_BEFORE: Final = _compared("<").makes
_AFTER: Final = _compared(">").makes

MOMENTS: Final[Operators] = MappingProxyType(
    {
        "$after": Operator(_AFTER, value=MOMENT),
        "$before": Operator(_BEFORE, value=MOMENT),
        **_KNOWN,
        "$more_than": Operator(_BEFORE, value=_DAYS, ago=True),
        "$less_than": Operator(_AFTER, value=_DAYS, ago=True),
    }
)
"""Of a column of moments; `$more_than` and `$less_than` are days before now."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field to filter by, and where the state has it.

    With `values`, it takes those only, each standing for what the state has. Where the column holds
    but the beginning of a long text, `parts` is what has all of it.
    """

    column: str
    operators: Operators = field(default_factory=lambda: TEXTS)
    values: Mapping[str, object] = field(default_factory=dict)
    parts: str | None = None


Fields = Mapping[str, Field]


def moments(column: str) -> Field:
    """A column of moments."""
    return Field(column, MOMENTS)


def parameters(fields: Fields) -> Iterator[Parameter]:
    """Every condition that can be given, as a parameter of its own."""
    if not fields:
        return
    yield Parameter(f"{NAME}[{_JUNCTION}]", Value(choices=_JUNCTIONS, default="and"))
    for name, one in fields.items():
        if name == OF_METADATA:
            continue
        for condition, operator in one.operators.items():
            value = operator.value
            if one.values and operator.takes != "nothing":
                value = Value(choices=tuple(one.values))
            repeated = operator.takes == "several"
            yield Parameter(_called(name, condition), value, repeated=repeated)


async def asked_for(asked: Asked, fields: Fields) -> Criteria:
    """What the parameter asks of a list. Raises ApiError (400) for what the list's row lacks."""
    if not fields:
        asked.parameters.refuse({NAME})
    given = dict(asked.parameters.nested(NAME))
    is_any = _junction(given.pop((_JUNCTION,), ["and"])) == "or"
    by_field: dict[str, Criteria] = {}
    for path, values in given.items():
        name, condition = _names(path)
        criteria = await _criteria(asked, fields, name, condition, values)
        by_field[name] = (*by_field.get(name, ()), *criteria)
    if is_any and by_field:
        return (AnyOf(tuple(by_field.values())),)
    return tuple(one for criteria in by_field.values() for one in criteria)


def _junction(given: Sequence[str]) -> str:
    if len(given) != 1 or given[0] not in _JUNCTIONS:
        raise errors.bad_parameter(f"{NAME}[{_JUNCTION}]", "must be and, or")
    return given[0].lower()


def _names(path: tuple[str, ...]) -> tuple[str, str]:
    """Field and condition; the vendor's specification has some conditions without `conditions`."""
    match path:
        case (name, "conditions", condition) | (name, condition):
            return name, condition
    raise errors.bad_parameter(
        f"{NAME}[{']['.join(path)}]" if path else NAME,
        f"must look like {NAME}[field][conditions][$condition]",
    )


async def _criteria(
    asked: Asked, fields: Fields, name: str, condition: str, given: Sequence[str]
) -> Criteria:
    one = _field(fields, name)
    if one is None:
        raise errors.bad_parameter(
            f"{NAME}[{name}]",
            f"is not supported by this local copy, which filters by {', '.join(fields)}",
        )
    operator = one.operators.get(condition)
    if operator is None:
        raise errors.bad_parameter(
            _called(name, condition),
            f"is not supported by this local copy, which takes {', '.join(one.operators)}",
        )
    called = _called(name, condition)
    if operator.takes == "one" and len(given) > 1:
        raise errors.bad_parameter(called, "is given more than once")
    values = [_value(called, one, operator, text) for text in given if operator.takes != "nothing"]
    if operator.ago:
        now = (await asked.reader.standing()).now
        values = [now - days * _DAY_MS for days in values]
    column = one.parts if operator.of_parts and one.parts else one.column
    return operator.makes(column, values)


def _field(fields: Fields, name: str) -> Field | None:
    if name.startswith(OF_METADATA) and OF_METADATA in fields:
        own = name.removeprefix(OF_METADATA)
        return Field(f"fields.metadata/{own}", METADATA) if _OWN_NAME.fullmatch(own) else None
    return fields.get(name)


def _value(called: str, one: Field, operator: Operator, text: str) -> Any:
    if one.values:
        if text not in one.values:
            raise errors.bad_parameter(called, f"must be one of {', '.join(one.values)}")
        return one.values[text]
    if operator.value.type == "date-time":
        parsed = moment.parse(text)
        if parsed is None:
            raise errors.bad_parameter(called, "must be one date or date and time in ISO 8601")
        return parsed
    if operator.value.type == "integer":
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= _MOST_DAYS):
            raise errors.bad_parameter(called, f"must be a whole number from 0 to {_MOST_DAYS}")
        return int(text)
    if not text:
        raise errors.bad_parameter(called, "has no value")
    return text


def _called(name: str, condition: str) -> str:
    return f"{NAME}[{name}][conditions][{condition}]"
