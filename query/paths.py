"""The path of a request to what answers it.

Paths are taken as they came, before percent-decoding: a voucher's code may hold a slash (`%2F`), a
line feed or a NUL, and is one segment all the same.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from query import errors
from query.asked import Asked
from query.described import Answer, Parameter

Handler = Callable[[Asked], Awaitable[Mapping[str, Any]]]
"""Answers a question with a JSON object, or raises ApiError."""


@dataclass(frozen=True, slots=True)
class Path:
    """One row of the table: a template such as `/v1/vouchers/{code}`, its handler, what it is for.

    `takes` are the parameters of the query string that it applies.
    """

    template: str
    handler: Handler
    summary: str
    answers: Answer
    takes: tuple[Parameter, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters, those of the template first."""
        names = [part[1:-1] for part in self.template.split("/") if _is_a_parameter(part)]
        return (*(Parameter(name, where="path") for name in names), *self.takes)

    def names(self, segments: list[bytes]) -> dict[str, str] | None:
        """The values of the template's parameters, None where the segments are others."""
        names: dict[str, str] = {}
        for part, segment in zip(self.template.split("/")[1:], segments, strict=True):
            if _is_a_parameter(part) and segment:
                names[part[1:-1]] = _text(segment)
            elif part.encode() != segment:
                return None
        return names


@dataclass(frozen=True, slots=True)
class Match:
    """A path that was found, with the values of its parameters."""

    path: Path
    names: Mapping[str, str]


class Paths:
    """All paths; where two fit, the one whose template says more of the path's beginning."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._by_shape: dict[tuple[int, bytes], list[Path]] = {}
        for path in sorted(paths, key=_openness):
            segments = path.template.encode().split(b"/")[1:]
            self._by_shape.setdefault((len(segments), segments[1]), []).append(path)

    def find(self, raw_path: bytes) -> Match | None:
        """The path that a request asks for. Raises ApiError where its encoding is none."""
        segments = raw_path.split(b"/")[1:]
        if len(segments) > 2 and not segments[-1]:
            segments.pop()  # the vendor takes a path with and without a slash at its end
        if len(segments) < 2:
            return None
        for path in self._by_shape.get((len(segments), segments[1]), ()):
            names = path.names(segments)
            if names is not None:
                return Match(path, names)
        return None


def _openness(path: Path) -> list[bool]:
    return [_is_a_parameter(part) for part in path.template.split("/")]


def _is_a_parameter(part: str) -> bool:
    return part[:1] == "{"


def _text(segment: bytes) -> str:
    try:
        return unquote_to_bytes(segment).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise errors.bad_path() from None
