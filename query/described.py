"""What a path takes and answers, as an OpenAPI document says it; nothing here reads or answers.

What a list takes is derived from the row that it is read by (`query/listing.py`), so that what is
documented can't differ from what is applied.
"""

from dataclasses import dataclass
from typing import Final, Literal

Type = Literal["string", "integer", "boolean", "date", "date-time"]


@dataclass(frozen=True, slots=True)
class Value:
    """What may be given: one of `choices` where there are any, a number of a range where one is."""

    type: Type = "string"
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: str | int | None = None


TEXT: Final = Value()
MOMENT: Final = Value("date-time")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter by its whole name (`limit`, `created_at[before]`); `repeated` takes several."""

    name: str
    value: Value = TEXT
    where: Literal["path", "query"] = "query"
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An object of the schema; with a `data_ref`, a list of such under that name.

    `beside` are the other properties of the list's envelope than `object` and `data_ref`.
    """

    schema: str
    data_ref: str | None = None
    beside: tuple[str, ...] = ()
