"""Dead letters and the customers who were deleted: which letters are freed of whom. Pure.

What a letter says is a matter of the handlers, who give a `Scrub`; which letters are about whom
stands with the letters.
"""

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from typing import Any, Final

from state import letters
from state.store import DeadLetter

Scrub = Callable[[DeadLetter, str], DeadLetter]
"""A letter without what it says of the customer of this id. It never raises; `mark` the result."""

Place = tuple[str, str]
"""Project and id of a customer as the columns hold them."""

ERASED: Final = "erased"
"""The header of a letter that says what was taken out of it."""
PERSON: Final = b"customer"
EVERYTHING: Final = b"everything"

_HARMLESS: Final = frozenset(
    {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_webhookversion"}
    | {"ce_sendoutid", "ce_receivedat", "content-type"}
)

_VENDORS_ID: Final = re.compile(r"[a-z]{1,8}_[A-Za-z0-9]{8,}")
"""An id that the vendor made. Others that a letter is about may be what a person is called by."""


def emptied(letter: DeadLetter, customer: str) -> DeadLetter:
    """The letter with nothing left in it but where it stood, and what it was about by vendor's ids.

    A `Scrub` for what nothing can be saved of.
    """
    about = {customer, *filter(_VENDORS_ID.fullmatch, letter.about)}
    kept = tuple((name, value) for name, value in letter.headers if name in _HARMLESS)
    told = replace(letter, key=b"", value=b"", headers=kept, about=tuple(sorted(about)))
    return mark(told, EVERYTHING)


def mark(letter: DeadLetter, what: bytes) -> DeadLetter:
    """Say in the letter's headers what was taken out of it."""
    others = tuple((name, value) for name, value in letter.headers if name != ERASED)
    return replace(letter, headers=(*others, (ERASED, what)))


def asked(
    kept: Iterable[DeadLetter], projects: Sequence[str], key: Callable[[str], str]
) -> list[Place]:
    """Whom letters may tell of, as columns hold them; `projects` are those of an unknown one."""
    return list({place for letter in kept for place in _named(letter, projects, key)})


def freed_of(
    letter: DeadLetter,
    gone: Set[Place],
    projects: Sequence[str],
    key: Callable[[str], str],
    scrub: Scrub,
) -> DeadLetter:
    """The letter without those whom it names and who are gone."""
    named = _named(letter, projects, key)
    return freed(letter, [id_ for place, id_ in named.items() if place in gone], scrub)


def _named(
    letter: DeadLetter, projects: Sequence[str], key: Callable[[str], str]
) -> dict[Place, str]:
    mine = projects if letter.project is None else [key(letter.project)]
    ids = (*letter.about, *letter.people)
    return {(project, key(id_)): id_ for project in mine for id_ in ids}


def freed(letter: DeadLetter, people: Iterable[str], scrub: Scrub) -> DeadLetter:
    """The letter without these people, so far as it names them."""
    for customer in sorted(set(people)):
        if customer in letter.about or customer in letter.people:
            letter = scrub(letter, customer)
    return letter


def to_row(letter: DeadLetter) -> tuple[Any, ...]:
    """Its place, and what of it may have changed."""
    *_, key, value, headers, _, _, about = letters.to_row(letter)
    return (*letter.place, key, value, headers, about)
