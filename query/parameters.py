"""The query string: which parameters were given, and their values as what they mean.

What the vendor documents is applied as documented or refused (400) by name, never passed over: a
wrong list is worse than none. What the vendor does not document is ignored, as the vendor does.
"""

from ast import literal_eval
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from query import errors
from schemas import jsontext, moment

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 10

_MAX_FIELDS: Final = 500


@dataclass(frozen=True, slots=True)
class Period:
    """Moments in ms, both exclusive, None where open."""

    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values by name; of `created_at[before]` the name is `created_at` and the option `before`."""

    given: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """The value of a parameter that may be given once, None where it is not."""
        return self.only(name) if name in self.given else None

    def only(self, name: str) -> str:
        """The value of a parameter that is given, and may be so once."""
        values = self.many(name)
        if len(values) > 1:
            raise errors.bad_parameter(name, "is given more than once")
        return values[0]

    def many(self, name: str) -> list[str]:
        """The values of a parameter that may be repeated: `ids=a&ids=b` or `ids[]=a&ids[1]=b`."""
        options = self.given.get(name, {})
        for option in options:
            if option and not option.isdigit():
                raise errors.bad_parameter(f"{name}[{option}]", "is not supported here")
        values = [value for given in options.values() for value in listed(given)]
        if "" in values:
            raise errors.bad_parameter(name, "has no value")
        return values

    def nested(self, name: str) -> Mapping[tuple[str, ...], list[str]]:
        """Values by their paths: `f[a][b]=x`, of a list `f[a][0]=x`, or `f=` one JSON object."""
        found: dict[tuple[str, ...], list[str]] = {}
        for option, values in self.given.get(name, {}).items():
            for path, some in _of_json(values) if not option else [(_path(option), values)]:
                found.setdefault(path, []).extend(listed(some))
        return found

    def limit(self) -> int:
        """How many objects to return."""
        return self._whole_number("limit", DEFAULT_LIMIT, MAX_LIMIT)

    def page(self, most: int) -> int:
        """Which page to return, from 1."""
        return self._whole_number("page", 1, most)

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """A value that is one of a few."""
        value = self.one(name)
        if value is not None and value not in allowed:
            raise errors.bad_parameter(name, f"must be one of {', '.join(allowed)}")
        return value

    def period(self, name: str) -> Period:
        """`name[before]` and `name[after]`, ISO 8601."""
        for option in self.given.get(name, {}):
            if option not in ("before", "after"):
                raise errors.bad_parameter(name, f"takes {name}[before] and {name}[after] only")
        return Period(after=self._moment(name, "after"), before=self._moment(name, "before"))

    def moment(self, name: str) -> int:
        """A moment in ms, of a parameter that is given, ISO 8601."""
        parsed = moment.parse(self.only(name))
        if parsed is None:
            raise errors.bad_parameter(name, "must be a date or date and time in ISO 8601")
        return parsed

    def refuse(self, names: Collection[str]) -> None:
        """Refuse parameters that are documented and can't be applied (yet)."""
        for name in self.given.keys() & names:
            raise errors.bad_parameter(name, "is not supported by this local copy")

    def _whole_number(self, name: str, default: int, most: int) -> int:
        value = self.one(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most:
            return int(value)
        raise errors.bad_parameter(name, f"must be a whole number from 1 to {most}")

    def _moment(self, name: str, option: str) -> int | None:
        values = self.given.get(name, {}).get(option, [])
        if not values:
            return None
        parsed = moment.parse(values[0]) if len(values) == 1 else None
        if parsed is None:
            raise errors.bad_parameter(
                f"{name}[{option}]", "must be one date or date and time in ISO 8601"
            )
        return parsed


NONE: Final = Parameters()


def parse(query_string: bytes) -> Parameters:
    """The parameters of a query string. Raises ApiError (400) where it is none."""
    if not query_string:
        return NONE
    given: dict[str, dict[str, list[str]]] = {}
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="surrogatepass",
        )
    except ValueError:
        raise errors.bad_parameter(
            "The query string", f"is not UTF-8, or has more than {_MAX_FIELDS} parameters"
        ) from None
    for name, value in pairs:
        base, option = _split(name)
        given.setdefault(base, {}).setdefault(option, []).append(value)
    return Parameters(given)


def listed(values: list[str]) -> list[str]:
    """The values themselves, or those of a list that was written as one text.

    The vendor's Python SDK writes lists as Python does (`['a', 'b']`), others as JSON.
    """
    if len(values) != 1 or not (values[0].startswith("[") and values[0].endswith("]")):
        return values
    try:
        found = literal_eval(values[0])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return values
    return [_text(value) for value in found if value is not None]


def _of_json(values: list[str]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    for value in values:
        try:
            yield from _leaves((), jsontext.decode(value.encode("utf-8", "surrogatepass")))
        except ValueError:
            yield (), [value]


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """What is null is not given."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves((*path, name), inner)
    elif isinstance(value, list):
        yield path, [_text(one) for one in value]
    elif value is not None:
        yield path, [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _path(option: str) -> tuple[str, ...]:
    path = option.split("][")
    if len(path) > 1 and (not path[-1] or path[-1].isdigit()):
        path.pop()
    return tuple(path)


def _split(name: str) -> tuple[str, str]:
    """`created_at[before]`, or as the vendor's examples also spell it `[created_at][before]`."""
    if name.startswith("["):
        name = name[1:].replace("]", "", 1)
    base, bracket, option = name.partition("[")
    return base, option.removesuffix("]") if bracket else ""
