"""The seam to the state database's read side: objects come out, as merged, never rows.

What is gone is not there: every method answers as if it had never been.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from state.ledger import LedgerPage
from state.selection import Selection

Thing = dict[str, Any]


class StateReader(Protocol):
    """What the query API needs. Safe to call from many tasks; raises StateUnavailableError.

    Cards and gift cards carry the balance that the end of their ledger's chain left.
    """

    async def check(self) -> None:
        """Return if the database is reachable and of this program's version; else raise."""
        ...

    async def as_of(self) -> int | None:
        """The moment in ms up to which the state is complete, None before there was one."""
        ...

    async def projects(self) -> Sequence[str]:
        """The projects that anything was told of."""
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

    async def ledger(
        self, project: str, voucher_id: str, *, newest_first: bool, limit: int, after: str | None
    ) -> LedgerPage | None:
        """A page of a card's ledger, from the entry behind `after` on; None if it has none such."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...
