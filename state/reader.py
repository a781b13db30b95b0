"""The seam to the state database's read side: objects come out, as merged, never rows.

What is gone is not there: every method answers as if it had never been.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from state.ledger import LedgerPage
from state.seen import Seen
from state.selection import Selection
from state.tallying import Tallied, Tally

Thing = dict[str, Any]

DEAD_LETTER: Final = "dead-letter"
GAP: Final = "gap"


class Standing(NamedTuple):
    """How complete the state is, in moments of the database's clock in ms.

    `as_of` is the one up to which everything is applied, None before there was one; `now` that of
    this answer. `dead_letters` says whether any are kept, `gaps` whether ledgers have had holes for
    longer than entries are waited for. `projects` are those that anything was told of, in order.
    """

    as_of: int | None
    now: int
    dead_letters: bool
    gaps: bool
    projects: Sequence[str]


class StateReader(Protocol):
    """What the query API needs. Safe to call from many tasks; raises StateUnavailableError.

    Cards and gift cards carry the balance that the end of their ledger's chain left.
    """

    def noting(self, seen: Seen) -> "StateReader":
        """The same reader, for one answer, which notes the version of what it gives."""
        ...

    async def check(self) -> None:
        """Return if the database is reachable and of this program's version; else raise."""
        ...

    async def standing(self) -> Standing:
        """How complete the state is."""
        ...

    async def incomplete(self, project: str, ids: Collection[str]) -> frozenset[str]:
        """What is known to be missing of these things.

        DEAD_LETTER: one is kept that would have told of one of them; one of an unknown project
        counts for all projects. GAP: entries are missing in the ledger of one of these cards.
        """
        ...

    async def get(self, project: str, kind: str, id_: str) -> Thing | None:
        """One thing by its id."""
        ...

    async def get_many(self, project: str, kind: str, ids: Sequence[str]) -> Mapping[str, Thing]:
        """Things by their ids; those that are not there are left out."""
        ...

    async def by_name(self, project: str, kind: str, name: str) -> Thing | None:
        """One thing by what it is called (a code, a source id, a campaign's name); the newest."""
        ...

    async def find(self, selection: Selection) -> Sequence[Thing]:
        """The things of a selection, in its order."""
        ...

    async def count(self, selection: Selection) -> int:
        """How many things meet the selection's conditions, whatever its page."""
        ...

    async def tally(self, selection: Selection, tally: Tally) -> Sequence[Tallied]:
        """Counts and sums of what meets the selection's conditions, in no particular order."""
        ...

    async def ledger(
        self, project: str, voucher_id: str, *, newest_first: bool, limit: int, after: str | None
    ) -> LedgerPage | None:
        """A page of a card's ledger, from the entry behind `after` on; None if it has none such."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...
