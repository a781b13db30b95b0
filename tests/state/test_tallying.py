"""Counts and sums, the same in every implementation."""

from typing import Any

import pytest

from state import kinds
from state.reader import StateReader
from state.selection import Condition, Selection
from state.store import StateWriter
from state.tallying import Tallied, Tally
from tests.state.factories import PROJECT, entered, observed, tell

ALL = Selection(PROJECT, kinds.ORDER)
AMOUNT = "fields.amount"


async def test_things_are_counted_by_their_texts(reader: StateReader, writer: StateWriter) -> None:
    """What has no such text, or one of another sort, is a combination of its own."""
    await tell(
        writer,
        *(observed(kinds.ORDER, f"ord_{n}", status="PAID") for n in range(3)),
        observed(kinds.ORDER, "number", status=7),
        observed(kinds.ORDER, "nothing"),
        observed(kinds.ORDER, "elsewhere", project="proj_2", status="PAID"),
    )

    found = await reader.tally(ALL, Tally(by=("fields.status",)))

    expected = {Tallied(("PAID",), 3, ()), Tallied((None,), 2, ())}
    assert expected == set(found)
    assert [Tallied((), 5, ())] == await reader.tally(ALL, Tally())


async def test_only_amounts_are_summed(reader: StateReader, writer: StateWriter) -> None:
    """Texts, nulls and what is beyond any amount add nothing; a sum is a whole number."""
    told = [5, -2, 0.25, "9", None, True, 10**30, [1]]
    orders = [observed(kinds.ORDER, f"ord_{n}", amount=each) for n, each in enumerate(told)]
    await tell(writer, *orders)

    assert [Tallied((), 8, (3,))] == await reader.tally(ALL, Tally(sums=(AMOUNT,)))


async def test_what_repeats_an_amount_counts_once(reader: StateReader, writer: StateWriter) -> None:
    """By the text that it shares with others; what has none stands for itself."""
    same: dict[str, Any] = {"result": "SUCCESS", "order": {"id": "ord_1", "amount": 70}}
    await tell(
        writer,
        observed(kinds.REDEMPTION, "r_1", **same),
        observed(kinds.REDEMPTION, "r_2", **same),
        observed(kinds.REDEMPTION, "r_3", result="SUCCESS", order={"amount": 5}),
        observed(kinds.REDEMPTION, "r_4", result="SUCCESS", order={"amount": 5}),
        observed(kinds.REDEMPTION, "r_5", result="FAILURE", order={"id": "ord_1", "amount": 70}),
    )
    once = Tally(by=("fields.result",), sums=("fields.order/amount",), once="fields.order/id")

    found = await reader.tally(Selection(PROJECT, kinds.REDEMPTION), once)

    assert {Tallied(("SUCCESS",), 4, (80,)), Tallied(("FAILURE",), 1, (70,))} == set(found)


async def test_fields_of_structs_within_structs_are_summed(
    reader: StateReader, writer: StateWriter
) -> None:
    """Of those only that meet the conditions."""
    entries = [entered(f"vtx_{n}", f"2025-01-0{n + 1}T00:00:00Z", 10, 10 * n) for n in range(5)]
    await tell(writer, *entries)
    since = (Condition("created", ">=", 1_735_862_400_000),)
    of_points = Tally(sums=("fields.details.balance.points",))

    found = await reader.tally(Selection(PROJECT, kinds.TRANSACTION, since), of_points)

    assert [Tallied((), 3, (30,))] == found


async def test_where_there_is_nothing_nothing_is_tallied(reader: StateReader) -> None:
    """With combinations or without."""
    assert [] == await reader.tally(ALL, Tally(sums=(AMOUNT,)))
    assert [] == await reader.tally(ALL, Tally(by=("name",), sums=(AMOUNT,), once="fields.id"))


@pytest.mark.parametrize("column", ["fields.a'b", "fields.a.b.c'", "nothing", "fields."])
async def test_names_are_checked(reader: StateReader, column: str) -> None:
    """They become part of the statement."""
    with pytest.raises(ValueError, match="no such column"):
        await reader.tally(ALL, Tally(sums=(column,)))
