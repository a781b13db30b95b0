"""The seam to the state database: facts go in, with the position they cover, in one transaction.

Implementations: the embedded SQLite. One contract test suite runs against each. What facts mean
when they meet is not decided here but in `state/merge.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from state.facts import Fact

PartitionKey = tuple[str, int]
"""Name and number of a partition of the log."""


class StateUnavailableError(Exception):
    """The database did not take or give anything now. Nothing is lost; the caller may try again."""


class PositionMovedError(Exception):
    """Another copy applied a part of this batch. Nothing of it was applied; read positions anew."""


class SchemaMismatchError(Exception):
    """The database is of another version than this program; the message says the mend."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that could not be applied, with all that is needed to apply it later."""

    partition: PartitionKey
    offset: int
    topic: str
    event_id: str | None
    reason: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction applies.

    `moves` gives for each partition the position before the batch and the one after it; `as_of` is
    the moment in ms up to which the state is complete once this is applied.
    """

    facts: Sequence[Fact]
    moves: Mapping[PartitionKey, tuple[int, int]]
    dead_letters: Sequence[DeadLetter] = ()
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """How many facts changed something, how many were known or outranked already."""

    merged: int
    stale: int


class StateWriter(Protocol):
    """What the handlers need of the state database."""

    async def migrate(self) -> None:
        """Bring the database to this version, under a lock. Raises SchemaMismatchError."""
        ...

    async def check(self) -> None:
        """Return if the database is reachable and of this version; else raise one of the errors."""
        ...

    async def positions(self) -> Mapping[PartitionKey, int]:
        """For each partition ever applied the offset of the next record wanted."""
        ...

    async def apply(self, batch: Batch) -> Applied:
        """Join all facts, move all positions, keep all dead letters, in one transaction.

        Positions move by compare-and-set: raises PositionMovedError, with nothing applied, where a
        position is not where the batch begins. Raises StateUnavailableError where the database
        can't take it now; then too, nothing is applied, or all of it is and the next attempt raises
        PositionMovedError. Any other exception is the fault of a fact.
        """
        ...

    async def advance_as_of(self, moment: int) -> None:
        """Publish a moment in ms up to which all is applied; one that is older changes nothing."""
        ...

    async def unpublished_dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that are not known to be in the dead-letter topic yet, oldest first."""
        ...

    async def mark_published(self, dead_letters: Sequence[DeadLetter]) -> None:
        """Remember that these are in the dead-letter topic."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        ...
