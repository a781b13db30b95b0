"""Gaps as both databases keep them, against whole ledgers looked at anew."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from schemas import moment
from state import gaps, kinds, ledger
from state.facts import Entered, Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.gaps import Ledger
from state.merge import Row, join_all
from state.reader import DEAD_LETTER, GAP, StateReader
from state.store import Batch, Gap, StateWriter
from state.things import lookups
from tests.state.factories import LOG, PROJECT, entered, letter, observed, tell
from tests.state.stores import Store

HOUR_MS = 3_600_000


def at(milliseconds: int) -> str:
    """A moment as it is told, counted from 1970."""
    return moment.to_text(milliseconds)


def moved(id_: str, when: int, points: int, balance: int, card: str = "v_1") -> Fact:
    """An entry of a card's ledger."""
    return entered(id_, at(when), points, balance, card)


def told(version: int, balance: int, card: str = "v_1", **more: Any) -> Fact:
    """A telling of the card itself."""
    return observed(kinds.VOUCHER, card, version, loyalty_card={"balance": balance}, **more)


def opened(balance: int, when: int, card: str = "v_1") -> Fact:
    """What a card was created with."""
    thing = ThingKey(PROJECT, kinds.VOUCHER, card)
    return Observed(thing, Stamp(0, Rank.BEGUN, when), {kinds.OPENING: [balance, when]})


async def looked_through(writer: StateWriter, limit: int = 100) -> list[Gap]:
    """All gaps once everything that was touched is looked through."""
    while await writer.check_ledgers(limit):
        pass
    return sorted(await writer.gaps(known_for=0, limit=1_000), key=lambda gap: gap.since)


def ends(found: Sequence[Gap]) -> list[tuple[str | None, str | None, int | float]]:
    """Between which entries the gaps are, and how much is missing."""
    return [(gap.after, gap.before, gap.points) for gap in found]


async def test_a_gap_is_kept_until_it_is_filled(writer: StateWriter) -> None:
    """It tells the card, between which entries, from when until when and how much is missing."""
    before = await writer.now()
    await tell(writer, moved("a", 10, 5, 5), moved("d", 40, 1, 10))
    (gap,) = await looked_through(writer)

    assert before <= gap.seen_at <= await writer.now()
    assert Gap(PROJECT, "v_1", "a", "d", 10, 40, 4, gap.seen_at) == gap
    assert 1 == await writer.count_gaps(known_for=0)
    assert (0, []) == (
        await writer.count_gaps(known_for=HOUR_MS),
        list(await writer.gaps(known_for=HOUR_MS)),
    )

    await tell(writer, moved("b", 20, 3, 8))
    assert [("b", "d", 1)] == ends(left := await looked_through(writer))
    assert gap.seen_at == left[0].seen_at  # what is left of it is as old
    await tell(writer, moved("c", 30, 1, 9))

    assert [] == await looked_through(writer)


async def test_a_card_told_later(writer: StateWriter) -> None:
    """It shows that the last entries are missing; each time it does is a gap of its own."""
    await tell(writer, moved("a", 10, 5, 5), told(20, 7))
    (first,) = await looked_through(writer)
    assert ("a", None, 2) == ends([first])[0]

    await asyncio.sleep(0.005)
    await tell(writer, moved("b", 20, 2, 7), told(30, 8))
    (second,) = await looked_through(writer)

    assert ("b", None, 1) == ends([second])[0]
    assert first.seen_at < second.seen_at
    await tell(writer, told(40, 7))
    assert [] == await looked_through(writer)


async def test_the_first_entries(writer: StateWriter) -> None:
    """They are missing where the creation was told, whenever that is told."""
    await tell(writer, moved("b", 20, 2, 7), moved("c", 30, 1, 8))
    assert [] == await looked_through(writer)

    await tell(writer, opened(0, 1))
    assert [(None, "b", 5)] == ends(await looked_through(writer))
    await tell(writer, moved("a", 10, 5, 5))
    assert [] == await looked_through(writer)


async def test_gift_cards(writer: StateWriter) -> None:
    """Their amounts are a ledger too, also in fractions."""
    entries = [("a", 10, 0.1, 0.1), ("b", 20, 0.2, 0.3), ("c", 30, 0.4, 0.7)]
    facts = [
        Entered(
            ThingKey(PROJECT, kinds.TRANSACTION, id_),
            {
                "id": id_,
                "voucher_id": "v_1",
                "created_at": at(when),
                "details": {"balance": {"amount": amount, "balance": balance}},
            },
        )
        for id_, when, amount, balance in entries
    ]
    await tell(writer, *facts[::2], observed(kinds.VOUCHER, "v_1", 31, gift={"balance": 0.7}))

    assert [("a", "c", 0.2)] == ends(await looked_through(writer))
    await tell(writer, facts[1])
    assert [] == await looked_through(writer)


async def test_an_entry_of_which_nobody_told_when_it_was_made(writer: StateWriter) -> None:
    """It fills the hole that it fits, however much later it was told."""
    balance = {"points": 3, "balance": 8}
    loose = {"id": "b", "voucher_id": "v_1", kinds.TOLD_AT: at(90), "details": {"balance": balance}}
    await tell(writer, moved("a", 10, 5, 5), moved("c", 30, 1, 9), moved("d", 99, 1, 10))
    assert [("a", "c", 3)] == ends(await looked_through(writer))

    await tell(writer, Entered(ThingKey(PROJECT, kinds.TRANSACTION, "b"), loose))
    assert [] == await looked_through(writer)
    await tell(writer, moved("e", 120, 1, 11))
    assert [] == await looked_through(writer)


async def test_a_card_that_is_gone_has_no_gaps(writer: StateWriter) -> None:
    """Nor has one whose campaign is, in whatever order that is told."""
    for card, campaign in (("v_1", "camp_1"), ("v_2", "camp_2"), ("v_3", "camp_2")):
        await tell(
            writer,
            told(1, 5, card, campaign_id=campaign),
            moved(f"{card}a", 10, 5, 5, card),
            moved(f"{card}c", 30, 1, 9, card),
        )
    assert 3 == len(await looked_through(writer))

    await tell(writer, Gone(ThingKey(PROJECT, kinds.VOUCHER, "v_1")))
    assert ["v_2", "v_3"] == sorted(gap.voucher for gap in await looked_through(writer))
    await tell(writer, Gone(ThingKey(PROJECT, kinds.CAMPAIGN, "camp_2")))
    assert [] == await looked_through(writer)
    await tell(writer, moved("v_3x", 50, 1, 77, "v_3"))
    assert [] == await looked_through(writer)


async def test_what_answers_say(store: Store, writer: StateWriter) -> None:
    """A gap counts for its card, in its project, once it is as old as an entry may be late."""
    long = "v" * 300 + "\0"
    await tell(writer, moved("a", 10, 5, 5, long), moved("c", 30, 1, 9, long))
    await looked_through(writer)
    now, later = store.reader(gap_wait_ms=0), store.reader(gap_wait_ms=HOUR_MS)

    assert (True, False) == ((await now.standing()).gaps, (await later.standing()).gaps)
    assert {GAP} == await now.incomplete(PROJECT, ["v_2", long])
    assert set() == await now.incomplete(PROJECT, ["v_2", long[:-1]])
    assert set() == await now.incomplete("another", [long])
    assert set() == await later.incomplete(PROJECT, [long])
    await writer.apply(Batch([], {}, [letter(1, about=(long,))]))
    assert {DEAD_LETTER, GAP} == await now.incomplete(PROJECT, [long])
    await now.close()
    await later.close()


async def test_odd_ids_are_told_as_they_are(writer: StateWriter) -> None:
    """Ids that no column can hold come back from it."""
    await tell(writer, moved("a\\\0", 10, 5, 5, "v\ud800"), moved("c\ud800", 30, 1, 9, "v\ud800"))

    (gap,) = await looked_through(writer)

    assert ("v\ud800", "a\\\0", "c\ud800") == (gap.voucher, gap.after, gap.before)


async def test_ledgers_are_looked_through_in_turn(writer: StateWriter) -> None:
    """Some at a time; one that is touched all the time does not hold up the others."""
    await tell(writer, *(moved(f"t_{n}", 10, 1, 1, f"v_{n}") for n in range(5)))
    seen = []
    for turn in range(4):
        seen.append(await writer.check_ledgers(2))
        await tell(writer, moved(f"again_{turn}", 20 + turn, 1, turn + 2, "v_0"))

    assert [2, 2, 1, 1] == seen


async def test_copies_that_look_and_write_at_once(store: Store, writer: StateWriter) -> None:
    """However looks and batches interleave, in the end the gaps are those of the ledgers."""
    chance = random.Random(3)
    other = store.writer()
    facts = _histories(chance, cards=12)
    chance.shuffle(facts)
    kept = facts[: len(facts) * 9 // 10]
    halves = [("one", kept[::2], writer), ("two", kept[1::2], other)]

    async def apply(name: str, some: Sequence[Fact], state: StateWriter) -> None:
        for number in range(0, len(some), 7):
            moves = {(name, 0): (number, number + 7)}
            await state.apply(Batch(some[number : number + 7], moves))

    async def look(state: StateWriter) -> None:
        for _ in range(40):
            await state.check_ledgers(3)
            await asyncio.sleep(0)

    await asyncio.gather(*(apply(*half) for half in halves), look(writer), look(other))
    found = await looked_through(writer)
    await other.close()

    assert _expected(kept) == {(gap.voucher, *end) for gap in found for end in ends([gap])}
    assert found


@pytest.mark.parametrize("seed", range(20))
async def test_any_order_and_any_batches(
    writer: StateWriter, reader: StateReader, seed: int
) -> None:
    """Windows find what the whole ledgers would show, and nothing once all has arrived."""
    del reader
    chance = random.Random(seed)
    facts = _histories(chance, cards=3)
    chance.shuffle(facts)
    applied: list[Fact] = []
    while len(applied) < len(facts):
        some = facts[len(applied) : len(applied) + chance.randrange(1, 8)]
        await tell(writer, *some)
        applied += some
        if chance.random() < 0.6:
            found = await looked_through(writer)
            assert _expected(applied) == {
                (gap.voucher, *end) for gap in found for end in ends([gap])
            }

    assert [] == await looked_through(writer)


def _histories(chance: random.Random, cards: int) -> list[Fact]:
    """All that is told of some cards: creation, movements that may share a moment, tellings."""
    facts: list[Fact] = []
    for card in range(cards):
        id_, balance, now = f"v_{card}", chance.randrange(3), 10
        if chance.random() < 0.7:
            facts.append(opened(balance, 1, id_))
        for number in range(chance.randrange(1, 12)):
            now += chance.choice([0, 1, 5])
            balance += (points := chance.choice([-2, -1, 1, 2, 3]))
            facts.append(moved(f"{id_}_{(number * 7919) % 101:03d}", now, points, balance, id_))
            if chance.random() < 0.3:
                facts.append(told(now, balance, id_))
            if chance.random() < 0.2:
                now += 1
                facts.append(told(now, balance, id_, note=number))
    return facts


def _expected(facts: Sequence[Fact]) -> set[tuple[str, str | None, str | None, int | float]]:
    """The gaps of all ledgers, each looked at as a whole."""
    rows: dict[ThingKey, Row] = {}
    for fact in facts:
        join_all(rows.setdefault(fact.thing, Row()), [fact])
    cards = {thing.id: row for thing, row in rows.items() if thing.kind == kinds.VOUCHER}
    entries: dict[str, list[Any]] = {}
    for thing, row in rows.items():
        if thing.kind == kinds.TRANSACTION:
            created = lookups(kinds.TRANSACTION, row).created
            mine = entries.setdefault(row.fields["voucher_id"], [])
            mine.append(ledger.entry(thing.id, created, row.fields))
    found = set()
    for card in cards.keys() | entries.keys():
        row = cards.get(card, Row())
        whole = Ledger(entries.get(card, []), ledger.opening(row), ledger.told_balance(row))
        found |= {(card, hole.after, hole.before, hole.points) for hole in gaps.holes(whole)}
    return found


async def test_what_is_known_already_touches_nothing(writer: StateWriter) -> None:
    """A fact that changes nothing touches nothing; one that does touches its ledger."""
    await tell(writer, moved("a", 10, 5, 5))
    assert 1 == await writer.check_ledgers(10)
    await writer.apply(Batch([moved("a", 10, 5, 5)], {LOG: (1, 2)}))

    assert 0 == await writer.check_ledgers(10)


async def test_a_gap_before_the_window_stays(writer: StateWriter) -> None:
    """One of the card's first moment, where a later look begins."""
    await tell(writer, opened(0, 10), told(10, 10), moved("b", 10, 5, 10))
    before = ends(await looked_through(writer))
    await tell(writer, told(20, 10), moved("c", 15, 1, 11), told(30, 11))

    assert [(None, "b", 5)] == before
    assert before == ends(await looked_through(writer))
