"""The dialect of PostgreSQL. Documents are of type json, the texts in them escaped.

A cast that could fail stands in a CASE that asks for the type first: one odd document must not
break a list. Text is compared byte by byte, as the columns are.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from state.selection import Partial
from state.sqltext import escape, shorten
from state.terms import Sort

_LARGEST: Final = (1 << 63) - 1
_NUL: Final = escape("\0")
_CHARACTER: Final = r"\\[0-9a-f]{4}|[^\\]"
_META: Final = re.compile(r"[\\^$.|?*+()\[\]{}]")
_TYPES: Final[Mapping[Sort, str]] = {
    "key": "text",
    "moment": "bigint",
    "text": "text",
    "number": "numeric",
    "boolean": "boolean",
}
_JSON_TYPES: Final[Mapping[Sort, str]] = {
    "text": "string",
    "number": "number",
    "boolean": "boolean",
}


class PostgresTerms:
    """See Terms."""

    unsorted: Final = ""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def there(self, row: str) -> str:
        """See Terms."""
        return f"NOT {row}.gone"

    def gone(self, row: str) -> str:
        """See Terms."""
        return f"{row}.gone"

    def bind(self, value: Any, sort: Sort) -> str:
        """See Terms."""
        self.values.append(_bound(value, sort))
        return f"${len(self.values)}::{_TYPES[sort]}"

    def among(self, expression: str, values: Sequence[Any], sort: Sort) -> str:
        """See Terms. All values are one parameter: statements are prepared, and stay few so."""
        self.values.append([_bound(value, sort) for value in values])
        return f"{expression} = ANY(${len(self.values)}::{_TYPES[sort]}[])"

    def field(self, document: str, name: str, sort: Sort) -> str:
        """See Terms."""
        return _typed(_path(document, name), sort)

    def known(self, document: str, name: str) -> str:
        """See Terms."""
        return f"json_typeof({_path(document, name)}) <> 'null'"

    def partly(self, expression: str, how: Partial, value: str) -> str:
        """See Terms. What is looked for begins where a character does, not within an escape."""
        begin = "^" if how == "starts with" else rf"^(?:{_CHARACTER})*?"
        end = "$" if how == "ends with" else ""
        pattern = _META.sub(r"\\\g<0>", escape(value))
        self.values.append(f"{begin}{pattern}{end}")
        mark = f"${len(self.values)}::text"
        return f"(strpos({expression}, '{_NUL}') = 0 AND {expression} ~ {mark})"

    def has(self, document: str, name: str, value: Any, sort: Sort) -> str:
        """See Terms."""
        found = _path(document, name)
        items = f"CASE json_typeof({found}) WHEN 'array' THEN {found} END"
        item = _typed("item.value", sort)
        held = f"{item} = {self.bind(value, sort)}"
        return f"EXISTS (SELECT FROM json_array_elements({items}) AS item (value) WHERE {held})"


def _path(document: str, name: str) -> str:
    steps = (f" -> '{step}'" for step in name.split("/"))
    return f"{document}{''.join(steps)}"


def _typed(expression: str, sort: Sort) -> str:
    text = f"({expression}) #>> '{{}}'"
    value = text if sort == "text" else f"({text})::{_TYPES[sort]}"
    typed = f"CASE json_typeof({expression}) WHEN '{_JSON_TYPES[sort]}' THEN {value} END"
    return f'({typed}) COLLATE "C"' if sort == "text" else f"({typed})"


def _bound(value: Any, sort: Sort) -> Any:
    if sort == "key":
        return shorten(escape(value))
    if sort == "text":
        return escape(value)
    if sort == "moment":
        return int(max(-_LARGEST, min(value, _LARGEST)))
    if sort == "number":
        return Decimal(str(value))
    return value
