"""Who is let in while deliveries queue."""

from itertools import pairwise

from receiver.admission import Admission


def admission(*took: float) -> Admission:
    """One that knows these times, a second apart; 10 are always let in, 50 ms are let pass."""
    made = Admission(always=10, slack=0.05)
    for second, seconds in enumerate(took):
        made.took(seconds, float(second))
    return made


def test_at_first_everybody_is_let_in() -> None:
    """Nothing is known of the log yet: many may wait for it to come."""
    assert admission().is_open(10_000)


def test_who_would_queue_is_refused() -> None:
    """Not the first few: with them the log shows when it is quick again."""
    queueing = admission(0.002, 0.06)

    assert [True, False] == [queueing.is_open(9), queueing.is_open(10)]


def test_after_a_quick_answer_everybody_is_let_in() -> None:
    """The queue is gone."""
    assert admission(0.002, 0.06, 0.003).is_open(1_000)


def test_a_log_that_is_far_away_is_not_busy() -> None:
    """What it takes at its quickest is not waited in a queue."""
    far = admission(0.3, 0.31, 0.3)

    assert far.is_open(1_000)
    far.took(0.4, 3.0)
    assert not far.is_open(1_000)


def test_a_log_that_became_slower_is_known_after_two_minutes() -> None:
    """Its brokers may have moved: what it took long ago is forgotten."""
    moved = admission(0.002)
    found = []
    for second in range(1, 180):
        moved.took(0.3, float(second))
        found.append(moved.is_open(1_000))

    assert not found[0]
    assert found[-1]
    assert 1 == sum(later != earlier for earlier, later in pairwise(found))
