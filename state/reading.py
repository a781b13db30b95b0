"""Reading the state, whichever database it is in: rows come in, objects go out.

A database gives rows of a statement, its named statements and its dialect, and nothing else: what
rows mean is decided here and in `state/ledger.py`, once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from schemas import jsontext
from state import kept, kinds, ledger_pages, letters, selecting, tallying
from state.chain import Entry, has_one_beginning
from state.kept import Beside, Kept, StoredKey
from state.ledger import LedgerPage, entry, with_balance
from state.merge import Row, unpack, view
from state.reader import DEAD_LETTER, GAP, Standing, Thing
from state.seen import Seen
from state.selecting import Total
from state.selection import Condition, Selection
from state.sqltext import unescape
from state.tallying import Tallied, Tally
from state.terms import Terms
from state.things import Lookups

_COLUMNS = "t.project, t.id, t.fields, t.stamps"


class Database(Protocol):
    """The read side of one database."""

    @property
    def sql(self) -> Mapping[str, str]:
        """The named statements in its dialect."""
        ...

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """The rows of one statement. Raises StateUnavailableError."""
        ...

    async def check(self) -> None:
        """See StateReader."""
        ...

    async def close(self) -> None:
        """See StateReader."""
        ...

    def terms(self) -> Terms:
        """The pieces of a new statement."""
        ...

    def key(self, text: str) -> str:
        """A text as its columns hold it."""
        ...

    def listed(self, keys: Iterable[str]) -> Any:
        """Several texts of columns as one value of a named statement."""
        ...

    def document(self, stored: Any) -> bytes:
        """The JSON text of a document as it was written."""
        ...


class Reading:
    """StateReader and StateContent over a database.

    Holes in ledgers count once they are known for so long.
    """

    def __init__(self, database: Database, gap_wait_ms: int) -> None:
        self._database = database
        self._gap_wait_ms = gap_wait_ms
        self._fetch = database.fetch
        self._sql = database.sql

    def noting(self, seen: Seen) -> "Reading":
        """See StateReader."""
        return Reading(_Noted(self._database, seen), self._gap_wait_ms)

    async def check(self) -> None:
        """See StateReader."""
        await self._database.check()

    async def standing(self) -> Standing:
        """See StateReader."""
        statement = self._sql["standing"]
        (row,) = await self._fetch(statement, self._gap_wait_ms)
        as_of, now, dead_letters, gaps, projects = row
        told = sorted(map(unescape, jsontext.decode(projects.encode())))
        return Standing(as_of, now, bool(dead_letters), bool(gaps), told)

    async def incomplete(self, project: str, ids: Collection[str]) -> frozenset[str]:
        """See StateReader."""
        things = self._database.listed(letters.thing_key(id_) for id_ in ids)
        cards = self._database.listed(self._database.key(id_) for id_ in ids)
        of_letters = (letters.thing_key(project), things)
        of_gaps = (self._database.key(project), cards, self._gap_wait_ms)
        ((lettered, holed),) = await self._fetch(self._sql["incomplete"], *of_letters, *of_gaps)
        return frozenset(
            reason for reason, holds in ((DEAD_LETTER, lettered), (GAP, holed)) if holds
        )

    async def get(self, project: str, kind: str, id_: str) -> Thing | None:
        """See StateReader."""
        found = await self.get_many(project, kind, [id_])
        return found.get(id_)

    async def get_many(self, project: str, kind: str, ids: Sequence[str]) -> Mapping[str, Thing]:
        """See StateReader."""
        wanted = Condition("id", "in", tuple(ids))
        found = await self._find(Selection(project, kind, (wanted,), order="id", limit=len(ids)))
        by_key = {self._database.key(id_): id_ for id_ in ids}
        return {by_key[key]: thing for key, thing in found}

    async def by_name(self, project: str, kind: str, name: str) -> Thing | None:
        """See StateReader."""
        named = Condition("name", "=", name)
        things = await self.find(Selection(project, kind, (named,), order="updated", limit=1))
        return things[0] if things else None

    async def find(self, selection: Selection) -> Sequence[Thing]:
        """See StateReader."""
        return [thing for _, thing in await self._find(selection)]

    async def count(self, selection: Selection) -> int:
        """See StateReader."""
        total = selecting.total(selection)
        if total is not None:
            return await self._total(selection, total)
        terms = self._database.terms()
        ((count,),) = await self._fetch(selecting.count(selection, terms), *terms.values)
        return int(count)

    async def tally(self, selection: Selection, tally: Tally) -> Sequence[Tallied]:
        """See StateReader."""
        terms = self._database.terms()
        statement = tallying.statement(selection, tally, terms)
        return tallying.read(tally, await self._fetch(statement, *terms.values))

    async def ledger(
        self, project: str, voucher_id: str, *, newest_first: bool, limit: int, after: str | None
    ) -> LedgerPage | None:
        """See StateReader."""
        card = ledger_pages.Card(self._database.key(project), self._database.key(voucher_id))
        behind = None if after is None else self._database.key(after)
        return await ledger_pages.page(
            self._database, card, newest_first=newest_first, limit=limit, after=behind
        )

    async def things(self, after: StoredKey, limit: int) -> Sequence[Kept]:
        """See StateContent."""
        rows = await self._fetch(self._sql["kept_things"], *after, limit)
        return [
            Kept((project, kind, id_), self._row(fields, stamps, gone=gone), Lookups(*looked_up))
            for project, kind, id_, gone, *looked_up, fields, stamps in rows
        ]

    async def beside(self) -> Mapping[Beside, Any]:
        """See StateContent."""
        gaps = await self._fetch(self._sql["kept_gaps"])
        found = await self._fetch(self._sql["kept_letters"])
        return dict([*map(kept.gap, gaps), *map(kept.letter, found)])

    async def also_of(self) -> Sequence[tuple[str, str, str, str]]:
        """The customers that personal things belong to beside the one in their rows.

        Each as project, customer, and kind and id of the thing, as they were told; there are few.
        """
        rows = await self._fetch(self._sql["kept_also_of"])
        return [(unescape(row[0]), unescape(row[1]), row[2], unescape(row[3])) for row in rows]

    async def close(self) -> None:
        """See StateReader."""
        await self._database.close()

    async def _find(self, selection: Selection) -> list[tuple[str, Thing]]:
        """The things of a selection with their ids as the columns hold them."""
        known, rest = selecting.parts(selection)
        found = await self._part(known)
        missing = selection.limit - len(found)
        if rest is None or not missing:
            return found
        end = selection.offset + len(found) if found else await self.count(known)
        behind = replace(rest, limit=missing, offset=max(0, selection.offset - end))
        return found + await self._part(behind)

    async def _total(self, selection: Selection, total: Total) -> int:
        key = self._database.key
        campaign = None if total.campaign is None else key(total.campaign)
        goes = kinds.KINDS[selection.kind].goes_with_campaign
        asked = (key(selection.project), selection.kind, campaign, goes)
        ((count,),) = await self._fetch(self._sql["tallied"], *asked)
        return int(count)

    async def _part(self, selection: Selection) -> list[tuple[str, Thing]]:
        terms = self._database.terms()
        statement = selecting.things(selection, terms, _COLUMNS)
        if selection.kind == kinds.VOUCHER:
            return await self._cards(statement, terms.values)
        kind = kinds.KINDS[selection.kind]
        found = []
        for _, id_, fields, stamps in await self._fetch(statement, *terms.values):
            row = self._row(fields, stamps)
            thing = view(kind, row)
            found.append((id_, thing | _hidden(row) if selection.hidden else thing))
        return found

    async def _cards(self, page: str, values: Sequence[Any]) -> list[tuple[str, Thing]]:
        """Cards with the entries of their ledgers' last millisecond, all in one statement."""
        statement = self._sql["with_newest_entries"].replace("{page}", page)
        found = []
        for project, id_, fields, stamps, told in await self._fetch(statement, *values):
            newest = self._entries(told)
            if newest and not has_one_beginning(newest):
                card = ledger_pages.Card(project, id_)
                newest = await ledger_pages.last_entry(self._database, card)
            found.append((id_, with_balance(self._row(fields, stamps), newest)))
        return found

    def _entries(self, told: str) -> list[Entry]:
        return [
            entry(id_, created, jsontext.decode(self._database.document(fields)))
            for id_, created, fields in jsontext.decode(told.encode())
        ]

    def _row(self, fields: Any, stamps: Any, *, gone: bool = False) -> Row:
        document = self._database.document
        return unpack(document(fields), document(stamps), gone=bool(gone))


class _Noted:
    """A Database that notes the rows it gives; how complete the state is at what time is no row."""

    def __init__(self, database: Database, seen: Seen) -> None:
        self._database = database
        self._seen = seen
        self.sql = database.sql
        self.check = database.check
        self.close = database.close
        self.terms = database.terms
        self.key = database.key
        self.listed = database.listed
        self.document = database.document

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Database."""
        rows = await self._database.fetch(statement, *values)
        if statement is not self.sql["standing"]:
            self._seen.rows(rows)
        return rows


def _hidden(row: Row) -> Thing:
    return {name: value for name, value in row.fields.items() if name[:1] == kinds.HIDDEN}
