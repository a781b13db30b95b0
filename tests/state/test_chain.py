"""The chain orders a ledger where the clock cannot."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.chain import Entry, order


def chain(*movements: tuple[int, int], start: int = 0, name: str = "") -> list[Entry]:
    """Entries for (moment, points) from a first balance on, with ids that say nothing."""
    entries: list[Entry] = []
    for number, (at, points) in enumerate(movements):
        start += points
        entries.append(Entry(f"{name}{(number * 7919) % 101:03d}", at, points, start))
    return entries


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(chain((1, 10), (2, 5), (3, -7)), id="by time"),
        pytest.param(chain((1, 100), (1, -100)), id="accrual and automatic redemption in one ms"),
        pytest.param(chain((1, 100), (2, 50), (2, -150), (2, 30)), id="three in one ms"),
        pytest.param(chain((1, 100), (2, -40), (2, 40)), id="a circle begins where the last ended"),
        pytest.param(
            chain((1, 10), (1, -10), (1, 10), (1, -10), (1, 3)), id="the same circle twice"
        ),
        pytest.param(chain((5, 10), (5, 10), (5, 10)), id="a straight line in one ms"),
        pytest.param(chain((1, 10**25), (1, -1)), id="numbers beyond 64 bits"),
    ],
)
def test_balances_come_in_the_order_of_the_chain(entries: list[Entry]) -> None:
    """Whatever order the entries are given in, their balances follow from each other."""
    expected = [(entry.at, entry.balance) for entry in entries]

    for given_order in (entries, entries[::-1], sorted(entries, key=lambda entry: entry.id)):
        assert expected == [(entry.at, entry.balance) for entry in order(given_order)]


movements = st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=12)


@given(movements, st.randoms(use_true_random=False))
def test_every_ledger_links_up(told: list[tuple[int, int]], random: object) -> None:
    """For any ledger there is one order, in which each balance follows from the one before."""
    entries = chain(*sorted(told, key=lambda movement: movement[0]), start=100)
    entries.insert(0, Entry("first", -1, 100, 100))
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random

    ordered = order(shuffled)

    assert ordered == order(entries)
    assert entries[-1].balance == ordered[-1].balance
    assert all(after.before == before.balance for before, after in pairwise(ordered))


@given(movements, st.data())
def test_no_entry_is_lost_when_some_are_missing(
    told: list[tuple[int, int]], data: st.DataObject
) -> None:
    """A ledger with holes or mute entries (no balance told) still lists each entry once."""
    entries = chain(*told)
    kept = [entry for entry in entries if data.draw(st.booleans())]
    kept += [Entry("mute-a", 1, None, None), Entry("mute-b", 1, 5, None)]

    assert sorted(entry.id for entry in kept) == sorted(entry.id for entry in order(kept))


def test_thousands_in_one_millisecond_that_do_not_link() -> None:
    """They are all there, from the lowest balance on, and it takes no minutes."""
    apart = [Entry(f"{number:04d}", 1, 5, number * 1_000) for number in range(5_000)]

    begun = process_time()
    ordered = order(apart[::-1])

    assert apart == ordered
    assert process_time() - begun < 4


def test_an_unknown_beginning_is_the_lowest_balance() -> None:
    """A circle with nothing before it begins with the accrual, which triggers the rest."""
    accrual, redemption = Entry("b", 1, 50, 50), Entry("a", 1, -50, 0)

    assert [accrual, redemption] == order([redemption, accrual])
