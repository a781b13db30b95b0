"""The contract of the state database's two seams, run against every implementation."""

import asyncio
import random
from typing import Any

import pytest

from schemas import jsontext
from state import kinds
from state.facts import Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.merge import Row, join_all, view
from state.reader import DEAD_LETTER, StateReader
from state.selection import Condition, Selection
from state.store import Batch, LetterPlace, Mark, PositionMovedError, StateWriter
from tests.state.factories import LOG, PROJECT, entered, letter, observed, tell
from tests.state.stores import Store


async def test_facts_and_position_are_one_transaction(
    writer: StateWriter, reader: StateReader
) -> None:
    """What is applied is there with its position, and is counted as merged or stale."""
    fact = observed(kinds.VOUCHER, "v_1", code="A")

    first = await writer.apply(Batch([fact], {LOG: (0, 5)}))
    again = await writer.apply(Batch([fact], {LOG: (5, 6)}))

    assert [(1, 0), (0, 1)] == [(first.merged, first.stale), (again.merged, again.stale)]
    assert {LOG: 6} == await writer.positions()
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

    assert ["one", "two"] == list((await reader.standing()).projects)
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


@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_circle_goes_on_from_what_the_card_was_created_with(
    writer: StateWriter, reader: StateReader, newest_first: bool
) -> None:
    """The first two entries are of one millisecond, and end where they begin."""
    at = "2025-01-01T00:00:00.000Z"
    told: dict[str, Any] = {"loyalty_card": {"balance": 20}, kinds.OPENING: [20, 0]}
    created = observed(kinds.VOUCHER, "v_1", **told)
    await tell(writer, created, entered("vtx_back", at, 5, 20), entered("vtx_spent", at, -5, 15))

    page = await reader.ledger(PROJECT, "v_1", newest_first=newest_first, limit=10, after=None)
    card = await reader.get(PROJECT, kinds.VOUCHER, "v_1")

    assert page is not None
    assert card is not None
    chain = ["vtx_spent", "vtx_back"]
    assert (chain[::-1] if newest_first else chain) == [entry["id"] for entry in page.entries]
    assert 20 == card["loyalty_card"]["balance"]


async def test_a_ledger_does_not_go_on_from_another_cards_entry(
    writer: StateWriter, reader: StateReader
) -> None:
    """A cursor that is no entry of the card is told apart from an empty page."""
    await tell(writer, entered("vtx_1", "2025-01-01T00:00:00.000Z", 1, 1, card="v_2"))

    page = await reader.ledger(PROJECT, "v_1", newest_first=True, limit=10, after="vtx_1")

    assert page is None


async def test_dead_letters_wait_until_published(writer: StateWriter) -> None:
    """A dead letter is kept with the batch that it was in, byte for byte, until it is published."""
    odd = letter(8, reason="odd \0 \\ \ud800", key=b"", about=("a\0", "b\ud800"), project=None)
    await writer.apply(Batch([], {LOG: (0, 8)}, [odd, letter(7)]))

    assert [letter(7), odd] == list(await writer.unpublished_dead_letters(10))
    assert [letter(7)] == list(await writer.unpublished_dead_letters(1))
    await writer.mark_published([letter(7).place])

    assert [odd] == list(await writer.unpublished_dead_letters(10))
    assert [letter(7), odd] == list(await writer.dead_letters())


async def test_dead_letters_are_listed_by_place_and_reason(writer: StateWriter) -> None:
    """They come in pages, and only those asked for; reasons are told by how they begin."""
    first = LetterPlace("a.topic", 10, 2)
    kept = [letter(1, place=first, reason="KeyError in a"), letter(9), letter(10)]
    await writer.apply(Batch([], {LOG: (0, 1)}, kept[::-1]))
    one, two, three = kept

    assert [one, two] == list(await writer.dead_letters(limit=2))
    assert [three] == list(await writer.dead_letters(after=two.place))
    asked = [one.place, three.place, letter(77).place]
    assert [one, three] == list(await writer.dead_letters(places=asked))
    assert [] == list(await writer.dead_letters(places=[]))
    assert [one] == list(await writer.dead_letters(reason="KeyError in a"))
    assert [] == list(await writer.dead_letters(reason="KeyError%"))
    assert {"KeyError in a": 1, two.reason: 2} == await writer.count_dead_letters()
    assert {two.reason: 2} == await writer.count_dead_letters("KeyError in s")
    assert {} == await writer.count_dead_letters("in")


async def test_a_dead_letter_goes_when_settled_or_discarded(
    writer: StateWriter, reader: StateReader
) -> None:
    """What it would have told is incomplete for as long as it is kept."""
    await writer.apply(Batch([], {LOG: (0, 1)}, [letter(1), letter(2, about=("v_2", "x"))]))

    assert (await reader.standing()).dead_letters
    assert {DEAD_LETTER} == await reader.incomplete(PROJECT, ["v_1"])
    assert await reader.incomplete(PROJECT, {"other", "v_2"})
    assert not await reader.incomplete(PROJECT, ["other"])
    assert not await reader.incomplete("another", ["v_1"])
    assert not await reader.incomplete(PROJECT, [])

    told = observed(kinds.VOUCHER, "v_1")
    await writer.apply(Batch([told], {}, settled=[letter(1).place, letter(9).place]))
    assert not await reader.incomplete(PROJECT, ["v_1"])
    assert 1 == await writer.discard([letter(1).place, letter(2).place])
    assert not await reader.incomplete(PROJECT, ["v_2"])
    assert not (await reader.standing()).dead_letters


async def test_a_dead_letter_that_fails_again_is_one(
    writer: StateWriter, reader: StateReader
) -> None:
    """It is given the new reason, and is settled as a whole."""
    await writer.apply(Batch([], {LOG: (0, 1)}, [letter(1)]))
    await writer.mark_published([letter(1).place])
    await writer.apply(Batch([], {LOG: (1, 2)}, [letter(1, reason="other", about=("v_9",))]))

    (kept,) = await writer.dead_letters()
    assert "other" == kept.reason
    assert await reader.incomplete(PROJECT, ["v_9"])
    assert [] == list(await writer.unpublished_dead_letters(10))
    await writer.apply(Batch([], {}, settled=[kept.place]))
    assert not await reader.incomplete(PROJECT, ["v_9"])


async def test_new_reasons_of_dead_letters(writer: StateWriter) -> None:
    """Those that are kept get them; what is not kept any more does not come back by one."""
    await writer.apply(Batch([], {LOG: (0, 1)}, [letter(1), letter(2)]))

    await writer.change_reasons({letter(1).place: "odd \0 \\", letter(3).place: "gone"})

    assert [letter(1, reason="odd \0 \\"), letter(2)] == list(await writer.dead_letters())
    await writer.change_reasons({})


async def test_a_letter_of_an_unknown_project_counts_for_all(
    writer: StateWriter, reader: StateReader
) -> None:
    """Unknown is not false: whoever holds the thing is told that something is missing."""
    long = "v" * 5_000
    await writer.apply(Batch([], {LOG: (0, 1)}, [letter(1, project=None, about=("v_1", long))]))

    assert await reader.incomplete("any", ["v_1"])
    assert await reader.incomplete("any", [long])
    assert not await reader.incomplete("any", [long[:-1]])


async def test_as_of_moves_on_by_the_clock_of_the_database(
    writer: StateWriter, reader: StateReader
) -> None:
    """It never goes back, unless it stands in the future of a clock that was set right since."""
    now = await writer.now()
    assert (None, False) == (
        (await reader.standing()).as_of,
        (await reader.standing()).dead_letters,
    )

    await writer.advance_as_of(now - 1_000)
    await writer.advance_as_of(now - 2_000)
    assert now - 1_000 == (await reader.standing()).as_of
    await writer.advance_as_of(now + 3_600_000)
    await writer.advance_as_of(now - 500)

    assert now - 500 == (await reader.standing()).as_of
    assert now <= (await reader.standing()).now <= await writer.now()


async def test_a_position_is_moved_by_hand(writer: StateWriter) -> None:
    """Only from where it is said to stand."""
    await writer.move_position(LOG, 0, 7)
    await writer.move_position(LOG, 7, 3)
    with pytest.raises(PositionMovedError):
        await writer.move_position(LOG, 7, 9)

    assert {LOG: 3} == await writer.positions()


async def test_a_mark_stands_with_its_position(writer: StateWriter) -> None:
    """It is that of the last move; one without a mark leaves none."""
    other = ("other", 3)
    await writer.apply(Batch([], {LOG: (0, 2), other: (0, 1)}, marks={LOG: b"one"}))
    assert {LOG: Mark(2, b"one")} == await writer.marks()
    await writer.apply(Batch([], {LOG: (2, 5), other: (1, 4)}, marks={LOG: b"two", other: b"o"}))
    assert {LOG: Mark(5, b"two"), other: Mark(4, b"o")} == await writer.marks()
    await writer.move_position(LOG, 5, 0)
    assert {other: Mark(4, b"o")} == await writer.marks()


async def test_a_batch_moves_many_positions_at_once(writer: StateWriter) -> None:
    """New ones and old ones, all or none."""
    many = {(f"topic.{name}", number): (0, 5) for name in range(22) for number in range(12)}
    await writer.apply(Batch([], dict(list(many.items())[::2])))
    on = {place: ((5 if number % 2 == 0 else 0), 9) for number, place in enumerate(many)}

    with pytest.raises(PositionMovedError, match=r"topic\.0/0"):
        await writer.apply(Batch([], on | {("topic.0", 0): (4, 9)}))
    await writer.apply(Batch([], on))

    assert dict.fromkeys(many, 9) == await writer.positions()


async def test_two_writers_move_one_position_once(store: Store, writer: StateWriter) -> None:
    """Of two copies that apply the same batch at once, one applies it and the other is told."""
    other = store.writer()
    batch = Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)})

    done = await asyncio.gather(writer.apply(batch), other.apply(batch), return_exceptions=True)
    await other.close()

    assert [False, True] == sorted(isinstance(one, PositionMovedError) for one in done)


async def test_writers_that_tell_of_the_same_things(
    store: Store, writer: StateWriter, reader: StateReader
) -> None:
    """Two copies at once, on old and on new things: the state is the join of all that both told."""
    chance = random.Random(7)
    other = store.writer()
    rows: dict[ThingKey, Row] = {}
    moves = [("one", 0), ("two", 0)]
    for turn in range(40):
        told = [_tellings(chance, turn) for _ in moves]
        for fact in (*told[0], *told[1]):
            join_all(rows.setdefault(fact.thing, Row()), [fact])
        await asyncio.gather(
            writer.apply(Batch(told[0], {moves[0]: (turn, turn + 1)})),
            other.apply(Batch(told[1], {moves[1]: (turn, turn + 1)})),
        )
    await other.close()

    orders = kinds.KINDS[kinds.ORDER]
    expected = {thing.id: None if row.gone else view(orders, row) for thing, row in rows.items()}
    found = {id_: await reader.get(PROJECT, kinds.ORDER, id_) for id_ in expected}
    assert expected == found
    assert {("one", 0): 40, ("two", 0): 40} == await writer.positions()


def _tellings(chance: random.Random, turn: int) -> list[Fact]:
    """Facts about some of the same orders, some of them first told in this turn."""
    facts: list[Fact] = []
    for _ in range(25):
        thing = ThingKey(PROJECT, kinds.ORDER, f"ord_{chance.randrange(turn, turn + 30)}")
        stamp = Stamp(chance.randrange(4), chance.choice(list(Rank)), chance.randrange(3))
        names = chance.sample(["id", "status", "amount", "note"], 2)
        facts.append(Observed(thing, stamp, {name: chance.randrange(9) for name in names}))
    if chance.random() < 0.2:
        facts.append(Gone(facts[0].thing))
    return facts


async def test_what_was_applied_outlives_the_writer(
    store: Store, writer: StateWriter, reader: StateReader
) -> None:
    """A writer that is opened anew goes on where the last one ended; readers do not notice."""
    await tell(writer, observed(kinds.VOUCHER, "v_1", code="A"))
    assert await reader.get(PROJECT, kinds.VOUCHER, "v_1")
    await writer.close()
    again = store.writer()
    await again.migrate()
    await tell(again, observed(kinds.VOUCHER, "v_1", 2, code="B"))

    assert {LOG: 2} == await again.positions()
    assert {"id": "v_1", "code": "B"} == await reader.get(PROJECT, kinds.VOUCHER, "v_1")
    await again.close()


async def test_hostile_texts_break_nothing(writer: StateWriter, reader: StateReader) -> None:
    """A document may hold any text anywhere: it is read back, found, and breaks no list."""
    texts = ["\0", "\ud800", "\\u0000", "\\0000", "\x1f", "\udc00\ud800", "🎁", "'\"$1"]
    for id_, odd in enumerate(texts):
        nested = {odd: [odd, {odd: odd}], "number": 10**400, "e": "1e400"}
        await tell(writer, observed(kinds.ORDER, str(id_), status=odd, metadata=nested))
        found = await reader.get(PROJECT, kinds.ORDER, str(id_))
        assert {"id": str(id_), "status": odd, "metadata": nested} == found
        met = Selection(PROJECT, kinds.ORDER, (Condition("fields.status", "=", odd),))
        assert [str(id_)] == [order["id"] for order in await reader.find(met)]

    listed = await reader.find(Selection(PROJECT, kinds.ORDER, order="fields.status"))
    assert len(texts) == len(listed)


async def test_long_names(writer: StateWriter, reader: StateReader) -> None:
    """Ids and names longer than any index holds are kept, and kept apart."""
    long = jsontext.encode([random.Random(1).random() for _ in range(2_000)]).decode()
    entry = entered("t", "2025-01-01T00:00:00Z", 1, 1, f"{long}1")
    await tell(writer, observed(kinds.VOUCHER, f"{long}1", code=long), entry)
    await tell(writer, observed(kinds.VOUCHER, f"{long}2", code=f"{long}!"))

    assert {"id": f"{long}1", "code": long} == await reader.get(PROJECT, kinds.VOUCHER, f"{long}1")
    named = await reader.by_name(PROJECT, kinds.VOUCHER, f"{long}!")
    assert f"{long}2" == (named or {})["id"]
    page = await reader.ledger(PROJECT, f"{long}1", newest_first=True, limit=1, after=None)
    assert ["t"] == [entry["id"] for entry in (page.entries if page else ())]


async def test_a_last_millisecond_that_ends_where_it_begins(
    writer: StateWriter, reader: StateReader
) -> None:
    """Where it does not tell by itself which entry is the last, the ones before it do."""
    first, then = "2025-01-01T00:00:00.000Z", "2025-01-01T00:00:00.001Z"
    await tell(writer, observed(kinds.VOUCHER, "v_1", loyalty_card={"points": 1, "balance": 1}))
    await tell(writer, entered("a", first, 100, 100))
    await tell(writer, entered("b", then, 40, 100), entered("c", then, -40, 60))

    found = await reader.get(PROJECT, kinds.VOUCHER, "v_1")

    assert {"points": 1, "balance": 100} == (found or {})["loyalty_card"]
