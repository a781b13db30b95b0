"""What counts as the same, and how a difference reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from voucherify_sync.simulator.moments import parse
from voucherify_sync.simulator.wire import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be."""

    thing: str
    field: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.thing}: {self.field} should be {self.expected!a}, is {self.found!a}"


def same(expected: Any, found: Any) -> bool:
    """Equal values: moments by their millisecond, and true is not 1."""
    if isinstance(expected, str) and isinstance(found, str):
        return expected == found or _moment(expected) == _moment(found) is not None
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(
            same(value, found[name]) for name, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    return isinstance(expected, bool) == isinstance(found, bool) and bool(expected == found)


def _moment(text: str) -> int | None:
    if not (text.endswith("Z") and text[10:11] == "T"):
        return None
    try:
        return parse(text)
    except ValueError:
        return None


def at(body: Json, path: str) -> Any:
    """What stands at a dotted path of an answer; None where nothing does."""
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def differences(
    thing: str, expected: Json, found: Json, paths: Mapping[str, str]
) -> Iterator[Difference]:
    """Fields of the truth against an answer, each at its path; null and absent are alike."""
    for name, path in paths.items():
        value = at(found, path)
        if name in expected and not same(expected[name], value):
            yield Difference(thing, name, expected[name], value)
