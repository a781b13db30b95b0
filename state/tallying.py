"""Counts and sums over things, made by the database; no thing is loaded for them.

The conditions are those of a selection (`state/selecting.py`); values never become SQL text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from state import selecting
from state.selection import Selection
from state.subjects import subject_of
from state.terms import Terms

_EXACT = (1 << 53) - 1
"""A number beyond this is no amount, and could make a sum overflow."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Things counted, and fields summed, for each combination of some fields' texts.

    Columns are as in a Condition. Of things that have the same `once` (a text), which may repeat
    one amount, it counts once; of those without it each.
    """

    by: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    once: str | None = None


class Tallied(NamedTuple):
    """One combination: its texts (None where there is none), how many things, the sums."""

    by: tuple[str | None, ...]
    things: int
    sums: tuple[int, ...]


def statement(selection: Selection, tally: Tally, terms: Terms) -> str:
    """The statement; each row has the combination, the count, the sums."""
    keys = [_of(column, "text", terms) for column in tally.by]
    amounts = [_amount(column, terms) for column in tally.sums]
    things = f"FROM thing AS t WHERE {selecting.where(selection, terms)}"
    if tally.once is None:
        summed = "".join(f", sum({one})" for one in amounts)
        return f"SELECT count(*){summed}{_listed(keys)} {things}{_grouped(keys)}"
    named = "".join(f", {key} AS k{n}" for n, key in enumerate(keys))
    largest = "".join(f", max({one}) AS s{n}" for n, one in enumerate(amounts))
    each = _grouped([*keys, f"coalesce({_of(tally.once, 'text', terms)}, t.id)"])
    outer = [f"k{n}" for n in range(len(keys))]
    summed = "".join(f", sum(s{n})" for n in range(len(amounts)))
    inner = f"SELECT count(*) AS n{largest}{named} {things}{each}"
    return f"SELECT sum(n){summed}{_listed(outer)} FROM ({inner}) AS one{_grouped(outer)}"  # noqa: S608 - checked


def read(tally: Tally, rows: Sequence[Sequence[Any]]) -> list[Tallied]:
    """What the rows of the statement say; amounts are whole numbers."""
    found = []
    for count, *rest in rows:
        amounts, texts = rest[: len(tally.sums)], rest[len(tally.sums) :]
        if count:
            sums = tuple(round(amount or 0) for amount in amounts)
            found.append(Tallied(tuple(texts), int(count), sums))
    return found


def _listed(columns: Sequence[str]) -> str:
    return "".join(f", {one}" for one in columns)


def _grouped(columns: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(columns)}" if columns else ""


def _amount(column: str, terms: Terms) -> str:
    number = _of(column, "number", terms)
    return f"CASE WHEN {number} BETWEEN -{_EXACT} AND {_EXACT} THEN {number} END"


def _of(column: str, sort: Any, terms: Terms) -> str:
    expression = subject_of(column, terms).of(sort)
    if expression is None:
        raise ValueError(f"no such column: {column}")
    return expression
