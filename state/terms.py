"""The seam to a database's dialect: the pieces of SQL that a selection is put together of.

Pieces are SQL text and get names that are checked; values stand beside it, in `values`. Nothing
here knows what is selected.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from state.selection import Partial

Sort = Literal["key", "moment", "text", "number", "boolean"]
"""What a value is: a key or a moment in ms in columns, a text, number or boolean in a document."""


class Terms(Protocol):
    """One statement's pieces. Documents are of JSON; what is not of the sort asked for is NULL."""

    @property
    def values(self) -> list[Any]:
        """What the marks stand for, in their order."""
        ...

    @property
    def unsorted(self) -> str:
        """Written before a column to order by, it keeps the database from walking its index."""
        ...

    def there(self, row: str) -> str:
        """The thing is not gone; as the indexes say it."""
        ...

    def gone(self, row: str) -> str:
        """The thing is gone."""
        ...

    def bind(self, value: Any, sort: Sort) -> str:
        """Keep a value; return its mark."""
        ...

    def among(self, expression: str, values: Sequence[Any], sort: Sort) -> str:
        """The expression is one of the values."""
        ...

    def field(self, document: str, name: str, sort: Sort) -> str:
        """A field's value, NULL where it is of another sort; `a/b` names a field of the field a."""
        ...

    def known(self, document: str, name: str) -> str:
        """Whether a field is there and not null; NULL where it is not there."""
        ...

    def partly(self, expression: str, how: Partial, value: str) -> str:
        """A text of a document begins or ends with the value, or has it anywhere."""
        ...

    def has(self, document: str, name: str, value: Any, sort: Sort) -> str:
        """A field is a list and holds the value."""
        ...
