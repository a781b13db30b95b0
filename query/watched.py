"""A reader that remembers which things it was asked for and which it gave out.

What stands here is what an answer is about: where one of these things is known to be incomplete,
so is the answer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from state.ledger import LedgerPage
from state.reader import Standing, StateReader, Thing
from state.seen import Seen
from state.selection import AnyOf, ColumnOf, Condition, Selection
from state.tallying import Tallied, Tally

_REFERENCES: Final = frozenset({"id", "name", "voucher", "campaign", "customer"})
"""Columns by which a selection names the things that it is about."""


class Watched:
    """StateReader over another, for one question; `ids` grow as it is asked.

    Names are kept with the ids: what can't be found by its name may be known by it elsewhere.
    """

    def __init__(self, reader: StateReader) -> None:
        self._reader = reader
        self.ids: set[str] = set()

    def noting(self, seen: Seen) -> StateReader:
        """See StateReader. What that one gives is not remembered."""
        return self._reader.noting(seen)

    async def check(self) -> None:
        """See StateReader."""
        await self._reader.check()

    async def standing(self) -> Standing:
        """See StateReader."""
        return await self._reader.standing()

    async def incomplete(self, project: str, ids: Collection[str]) -> frozenset[str]:
        """See StateReader."""
        return await self._reader.incomplete(project, ids)

    async def get(self, project: str, kind: str, id_: str) -> Thing | None:
        """See StateReader."""
        self.ids.add(id_)
        return await self._reader.get(project, kind, id_)

    async def get_many(self, project: str, kind: str, ids: Sequence[str]) -> Mapping[str, Thing]:
        """See StateReader."""
        self.ids.update(ids)
        return await self._reader.get_many(project, kind, ids)

    async def by_name(self, project: str, kind: str, name: str) -> Thing | None:
        """See StateReader."""
        self.ids.add(name)
        thing = await self._reader.by_name(project, kind, name)
        self._gave([thing] if thing else [])
        return thing

    async def find(self, selection: Selection) -> Sequence[Thing]:
        """See StateReader."""
        self.ids.update(_named(selection.conditions))
        things = await self._reader.find(selection)
        self._gave(things)
        return things

    async def count(self, selection: Selection) -> int:
        """See StateReader."""
        self.ids.update(_named(selection.conditions))
        return await self._reader.count(selection)

    async def tally(self, selection: Selection, tally: Tally) -> Sequence[Tallied]:
        """See StateReader. What is counted is not remembered; what is asked about is."""
        self.ids.update(_named(selection.conditions))
        return await self._reader.tally(selection, tally)

    async def ledger(
        self, project: str, voucher_id: str, *, newest_first: bool, limit: int, after: str | None
    ) -> LedgerPage | None:
        """See StateReader."""
        self.ids.add(voucher_id)
        if after is not None:
            self.ids.add(after)
        page = await self._reader.ledger(
            project, voucher_id, newest_first=newest_first, limit=limit, after=after
        )
        self._gave(page.entries if page else [])
        return page

    async def close(self) -> None:
        """See StateReader."""
        await self._reader.close()

    def _gave(self, things: Iterable[Mapping[str, Any]]) -> None:
        ids = (thing.get("id") for thing in things)
        self.ids.update(id_ for id_ in ids if isinstance(id_, str))


def _named(conditions: Iterable[Condition | AnyOf]) -> Iterator[str]:
    for one in conditions:
        if isinstance(one, AnyOf):
            for alternative in one.alternatives:
                yield from _named(alternative)
        elif isinstance(one.value, ColumnOf):
            yield from _named(one.value.conditions)
        elif one.column in _REFERENCES and one.operator in ("=", "in"):
            yield from _texts(one.value)


def _texts(value: Any) -> Iterator[str]:
    values = value if isinstance(value, tuple) else (value,)
    return (text for text in values if isinstance(text, str))
