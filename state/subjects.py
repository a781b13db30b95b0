"""What a condition is about: a column of a thing or a field of its document, as SQL.

Names are checked here, because they become part of the SQL text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from state import kinds
from state.terms import Sort, Terms

_COLUMNS: Final[Mapping[str, Sort]] = {
    "id": "key",
    "name": "key",
    "voucher": "key",
    "campaign": "key",
    "customer": "key",
    "created": "moment",
    "updated": "moment",
}
_UNKNOWN: Final = {"created": "= 0"}
_FIELD: Final = re.compile(r"fields\.([a-z_]+(\.[a-z_]+)*(\.|/[A-Za-z0-9_ -]+)?)")
_BELONGS_TO: Final = {
    "voucher": (kinds.VOUCHER, "t.voucher"),
    "customer": (kinds.CUSTOMER, "t.customer"),
    "campaign": (kinds.CAMPAIGN, "t.campaign"),
    "tracking": (kinds.TRACKING, "t.kind || '/' || t.id"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a row."""

    expression: str
    sort: Sort
    unknown: str = "IS NULL"

    def of(self, sort: Sort) -> str | None:
        """The SQL of its value; None where it never holds such a one."""
        key = sort == "text" and self.sort == "key"
        moment = sort == "number" and self.sort == "moment"
        return self.expression if key or moment else None

    def bound(self, sort: Sort) -> Sort:  # noqa: ARG002 - the column's own
        """As what a value is bound to be compared with it."""
        return self.sort

    @property
    def is_known(self) -> str:
        # As partial indexes say it.
        if self.unknown == "IS NULL":
            return f"{self.expression} IS NOT NULL"
        return f"NOT ({self.is_unknown})"

    @property
    def is_unknown(self) -> str:
        return f"{self.expression} {self.unknown}"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row's document; `around` is what stands around it where the row is another."""

    terms: Terms
    row: str
    name: str
    around: str = "{}"

    def of(self, sort: Sort) -> str:
        """See Column."""
        return self.around.format(self.terms.field(f"{self.row}.fields", self.name, sort))

    def bound(self, sort: Sort) -> Sort:
        """See Column."""
        return sort

    @property
    def is_known(self) -> str:
        return f"({self._known}) IS TRUE"

    @property
    def is_unknown(self) -> str:
        return f"({self._known}) IS NOT TRUE"

    @property
    def _known(self) -> str:
        return self.around.format(self.terms.known(f"{self.row}.fields", self.name))


def subject_of(column: str, terms: Terms) -> Column | Field:
    """The column or field of a name. Raises ValueError where there is no such."""
    if column in _COLUMNS:
        return Column(f"t.{column}", _COLUMNS[column], _UNKNOWN.get(column, "IS NULL"))
    reference, _, inner = column.partition(".")
    if reference in _BELONGS_TO and inner in _COLUMNS:
        other = _of_the(reference).format(f"other.{inner}")
        return Column(other, _COLUMNS[inner])
    if reference in _BELONGS_TO:
        return Field(terms, "other", _field_name(inner, column), _of_the(reference))
    return Field(terms, "t", _field_name(column, column))


def _field_name(field: str, column: str) -> str:
    found = _FIELD.fullmatch(field)
    if found is None:
        raise ValueError(f"no such column: {column}")
    return found[1]


def _of_the(reference: str) -> str:
    """The row of another thing that a thing belongs to, around one expression of it."""
    kind, id_ = _BELONGS_TO[reference]
    return (
        "(SELECT {} FROM thing AS other WHERE other.project = t.project"  # noqa: S608 - as above
        f" AND other.kind = '{kind}' AND other.id = {id_})"
    )
