"""Who is let in while deliveries queue."""

from receiver.admission import Admission

QUICK, SLOW, LATE = 0.002, 0.06, 1_000.0


def admission(*took: float, waiting: int = 0) -> Admission:
    """One that knows these times, a second apart; 10 are always let in, 50 ms are let pass."""
    made = Admission(always=10, slack=0.05)
    for second, seconds in enumerate(took):
        made.took(seconds, float(second), waiting)
    return made


def widest(of: Admission) -> int:
    """How many may wait."""
    return next(number for number in range(100_000) if not of.is_open(number + 1, LATE)) + 1


def test_at_first_everybody_is_let_in() -> None:
    """Nothing is known of the log yet: many may wait for it to come."""
    assert admission().is_open(10_000, LATE)


def test_who_would_queue_is_refused() -> None:
    """One that took too long halves the window, down to the first few."""
    assert [200, 100, 50, 25, 13, 10, 10] == [
        widest(admission(QUICK, *[SLOW] * times, waiting=400)) for times in range(1, 8)
    ]


def test_what_waited_in_the_same_queue_counts_once() -> None:
    """It was let in before the window became smaller."""
    queueing = admission(QUICK, SLOW, waiting=400)
    for _ in range(5):
        queueing.took(SLOW, 1.01, 400)

    assert 200 == widest(queueing)


def test_quick_answers_open_the_window_slowly() -> None:
    """By a few for each window of them, so that the queue does not come back at once."""
    queueing = admission(QUICK, SLOW, waiting=400)
    for number in range(1_000):
        assert not queueing.is_open(400, 2.0 + number / 1_000)
        queueing.took(QUICK, 2.0 + number / 1_000, 100)

    assert 220 == widest(queueing)


def test_where_nobody_is_refused_it_is_open_for_all() -> None:
    """The flood is over."""
    queueing = admission(QUICK, SLOW, waiting=400)
    refused = queueing.is_open(400, 2.0)
    queueing.took(QUICK, 2.2, 100)
    soon = queueing.is_open(300, 2.2)
    queueing.took(QUICK, 2.5, 100)

    assert (False, False, True) == (refused, soon, queueing.is_open(10_000, 2.5))


def test_a_log_that_is_far_away_is_not_busy() -> None:
    """What it takes at its quickest is not waited in a queue."""
    far = admission(0.3, 0.31, 0.3)

    assert far.is_open(1_000, LATE)
    far.took(0.4, 3.0, 400)
    assert not far.is_open(1_000, LATE)


def test_a_log_that_became_slower_is_known_after_two_minutes() -> None:
    """Its brokers may have moved: what it took long ago is forgotten."""
    moved = admission(QUICK)
    found = []
    for second in range(1, 180):
        moved.took(0.3, float(second), 400)
        found.append(widest(moved))

    assert (200, 10) == (found[0], min(found))
    assert found[-1] > 10
