"""The brake tells a bad release from bad events."""

import pytest

from handlers.brake import Brake, BrakeError


def test_single_failures_pass() -> None:
    """One poisoned event, alone in its batch or not, stops nothing; nor do a few."""
    brake = Brake(0.5)
    for _ in range(19):
        brake.allow(1, 1)
        brake.note(1, 1)


def test_most_of_a_batch() -> None:
    """More failures than the limit are refused, with what happened and the way on."""
    brake = Brake(0.5)
    brake.allow(250, 500)

    with pytest.raises(BrakeError, match=r"251 of the last 500 .* 50%.*DEAD_LETTER_BRAKE"):
        brake.allow(251, 500)


def test_most_of_the_last_events() -> None:
    """Failures that come one by one add up; good events before them count, too."""
    brake = Brake(0.5)
    brake.note(0, 1_000)
    for _ in range(50):
        brake.allow(1, 1)
        brake.note(1, 1)

    with pytest.raises(BrakeError):
        brake.allow(1, 1)


def test_it_lets_go_again() -> None:
    """After good events the failures of long ago are forgotten."""
    brake = Brake(0.2)
    brake.note(15, 15)
    brake.note(0, 100)

    brake.allow(19, 19)


def test_batches_without_failures_always_pass() -> None:
    """What fails nowhere is applied, whatever failed before it."""
    brake = Brake(0.1)
    brake.note(100, 100)

    brake.allow(0, 1)


def test_off() -> None:
    """With a limit of 1 nothing is ever refused."""
    Brake(1.0).allow(500, 500)
