"""Dead letters as both databases keep them: one row each, and a row for each thing they are about.

A letter of an unknown project is kept under no project, and counts for all of them. People whom a
letter just names are kept apart from what it is about: no answer about them is incomplete.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from schemas import jsontext
from state.sqltext import escape, shorten, unescape
from state.store import DeadLetter, LetterPlace

NO_PROJECT: Final = ""

_PEOPLE: Final = "\\p"
"""Before the project of people; no escaped text looks so."""


def to_row(letter: DeadLetter) -> tuple[Any, ...]:
    """Place, topic, reason, key, value, headers, moment, project and the ids it is about."""
    headers = [[name, value.hex()] for name, value in letter.headers]
    return (
        *letter.place,
        letter.topic,
        escape(letter.reason),
        letter.key,
        letter.value,
        jsontext.encode(headers),
        letter.recorded_at,
        None if letter.project is None else escape(letter.project),
        jsontext.encode([*letter.about, letter.people] if letter.people else letter.about),
    )


def from_row(row: Sequence[Any]) -> DeadLetter:
    """The letter that `to_row` made a row of."""
    name, number, offset, topic, reason, key, value, headers, recorded_at, project, told = row
    about = jsontext.decode(told)
    people = about.pop() if about and isinstance(about[-1], list) else ()
    return DeadLetter(
        place=LetterPlace(name, number, offset),
        topic=topic,
        reason=unescape(reason),
        key=key,
        value=value,
        headers=tuple((header, bytes.fromhex(text)) for header, text in jsontext.decode(headers)),
        recorded_at=recorded_at,
        project=None if project is None else unescape(project),
        about=tuple(about),
        people=tuple(people),
    )


def about(letter: DeadLetter) -> Iterator[tuple[Any, ...]]:
    """Project, thing and the letter's place, for each thing and each of the people."""
    project = NO_PROJECT if letter.project is None else thing_key(letter.project)
    for id_ in letter.about:
        yield (project, thing_key(id_), *letter.place)
    for id_ in letter.people:
        yield (_PEOPLE + project, thing_key(id_), *letter.place)


def telling_of(project: str, customer: str) -> tuple[list[str], str]:
    """Under which projects, and which thing, the letters are kept that may tell of a customer."""
    projects = (NO_PROJECT, thing_key(project))
    return [*projects, *(_PEOPLE + name for name in projects)], thing_key(customer)


def thing_key(id_: str) -> str:
    """A project or an id as letters are looked up by it."""
    return shorten(escape(id_))
