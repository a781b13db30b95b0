"""Holes are found where, and only where, no walk through a ledger is left."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.chain import Entry
from state.gaps import Hole, Ledger, Number, Told, holes


def entry(id_: str, at: int, points: Number | None, balance: Number | None) -> Entry:
    """An entry; its id is all that a test has to tell it by."""
    return Entry(id_, at, points, balance)


def chain(*movements: tuple[int, int], start: int = 0) -> list[Entry]:
    """Entries for (moment, points) from a first balance on, with ids that say nothing."""
    entries: list[Entry] = []
    for number, (at, points) in enumerate(movements):
        start += points
        entries.append(Entry(f"{(number * 7919) % 101:03d}", at, points, start))
    return entries


A, B, C = entry("a", 10, 5, 5), entry("b", 20, 7, 12), entry("c", 30, -2, 10)


def test_a_complete_ledger_has_none() -> None:
    """From what the card was created with to what was told of it last."""
    assert [] == holes(Ledger([C, A, B], opening=Told(1, 0), newest=Told(40, 10)))
    assert [] == holes(Ledger([], opening=Told(1, 3), newest=Told(40, 3)))
    assert [] == holes(Ledger([]))


def test_between_two_entries() -> None:
    """What is missing comes to the difference, and was made between the two."""
    assert [Hole("a", "c", 10, 30, 7)] == holes(Ledger([A, C]))


def test_before_the_first() -> None:
    """The first ones are missed only where the card's creation was told."""
    assert [] == holes(Ledger([B, C]))
    assert [Hole(None, "b", 1, 20, 5)] == holes(Ledger([B, C], opening=Told(1, 0)))


def test_behind_the_last() -> None:
    """What was told of the card later shows that the last ones are missing."""
    assert [Hole("b", None, 20, 40, -2)] == holes(Ledger([A, B], newest=Told(40, 10)))
    assert [] == holes(Ledger([A, B], newest=Told(19, 99)))
    assert [Hole(None, None, 1, 40, 10)] == holes(
        Ledger([], opening=Told(1, 0), newest=Told(40, 10))
    )
    assert [] == holes(Ledger([], newest=Told(40, 10)))


@pytest.mark.parametrize("balance", [0, 100, 60])
def test_a_card_told_in_the_last_entries_millisecond(balance: int) -> None:
    """It may be told as of before, between or after them."""
    last = [entry("a", 10, 100, 100), entry("b", 10, -40, 60)]

    assert [] == holes(Ledger(last, newest=Told(10, balance)))
    assert [Hole("b", None, 10, 10, 1)] == holes(Ledger(last, newest=Told(10, 61)))


def test_within_one_millisecond() -> None:
    """Entries that share it link up by their balances, or show the one between them missing."""
    complete = chain((1, 5), (2, 100), (2, -40), (2, 7), (3, 1))
    for missing in complete[1:-1]:
        left = [one for one in complete if one is not missing]

        (hole,) = holes(Ledger(left[::-1]))

        assert missing.points == hole.points


def test_a_circle_whose_beginning_nobody_told() -> None:
    """An accrual and its redemption leave the balance where it was, wherever that is."""
    circle = [entry("a", 1, 100, 100), entry("b", 1, -100, 0)]
    again = [entry("c", 2, 100, 100), entry("d", 2, -100, 0)]

    for start in (0, 100):
        then = entry("e", 3, 1, start + 1)
        assert [] == holes(Ledger([*circle, *again, then]))
        assert [] == holes(Ledger([*circle, *again], newest=Told(3, start)))
    assert [Hole("b", "e", 1, 3, 7)] == holes(
        Ledger([*circle, entry("e", 3, 1, 8)], opening=Told(0, 0))
    )


def test_entries_that_do_not_tell_enough() -> None:
    """Without points or balance they prove nothing, nor do those that share their millisecond."""
    assert [] == holes(Ledger([A, entry("m", 15, None, None), C]))
    assert [] == holes(Ledger([A, entry("m", 15, 3, None), C]))
    assert [] == holes(Ledger([A, entry("m", 15, None, 12), C]))
    assert [Hole("m", "c", 15, 30, 3)] == holes(Ledger([A, entry("m", 15, None, 9), C]))
    assert [] == holes(Ledger([A, entry("m", 30, 3, None), C]))
    assert [] == holes(Ledger([A, entry("m", 30, 3, None)], newest=Told(30, 1)))


def test_entries_of_which_nobody_told_when_they_were_made() -> None:
    """They may fill any hole, and are not missed anywhere."""
    assert [] == holes(Ledger([A, C], loose=[entry("b", 99, 7, 12)]))
    assert [] == holes(Ledger([A], loose=[C, B], newest=Told(40, 10)))
    assert [] == holes(Ledger([A, C], loose=[entry("m", 99, None, None)]))
    assert [Hole("a", "c", 10, 30, 7)] == holes(Ledger([A, C], loose=[entry("x", 99, 1, 6)]))


def test_a_creation_that_was_told_after_the_first_entries() -> None:
    """What it tells is what one of those left."""
    assert [] == holes(Ledger([A, B, C], opening=Told(20, 12)))
    assert [] == holes(Ledger([A, B, C], opening=Told(10, 0)))
    assert [Hole(None, "a", 10, 10, -3)] == holes(Ledger([A, B, C], opening=Told(20, 3)))


@pytest.mark.parametrize(
    ("points", "balances"),
    [
        ((0.1, 0.2, -0.3), (0.1, 0.3, 0)),
        ((19.99, 0.01, 1e-7), (19.99, 20, 20.0000001)),
        ((10**25, 1, 0.5), (10**25, 10**25 + 1, 1e25)),
        ((1e22, 1, 1), (1e22, 10**22 + 1, 10**22 + 2)),
    ],
)
def test_amounts_are_taken_as_they_were_spelled(
    points: Sequence[Number], balances: Sequence[Number]
) -> None:
    """The noise of doubles is no hole, and none is lost in it."""
    entries = [
        entry(str(at), at, moved, left)
        for at, (moved, left) in enumerate(zip(points, balances, strict=True))
    ]

    found = holes(Ledger(entries[:2], opening=Told(-1, 0), newest=Told(9, balances[1])))

    assert [] == found
    assert 1 == len(holes(Ledger(entries[1:2], opening=Told(-1, 0))))


def test_missing_amounts_are_told_as_they_would_be() -> None:
    """With the fraction that they have, and without one where there is none."""
    one = entry("a", 1, 0.1, 0.1)

    assert [0.2] == [hole.points for hole in holes(Ledger([one], newest=Told(2, 0.3)))]
    assert ["1"] == [repr(hole.points) for hole in holes(Ledger([one], newest=Told(2, 1.1)))]


movements = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), max_size=7)


@given(movements, st.integers(0, 3), st.booleans(), st.booleans(), st.data())
def test_lost_entries_show_exactly_where_no_walk_is_left(
    told: list[tuple[int, int]], start: int, begun: bool, ended: bool, data: st.DataObject
) -> None:
    """Whatever is lost: a hole is reported if and only if no order makes the rest a walk."""
    complete = chain(*sorted(told, key=lambda movement: movement[0]), start=start)
    end = complete[-1].balance if complete else start
    kept = [one for one in complete if data.draw(st.booleans())]
    opening = Told(-1, start) if begun else None
    newest = Told(9, end or 0) if ended else None

    found = holes(Ledger(data.draw(st.permutations(kept)), opening, newest))

    assert can_be_walked(kept, opening, newest) == (found == [])
    assert [] == holes(Ledger(data.draw(st.permutations(complete)), opening, newest))


def can_be_walked(entries: Sequence[Entry], opening: Told | None, newest: Told | None) -> bool:
    """Whether any order that the moments allow is one walk: by trying them all."""
    standing = None if opening is None else {opening.balance}
    for _, group in groupby(entries, key=lambda one: one.at):
        ends = {end for walk in permutations(group) for end in _ends(walk, standing)}
        if not ends:
            return False
        standing = ends
    return newest is None or standing is None or newest.balance in standing


def _ends(walk: Sequence[Entry], standing: set[Number] | None) -> Iterator[Number]:
    begins = standing is None or walk[0].before in standing
    if begins and all(one.balance == then.before for one, then in pairwise(walk)):
        assert walk[-1].balance is not None
        yield walk[-1].balance
