"""Lists by page: every thing once, in order, however deep, and counted without counting."""

from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import asyncpg
import pytest

from state import kinds, selecting
from state.facts import Fact, Gone, ThingKey
from state.postgres_terms import PostgresTerms
from state.reader import StateReader
from state.selection import AnyOf, Condition, Selection
from state.sqlite import connect
from state.sqlite_terms import SqliteTerms
from state.store import StateWriter
from tests.state.factories import PROJECT, observed, tell
from tests.state.stores import PostgresStore, SqliteStore, Store

MANY: Final = 1_000
OF_A_CAMPAIGN: Final = Condition("campaign", "=", "camp_1")
OF_A_TYPE: Final = Condition("fields.type", "=", "LOYALTY_CARD")


def voucher(number: int, **told: Any) -> Fact:
    """A voucher that shares its moments with others, and of which not everything was told."""
    if number % 3:
        told["code"] = f"CODE-{number % 7}"
    if number % 4:
        told["updated_at"] = f"2025-03-0{1 + number % 5}T00:00:00Z"
    told.setdefault("campaign_id", f"camp_{number % 3}")
    made = f"2025-02-0{1 + number % 6}T00:00:00Z"
    return observed(kinds.VOUCHER, f"v_{number:02d}", created_at=made, type="LOYALTY_CARD", **told)


def gone(kind: str, id_: str) -> Fact:
    """A deletion."""
    return Gone(ThingKey(PROJECT, kind, id_))


@pytest.fixture
async def told(writer: StateWriter) -> None:
    """Vouchers of three campaigns, one of which is deleted, and some that are deleted."""
    await tell(writer, *(voucher(number) for number in range(40)))
    await tell(
        writer, gone(kinds.CAMPAIGN, "camp_2"), *(gone(kinds.VOUCHER, f"v_{n}") for n in (12, 25))
    )


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "conditions", [(), (OF_A_CAMPAIGN,), (OF_A_TYPE,), (OF_A_CAMPAIGN, OF_A_TYPE)]
)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("order", ["created", "updated", "name", "id", "fields.code"])
async def test_pages_make_up_the_list(
    reader: StateReader, order: str, descending: bool, conditions: tuple[Condition, ...]
) -> None:
    """Page after page gives each thing once, in the order of the whole, as many as it says."""
    asked = Selection(
        PROJECT, kinds.VOUCHER, conditions, order=order, descending=descending, limit=MANY
    )

    whole = await reader.find(asked)
    pages = [
        one
        for offset in range(0, 48, 4)
        for one in await reader.find(replace(asked, limit=4, offset=offset))
    ]

    assert whole == pages
    assert len({one["id"] for one in whole}) == len(whole)
    assert len(whole) == await reader.count(asked)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("order", "field"), [("updated", "updated_at"), ("name", "code")])
async def test_the_unknown_comes_last(
    reader: StateReader, order: str, field: str, descending: bool
) -> None:
    """What the list is ordered by is known first, and in order; all else is ordered by id."""
    found = await reader.find(
        Selection(PROJECT, kinds.VOUCHER, order=order, descending=descending, limit=MANY)
    )

    known = [(one[field], one["id"]) for one in found if field in one]
    unknown = [one["id"] for one in found if field not in one]
    assert sorted(known, reverse=descending) == known
    assert sorted(unknown, reverse=descending) == unknown
    assert found[len(known) :] == [one for one in found if field not in one]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("order", ["created", "id"])
async def test_a_cursor_goes_on_behind_a_thing(
    reader: StateReader, order: str, descending: bool
) -> None:
    """Going on behind the last one of each page gives the whole list, too."""
    asked = Selection(PROJECT, kinds.VOUCHER, order=order, descending=descending, limit=3)
    whole = await reader.find(replace(asked, limit=MANY))

    found = list(await reader.find(asked))
    while more := await reader.find(replace(asked, after=found[-1]["id"])):
        found += more

    assert whole == found


@pytest.mark.usefixtures("told")
async def test_cursors_of_other_orders(reader: StateReader) -> None:
    """What is behind a thing that nobody told of is nothing; other orders have no cursors."""
    unknown = Selection(PROJECT, kinds.VOUCHER, after="v_unknown")

    assert [] == await reader.find(unknown)
    with pytest.raises(ValueError, match="no such cursor"):
        await reader.find(Selection(PROJECT, kinds.VOUCHER, order="name", after="v_01"))


async def test_what_comes_and_goes_is_counted(writer: StateWriter, reader: StateReader) -> None:
    """A kept count is what counting gives, whatever comes, moves, goes or is repeated."""
    steps: list[list[Fact]] = [
        [observed(kinds.VOUCHER, "v_1"), observed(kinds.VOUCHER, "v_2", campaign_id="a\0b")],
        [observed(kinds.VOUCHER, "v_1", campaign_id="camp_1"), observed(kinds.VOUCHER, "v_2")],
        [observed(kinds.VOUCHER, "v_1", 2, campaign_id="camp_2"), observed(kinds.VOUCHER, "v_3")],
        [observed(kinds.VOUCHER, "v_4", campaign_id="camp_2"), gone(kinds.VOUCHER, "v_4")],
        [gone(kinds.VOUCHER, "v_5"), observed(kinds.VOUCHER, "v_5"), gone(kinds.VOUCHER, "v_3")],
        [observed(kinds.VOUCHER, "v_3"), gone(kinds.VOUCHER, "v_3"), observed(kinds.ORDER, "o_1")],
        [observed(kinds.VOUCHER, "v_6", campaign_id=""), observed(kinds.CAMPAIGN, "camp_2")],
        [observed(kinds.VOUCHER, "v_7", project="other"), observed(kinds.REDEMPTION, "r_1")],
        [observed(kinds.PUBLICATION, "p_1", 1, PROJECT, **{kinds.CAMPAIGN_ID: "camp_2"})],
        [gone(kinds.CAMPAIGN, "camp_2")],
        [observed(kinds.VOUCHER, "v_8", campaign_id="camp_2")],
    ]
    for step in steps:
        await tell(writer, *step)
        for kind in (kinds.VOUCHER, kinds.ORDER, kinds.CAMPAIGN, kinds.PUBLICATION):
            for conditions in ((), *((Condition("campaign", "=", id_),) for id_ in CAMPAIGNS)):
                kept = Selection(PROJECT, kind, conditions)
                counted = Selection(PROJECT, kind, (*conditions, Condition("id", ">", "")))
                assert await reader.count(counted) == await reader.count(kept)


CAMPAIGNS: Final = ("camp_1", "camp_2", "camp_3", "a\0b", "", "\\")

ORDERS: Final[list[tuple[str, tuple[Condition | AnyOf, ...]]]] = [
    ("created", ()),
    ("updated", ()),
    ("name", ()),
    ("created", (OF_A_CAMPAIGN,)),
    ("updated", (OF_A_CAMPAIGN,)),
    ("name", (OF_A_CAMPAIGN,)),
    ("created", (Condition("created", ">", 1), Condition("created", "<", 10**13))),
    ("updated", (Condition("updated", ">", 1),)),
]


@pytest.mark.parametrize(("order", "conditions"), ORDERS)
@pytest.mark.parametrize("descending", [True, False])
async def test_what_is_passed_over_is_not_looked_at(
    store: Store, writer: StateWriter, order: str, descending: bool, conditions: Any
) -> None:
    """A deep page walks an index that has the order and the conditions, and sorts nothing in it."""
    asked = Selection(
        PROJECT,
        kinds.VOUCHER,
        conditions,
        order=order,
        descending=descending,
        limit=100,
        offset=9_900,
    )
    known, _ = selecting.parts(asked)
    await tell(writer, voucher(1))

    plan = await plan_of(store, known)

    assert "COVERING INDEX thing_by_" in plan or "Index Only Scan" in plan
    assert "Sort" not in plan
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan.partition("SCAN page")[0]


async def plan_of(store: Store, selection: Selection) -> str:
    """How the database says that it would find a page."""
    if isinstance(store, SqliteStore):
        terms = SqliteTerms()
        statement = selecting.things(selection, terms, "t.id")
        db = connect(store.path)
        rows = db.execute(f"EXPLAIN QUERY PLAN {statement}", terms.values).fetchall()
        db.close()
        return "\n".join(row[3] for row in rows)
    assert isinstance(store, PostgresStore)
    ours = PostgresTerms()
    statement = selecting.things(selection, ours, "t.id")
    connection = await asyncpg.connect(store.url)
    # As it does where there are a million: of a few things, it would look at all and sort them.
    for other in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
        await connection.execute(f"SET enable_{other} = off")
    found = await connection.fetch(f"EXPLAIN {statement}", *ours.values)
    await connection.close()
    return "\n".join(row[0] for row in found)


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_indexes_and_lists_name_the_same_kinds(dialect: str) -> None:
    """A database uses an index that leaves kinds out only where a statement says the same."""
    folder = files("state") / "sql" / f"{dialect}_migrations"
    scripts = [file.read_text() for file in folder.iterdir() if "NOT IN" in file.read_text()]
    said = {
        " ".join(rest.partition(")")[0].split())
        for script in scripts
        for _, rest in pairwise(["", *script.split("kind NOT IN ")])
        if rest.startswith("(")
    }

    assert {selecting.LISTED.removeprefix("t.kind NOT IN ").removesuffix(")")} == said
