"""The seam for looking at all that a state database keeps, thing by thing, as it was merged.

For comparing databases, not for answering: nothing is joined, computed or left out, and what is
gone is there, as gone. Databases of either sort give the same things in the same order, but for
ids that are so long that PostgreSQL keeps them shortened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from state.merge import Row
from state.sqltext import KEEPING_ORDER, shorten, unescape
from state.store import LetterPlace
from state.things import Lookups

StoredKey = tuple[str, str, str]
"""Project, kind and id as a database holds them."""

GAP: Final = "gap"
DEAD_LETTER: Final = "dead letter"
NOT_KNOWN: Final = "not known"

FIRST: Final[StoredKey] = ("", "", "")
"""Before every thing: no kind has an empty name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A thing as it is kept; `place` is where it stands among all others of its database."""

    place: StoredKey
    row: Row
    lookups: Lookups

    @property
    def key(self) -> StoredKey:
        """Its key in the form that every database can hold."""
        project, kind, id_ = self.place
        return shorten(project), kind, shorten(id_)

    @property
    def beginning(self) -> StoredKey:
        """What is in the same order in all databases."""
        project, kind, id_ = self.place
        return project[:KEEPING_ORDER], kind, id_[:KEEPING_ORDER]

    @property
    def names(self) -> StoredKey:
        """Project, kind and id as they were told, as far as they are kept."""
        project, kind, id_ = self.place
        return unescape(project), kind, unescape(id_)


class Beside(NamedTuple):
    """What is kept beside the things: a gap of a card's ledger, or a dead letter by its place.

    `field` tells several of one thing apart.
    """

    project: str
    kind: str
    id: str
    field: str


def gap(row: Sequence[Any]) -> tuple[Beside, Any]:
    """A gap from its row, by the entry that it comes after; NOT_KNOWN where it has no moments."""
    project, card, after, before, since, until, points = row
    key = Beside(_short(project), GAP, _short(card), _short(after))
    if since is None:
        return key, NOT_KNOWN
    return key, {"before": _short(before), "since": since, "until": until, "points": points}


def letter(row: Sequence[Any]) -> tuple[Beside, Any]:
    """A dead letter from its row."""
    name, number, offset, project, reason = row
    place = str(LetterPlace(name, number, offset))
    return Beside(_short(project or ""), DEAD_LETTER, place, ""), unescape(reason)


def _short(stored: str) -> str:
    """A text of a column in the form that every database can hold."""
    return unescape(shorten(stored))


class StateContent(Protocol):
    """All things of a state database, and what is beside them. Raises StateUnavailableError."""

    async def check(self) -> None:
        """Return if the database is reachable and of this program's version; else raise."""
        ...

    async def things(self, after: StoredKey, limit: int) -> Sequence[Kept]:
        """Things in the order of their places, from the one behind `after` on.

        Each call sees the database as it is then: what is written between two calls may be in the
        later one alone.
        """
        ...

    async def beside(self) -> Mapping[Beside, Any]:
        """All gaps and dead letters with what they say; there should be few.

        When a gap was found and when a letter was recorded is no part of it. NOT_KNOWN stands for
        the gaps of a card whose ledger was touched and not looked through since.
        """
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...
