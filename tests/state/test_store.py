"""The contract of the state database's two seams, run against every implementation."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from state import kinds, sqlite_migrations
from state.facts import Entered, Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.reader import StateReader
from state.selection import Condition, Selection
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import (
    Batch,
    DeadLetter,
    PositionMovedError,
    SchemaMismatchError,
    StateUnavailableError,
    StateWriter,
)

PROJECT = "proj_1"
LOG = ("embedded", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "state.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[StateWriter]:
    state = SqliteState(path)
    await state.migrate()
    yield state
    await state.close()


@pytest.fixture
async def reader(writer: StateWriter, path: Path) -> AsyncIterator[StateReader]:
    del writer  # has made the database
    state = SqliteReader(path)
    yield state
    await state.close()


def observed(kind: str, id_: str, /, version: int = 1, project: str = PROJECT, **told: Any) -> Fact:
    return Observed(
        ThingKey(project, kind, id_), Stamp(version, Rank.SUBJECT, version), {"id": id_, **told}
    )


def entered(id_: str, when: str, points: int, balance: int, card: str = "v_1") -> Fact:
    details = {"balance": {"points": points, "balance": balance}}
    told = {"id": id_, "voucher_id": card, "created_at": when, "details": details}
    return Entered(ThingKey(PROJECT, kinds.TRANSACTION, id_), told)


async def tell(writer: StateWriter, *facts: Fact) -> None:
    """Apply facts wherever the position stands."""
    before = (await writer.positions()).get(LOG, 0)
    await writer.apply(Batch(facts, {LOG: (before, before + 1)}))


async def test_facts_and_position_are_one_transaction(
    writer: StateWriter, reader: StateReader
) -> None:
    """What is applied is there with its position, and is counted as merged or stale."""
    fact = observed(kinds.VOUCHER, "v_1", code="A")

    first = await writer.apply(Batch([fact], {LOG: (0, 5)}, as_of=1_000))
    again = await writer.apply(Batch([fact], {LOG: (5, 6)}, as_of=900))

    assert [(1, 0), (0, 1)] == [(first.merged, first.stale), (again.merged, again.stale)]
    assert {LOG: 6} == await writer.positions()
    assert 1_000 == await reader.as_of()
    assert {"id": "v_1", "code": "A"} == await reader.get(PROJECT, kinds.VOUCHER, "v_1")


@pytest.mark.parametrize("before", [0, 4, 6])
async def test_a_position_that_moved_applies_nothing(
    writer: StateWriter, reader: StateReader, before: int
) -> None:
    """A copy that lost its partition can neither move a position back nor apply twice."""
    await writer.apply(Batch([], {LOG: (0, 5)}))

    with pytest.raises(PositionMovedError):
        await writer.apply(
            Batch([observed(kinds.VOUCHER, "v_1")], {("other", 1): (0, 3), LOG: (before, 9)})
        )

    assert {LOG: 5} == await writer.positions()
    assert await reader.get(PROJECT, kinds.VOUCHER, "v_1") is None


async def test_a_fact_that_breaks_takes_nothing_with_it(writer: StateWriter) -> None:
    """An exception of a fact's own leaves the transaction undone and the database usable."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}

    with pytest.raises(RecursionError):
        await writer.apply(Batch([observed(kinds.VOUCHER, "v_1", x=deep)], {LOG: (0, 1)}))

    assert {} == await writer.positions()
    await tell(writer, observed(kinds.VOUCHER, "v_2"))


async def test_every_text_that_json_can_spell(writer: StateWriter, reader: StateReader) -> None:
    """Ids and names with NUL, lone surrogates and backslashes are kept apart and found again."""
    odd = ["v\0", "v\\0000", "v\ud800", "v\\ud800", "v'\"", "v\u0301🎁", "", " "]
    for id_ in odd:
        await tell(writer, observed(kinds.VOUCHER, id_, code=f"code {id_}", note=id_))

    for id_ in odd:
        expected = {"id": id_, "code": f"code {id_}", "note": id_}
        assert expected == await reader.get(PROJECT, kinds.VOUCHER, id_)
        assert expected == await reader.by_name(PROJECT, kinds.VOUCHER, f"code {id_}")


async def test_projects_never_meet(writer: StateWriter, reader: StateReader) -> None:
    """The same ids in two projects are two things."""
    await tell(
        writer,
        observed(kinds.VOUCHER, "v_1", code="A", project="one"),
        observed(kinds.VOUCHER, "v_1", code="B", project="two"),
        Gone(ThingKey("one", kinds.CAMPAIGN, "camp_1")),
        observed(kinds.VOUCHER, "v_2", campaign_id="camp_1", project="two"),
    )

    assert ["one", "two"] == list(await reader.projects())
    one, two = [await reader.get(name, kinds.VOUCHER, "v_1") for name in ("one", "two")]
    assert ("A", "B") == ((one or {})["code"], (two or {})["code"])
    assert await reader.get("two", kinds.VOUCHER, "v_2")


async def test_gone_things_are_not_there(writer: StateWriter, reader: StateReader) -> None:
    """A deleted thing is found by no way, and nothing of it is kept."""
    told = observed(kinds.CUSTOMER, "cust_1", source_id="ann", email="ann@example.com")
    gone = Gone(ThingKey(PROJECT, kinds.CUSTOMER, "cust_1"))
    await tell(writer, told)
    await tell(writer, gone)
    await tell(writer, told)

    assert await reader.get(PROJECT, kinds.CUSTOMER, "cust_1") is None
    assert await reader.by_name(PROJECT, kinds.CUSTOMER, "ann") is None
    assert 0 == await reader.count(Selection(PROJECT, kinds.CUSTOMER))


async def test_what_goes_with_a_campaign(writer: StateWriter, reader: StateReader) -> None:
    """A deleted campaign's cards and tiers are not there, in whatever order that was told."""
    await tell(writer, Gone(ThingKey(PROJECT, kinds.CAMPAIGN, "camp_1")))
    campaign: Any = {"campaign_id": "camp_1", "$campaign_id": "camp_1"}
    for kind in (kinds.VOUCHER, kinds.LOYALTY_TIER, kinds.MEMBERSHIP, kinds.PUBLICATION):
        await tell(writer, observed(kind, "x", **campaign))

    there = [
        kind
        for kind in (kinds.VOUCHER, kinds.LOYALTY_TIER, kinds.MEMBERSHIP, kinds.PUBLICATION)
        if await reader.get(PROJECT, kind, "x")
    ]

    assert [kinds.PUBLICATION] == there


async def test_the_chain_and_the_newest_telling(writer: StateWriter, reader: StateReader) -> None:
    """A card's balance is its chain's end, unless the card itself was told later."""
    card: Any = {"loyalty_card": {"points": 9, "balance": 9}}
    at = "2025-01-01T00:00:00.500Z"
    moment = 1_735_689_600_500
    await tell(writer, observed(kinds.VOUCHER, "v_1", moment, **card))
    await tell(writer, entered("vtx_b", at, -4, 5), entered("vtx_a", at, 9, 9))

    found = await reader.get(PROJECT, kinds.VOUCHER, "v_1")
    assert found is not None
    assert {"points": 9, "balance": 5} == found["loyalty_card"]

    await tell(writer, observed(kinds.VOUCHER, "v_1", moment + 1, loyalty_card={"balance": 7}))
    found = await reader.get(PROJECT, kinds.VOUCHER, "v_1")
    assert found is not None
    assert {"points": 9, "balance": 7} == found["loyalty_card"]


async def test_lists(writer: StateWriter, reader: StateReader) -> None:
    """A selection's pages give each thing once, in its order, also at equal moments."""
    days = [f"2025-01-0{1 + number % 3}T00:00:00Z" for number in range(9)]
    await tell(
        writer,
        *(
            observed(
                kinds.VOUCHER, f"v_{number}", campaign_id="c", code=f"{9 - number}", created_at=day
            )
            for number, day in enumerate(days)
        ),
        observed(kinds.VOUCHER, "v_x", campaign_id="other"),
    )
    mine = Condition("campaign", "=", "c")

    pages = [
        await reader.find(Selection(PROJECT, kinds.VOUCHER, (mine,), limit=4, offset=offset))
        for offset in (0, 4, 8)
    ]
    ids = [voucher["id"] for page in pages for voucher in page]

    assert ["v_8", "v_5", "v_2", "v_7", "v_4", "v_1", "v_6", "v_3", "v_0"] == ids
    assert 9 == await reader.count(Selection(PROJECT, kinds.VOUCHER, (mine,)))
    by_code = Selection(
        PROJECT, kinds.VOUCHER, (Condition("name", "in", ("9", "2", "zz")),), "name", False
    )
    assert ["2", "9"] == [voucher["code"] for voucher in await reader.find(by_code)]
    told = Condition("fields.code", "=", "3")
    found = await reader.find(Selection(PROJECT, kinds.VOUCHER, (mine, told)))
    assert ["v_6"] == [voucher["id"] for voucher in found]


@pytest.mark.parametrize(
    "selection",
    [
        Selection(PROJECT, kinds.VOUCHER, (Condition("name; DROP TABLE thing", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("fields.x') --", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("name", "OR 1=1", 1),)),  # type: ignore[arg-type] # it is wrong
        Selection(PROJECT, kinds.VOUCHER, order="random()"),
    ],
)
async def test_only_known_columns_become_sql(reader: StateReader, selection: Selection) -> None:
    """A column or operator that is not ours is refused before it can become SQL."""
    with pytest.raises(ValueError, match="no such"):
        await reader.find(selection)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 40, 100])
async def test_ledger_pages(
    writer: StateWriter, reader: StateReader, newest_first: bool, limit: int
) -> None:
    """Walking a ledger page by page gives every entry once, in the order of its chain."""
    facts, balance, expected = [], 0, []
    for number in range(100):
        balance += (points := 7 if number % 3 else -9)
        expected.append(f"vtx_{(number * 37) % 100:02d}")
        at = f"2025-01-01T00:00:{number // 4:02d}.000Z"
        facts.append(entered(expected[-1], at, points, balance))
    await tell(writer, *facts, entered("vtx_other", "2025-01-01T00:00:00.000Z", 1, 1, card="v_2"))

    walked: list[str] = []
    more = True
    while more:
        page = await reader.ledger(
            PROJECT,
            "v_1",
            newest_first=newest_first,
            limit=limit,
            after=walked[-1] if walked else None,
        )
        assert page is not None
        walked += [entry["id"] for entry in page.entries]
        more = page.has_more

    assert (expected[::-1] if newest_first else expected) == walked


async def test_a_ledger_does_not_go_on_from_another_cards_entry(
    writer: StateWriter, reader: StateReader
) -> None:
    """A cursor that is no entry of the card is told apart from an empty page."""
    await tell(writer, entered("vtx_1", "2025-01-01T00:00:00.000Z", 1, 1, card="v_2"))

    page = await reader.ledger(PROJECT, "v_1", newest_first=True, limit=10, after="vtx_1")

    assert page is None


async def test_dead_letters_wait_until_published(writer: StateWriter) -> None:
    """A dead letter is kept with the batch that it was in, once, until it is published."""
    letter = DeadLetter(LOG, 7, "topic", "evt\0", "KeyError", b"k", b"\xff\0v", (("a", b"\xff"),))
    await writer.apply(Batch([], {LOG: (0, 8)}, [letter]))

    (waiting,) = await writer.unpublished_dead_letters(10)
    await writer.mark_published([waiting])

    assert (letter.partition, letter.offset, letter.value, letter.headers) == (
        waiting.partition,
        waiting.offset,
        waiting.value,
        waiting.headers,
    )
    assert [] == list(await writer.unpublished_dead_letters(10))


async def test_two_writers_move_one_position_once(path: Path, writer: StateWriter) -> None:
    """Of two copies that apply the same batch at once, one applies it and the other is told."""
    other = SqliteState(path)
    batch = Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)})

    done = await asyncio.gather(writer.apply(batch), other.apply(batch), return_exceptions=True)
    await other.close()

    assert [False, True] == sorted(isinstance(one, PositionMovedError) for one in done)


async def test_migrating_twice_and_from_the_future(path: Path, writer: StateWriter) -> None:
    """Migrating is idempotent; a database newer than the program is refused with the mend."""
    await writer.migrate()
    await writer.check()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {sqlite_migrations.latest() + 1}")
    db.close()

    for attempt in (writer.migrate, writer.check):
        with pytest.raises(SchemaMismatchError, match="upgrade"):
            await attempt()


async def test_a_database_that_is_not_there_or_none(path: Path) -> None:
    """The readers and writers of a missing, old or damaged database say what is wrong."""
    reader = SqliteReader(path)
    with pytest.raises(StateUnavailableError, match="state database"):
        await reader.as_of()
    await reader.close()

    path.parent.mkdir()
    sqlite3.connect(path).close()
    reader = SqliteReader(path)
    with pytest.raises(SchemaMismatchError, match="voucherify-sync migrate"):
        await reader.check()
    await reader.close()


async def test_a_damaged_database_says_so_and_is_made_anew_once_away(path: Path) -> None:
    """A file that is no database is left as it is; once it is away, a new one is made."""
    damage(path)
    state = SqliteState(path)
    with pytest.raises(StateUnavailableError, match="built again from the log"):
        await state.migrate()

    path.rename(path.with_suffix(".away"))  # noqa: ASYNC240 - one small file
    await state.migrate()
    await state.close()


def damage(path: Path) -> None:
    """Put something at the path that is no database."""
    path.parent.mkdir()
    path.write_bytes(b"this is no database, it is a text that is long enough" * 100)


async def test_a_locked_database_is_unavailable_and_then_not(
    path: Path, writer: StateWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that holds the database makes us wait and say so, not crash."""
    monkeypatch.setattr("state.sqlite.BUSY_MS", 50)
    state = SqliteState(path)
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")

    with pytest.raises(StateUnavailableError, match="locked"):
        await state.apply(Batch([], {LOG: (0, 1)}))
    locker.execute("ROLLBACK")
    locker.close()

    await state.apply(Batch([], {LOG: (0, 1)}))
    await state.close()
    assert {LOG: 1} == await writer.positions()
