"""The seam to the state database: facts go in, with the position they cover, in one transaction.

Implementations: the embedded SQLite and PostgreSQL. One contract test suite runs against each. What
facts mean when they meet is not decided here but in `state/merge.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from state.facts import Fact

PartitionKey = tuple[str, int]
"""Name and number of a partition of the log."""

GAP_WAIT_MS: Final = 60_000
"""For so long an entry that seems to be missing may just be late."""


class StateUnavailableError(Exception):
    """The database did not take or give anything now. Nothing is lost; the caller may try again."""


class PositionMovedError(Exception):
    """Another copy applied a part of this batch. Nothing of it was applied; read positions anew."""


class SchemaMismatchError(Exception):
    """The database is of another version than this program; the message says the mend."""


class LetterPlace(NamedTuple):
    """Where in the log a dead letter's event stands; written `name/number/offset`, its id."""

    name: str
    number: int
    offset: int

    def __str__(self) -> str:
        return f"{self.name}/{self.number}/{self.offset}"


class NotMigratedError(SchemaMismatchError):
    """Nothing of ours was ever made in the database."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that could not be applied, with all that is needed to apply it later.

    `about` are the ids of the things of `project` that it would have told of, as far as known,
    `people` those of the customers whom it names beside them; `recorded_at` is in ms.
    """

    place: LetterPlace
    topic: str
    reason: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    recorded_at: int
    project: str | None = None
    about: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries of a card's ledger are missing: after one of its entries, before another.

    `after` is None where the first ones are missing, `before` where only what was told of the card
    later shows it. They were made between `since` and `until` and come to so many points (or so
    much of a gift card's amount); `seen_at` is when that was found. Moments are in ms.
    """

    project: str
    voucher: str
    after: str | None
    before: str | None
    since: int
    until: int
    points: int | float
    seen_at: int


class Mark(NamedTuple):
    """What the record before a position is known by: a digest of it, made by whoever applies it."""

    position: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction applies.

    `moves` gives for each partition the position before the batch and the one after it, `marks` the
    digest of the last record before the latter, where it is known. A dead letter that is kept
    already is given the new reason. `settled` are dead letters that are none any more, because the
    facts hold what they told; one that is not kept is passed over.
    """

    facts: Sequence[Fact]
    moves: Mapping[PartitionKey, tuple[int, int]]
    dead_letters: Sequence[DeadLetter] = ()
    settled: Sequence[LetterPlace] = ()
    marks: Mapping[PartitionKey, bytes] = field(default_factory=dict)


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
        """Return if the database is reachable and of this version; else raise one of the errors.

        Raises NotMigratedError for a new one.
        """
        ...

    async def positions(self) -> Mapping[PartitionKey, int]:
        """For each partition ever applied the offset of the next record wanted."""
        ...

    async def marks(self) -> Mapping[PartitionKey, Mark]:
        """The marks of the positions, of those that have one."""
        ...

    async def apply(self, batch: Batch) -> Applied:
        """Join all facts, move all positions, keep all dead letters, in one transaction.

        Positions move by compare-and-set: raises PositionMovedError, with nothing applied, where a
        position is not where the batch begins. Raises StateUnavailableError where the database
        can't take it now; then too, nothing is applied, or all of it is and the next attempt raises
        PositionMovedError. Any other exception is the fault of a fact.
        """
        ...

    async def now(self) -> int:
        """The moment by the clock of the database, in ms: one clock for all copies."""
        ...

    async def advance_as_of(self, moment: int) -> None:
        """Publish a moment in ms (of `now`) up to which all is applied.

        One that is older than the published one changes nothing, unless that one lies in the future
        by the database's clock, which then has stepped back.
        """
        ...

    async def move_position(self, partition: PartitionKey, before: int, after: int) -> None:
        """Move one position by hand. Raises PositionMovedError where it is not at `before`."""
        ...

    async def dead_letters(
        self,
        *,
        places: Sequence[LetterPlace] | None = None,
        reason: str | None = None,
        after: LetterPlace | None = None,
        limit: int = 100,
    ) -> Sequence[DeadLetter]:
        """Dead letters that are kept, ordered by place, from the one behind `after` on.

        Only those at `places`, if given, and only those whose reason begins with `reason`.
        """
        ...

    async def count_dead_letters(self, reason: str | None = None) -> Mapping[str, int]:
        """How many dead letters are kept for each reason; those that begin with `reason`."""
        ...

    async def discard(self, places: Sequence[LetterPlace]) -> int:
        """Forget dead letters for good; return how many there were."""
        ...

    async def change_reasons(self, reasons: Mapping[LetterPlace, str]) -> None:
        """Give dead letters new reasons; those that are not kept any more do not come back."""
        ...

    async def unpublished_dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that are not known to be in the dead-letter topic yet, by place."""
        ...

    async def mark_published(self, places: Sequence[LetterPlace]) -> None:
        """Remember that these are in the dead-letter topic."""
        ...

    async def check_ledgers(self, limit: int) -> int:
        """Look for holes in so many of the ledgers that were touched since the last look.

        What is found is kept as gaps, what has been filled is none any more, in one transaction.
        Returns how many ledgers were looked through; several copies take different ones.
        """
        ...

    async def gaps(self, *, known_for: int, limit: int = 100) -> Sequence[Gap]:
        """Gaps that have been known for so many ms, those known for longest first."""
        ...

    async def count_gaps(self, *, known_for: int) -> int:
        """How many gaps have been known for so many ms."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        ...
