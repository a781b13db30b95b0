"""The dialect of SQLite. Documents are BLOBs of JSON text as it was told."""

from collections.abc import Sequence
from typing import Any, Final

from schemas import jsontext
from state.selection import Partial
from state.sqltext import escape
from state.terms import Sort

_LARGEST: Final = (1 << 63) - 1
_NUL: Final = "\\u0000"
_QUOTE: Final = len('["')


class SqliteTerms:
    """See Terms."""

    unsorted: Final = "+"

    def __init__(self) -> None:
        self.values: list[Any] = []

    def there(self, row: str) -> str:
        """See Terms."""
        return f"{row}.gone = 0"

    def gone(self, row: str) -> str:
        """See Terms."""
        return f"{row}.gone = 1"

    def bind(self, value: Any, sort: Sort) -> str:
        """See Terms. Integers beyond 64 bits are compared as the doubles that SQLite reads."""
        if sort == "text":
            self.values.append(_text(value))
            return "CAST(? AS TEXT)"
        if sort == "key":
            value = escape(value)
        elif sort == "moment":
            value = int(max(-_LARGEST, min(value, _LARGEST)))
        elif sort == "number" and abs(value) > _LARGEST:
            value = float(str(value))
        self.values.append(value)
        return "?"

    def among(self, expression: str, values: Sequence[Any], sort: Sort) -> str:
        """See Terms."""
        return f"{expression} IN ({', '.join(self.bind(value, sort) for value in values)})"

    def field(self, document: str, name: str, sort: Sort) -> str:
        """See Terms."""
        path = _path(document, name)
        if sort == "boolean":
            return f"CASE json_type({path}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
        if sort == "text":
            quoted = f"json_extract({_twice(document, name)})"
            text = (
                f"CASE instr({quoted}, '{_NUL}') WHEN 0 THEN json_extract({path})"
                f" ELSE substr({quoted}, {_QUOTE + 1}) END"
            )
            return f"CASE json_type({path}) WHEN 'text' THEN {text} END"
        return f"CASE WHEN json_type({path}) IN ('integer', 'real') THEN json_extract({path}) END"

    def known(self, document: str, name: str) -> str:
        """See Terms."""
        return f"json_type({_path(document, name)}) <> 'null'"

    def partly(self, expression: str, how: Partial, value: str) -> str:
        """See Terms."""

        def value_again() -> str:
            return self.bind(value, "text")

        whole = f"instr({expression}, '{_NUL}') = 0"
        if how == "contains":
            return f"({whole} AND instr({expression}, {value_again()}) > 0)"
        begin, sign = ("1, ", "") if how == "starts with" else ("", "-")
        part = f"substr({expression}, {begin}{sign}length({value_again()}))"
        return f"({whole} AND {part} = {value_again()})"

    def has(self, document: str, name: str, value: Any, sort: Sort) -> str:
        """See Terms."""
        path = _path(document, name)
        types = {"text": "('text')", "number": "('integer', 'real')"}.get(sort, "('true', 'false')")
        is_list = f"json_type({path}) = 'array'"
        held = f"item.type IN {types} AND item.value = {self.bind(value, sort)}"
        return f"EXISTS (SELECT 1 FROM json_each({path}) AS item WHERE {is_list} AND {held})"  # noqa: S608 - names are checked


def _text(value: str) -> bytes:
    """A text as `field` gives it.

    SQLite cuts a text at a NUL where it takes it out of JSON, but not where it makes JSON of it.
    """
    quoted = jsontext.encode([value, value])
    return quoted[_QUOTE:] if _NUL.encode() in quoted else value.encode("utf-8", "surrogatepass")


def _twice(document: str, name: str) -> str:
    """Asked for two paths, SQLite gives a JSON array of what is there."""
    path = _path(document, name)
    return f"{path}, {path.rpartition(', ')[2]}"


def _path(document: str, name: str) -> str:
    steps = "".join(f'."{step}"' for step in name.split("/"))
    return f"CAST({document} AS TEXT), '${steps}'"
