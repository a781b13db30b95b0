"""Dead letters and the customers who were deleted: which letters are freed of whom. Pure.

What a letter says is a matter of the handlers, who give a `Scrub`; which letters are about whom
stands with the letters.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from state import letters
from state.store import DeadLetter

Scrub = Callable[[DeadLetter, str], DeadLetter]
"""A letter without what it says of the customer of this id. It never raises; `mark` the result."""

ERASED: Final = "erased"
"""The header of a letter that says what was taken out of it."""
PERSON: Final = b"customer"
EVERYTHING: Final = b"everything"

_HARMLESS: Final = frozenset(
    {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_webhookversion"}
    | {"ce_sendoutid", "ce_receivedat", "content-type"}
)


def emptied(letter: DeadLetter, customer: str) -> DeadLetter:
    """The letter with nothing left in it but where it stood and that it was about this customer.

    A `Scrub` for what nothing can be saved of.
    """
    kept = tuple((name, value) for name, value in letter.headers if name in _HARMLESS)
    told = replace(letter, key=b"", value=b"", headers=kept, about=(customer,), people=())
    return mark(told, EVERYTHING)


def mark(letter: DeadLetter, what: bytes) -> DeadLetter:
    """Say in the letter's headers what was taken out of it."""
    others = tuple((name, value) for name, value in letter.headers if name != ERASED)
    return replace(letter, headers=(*others, (ERASED, what)))


def asked(
    kept: Iterable[DeadLetter], projects: Sequence[str], key: Callable[[str], str]
) -> dict[tuple[str, str], str]:
    """Ids that may be customers'. A letter of an unknown project may be of any of `projects`."""
    return {
        (project, key(id_)): id_
        for letter in kept
        for project in ([key(letter.project)] if letter.project is not None else projects)
        for id_ in (*letter.about, *letter.people)
    }


def freed(letter: DeadLetter, people: Iterable[str], scrub: Scrub) -> DeadLetter:
    """The letter without these people, so far as it is about them."""
    for customer in sorted(set(people)):
        if customer in letter.about or customer in letter.people:
            letter = scrub(letter, customer)
    return letter


def to_row(letter: DeadLetter) -> tuple[Any, ...]:
    """Its place, and what of it may have changed."""
    *_, key, value, headers, _, _, about = letters.to_row(letter)
    return (*letter.place, key, value, headers, about)
