"""The schedule: same seed same bytes, disorder and duplicates as asked for."""

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest

from voucherify_sync.simulator.deliveries import Delivery, out_of_order, schedule
from voucherify_sync.simulator.options import SimulationOptions

SMALL = {"cards": 20, "events": 400}

_PRINT = """
from tests.voucherify_sync.simulator.test_deliveries import SMALL, digest
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions
print(digest(schedule(SimulationOptions(seed=5, disorder=0.5, duplicates=0.1, **SMALL)).deliveries))
"""


def digest(deliveries: list[Delivery]) -> str:
    """One value for all bytes in their order."""
    return hashlib.sha256(b"\n".join(one.body for one in deliveries)).hexdigest()


def bodies(**options: float) -> list[bytes]:
    """The bytes of a small simulation."""
    asked = SimulationOptions(**{"seed": 5, **SMALL, **options})  # type: ignore[arg-type]
    return [one.body for one in schedule(asked).deliveries]


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """Neither the process nor its hash seed has a say."""
    asked = SimulationOptions(seed=5, disorder=0.5, duplicates=0.1, **SMALL)
    here = digest(schedule(asked).deliveries)
    there = [
        subprocess.run(
            [sys.executable, "-c", _PRINT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    ]
    assert [here, here] == there


def test_another_seed_gives_other_bytes() -> None:
    """Not one webhook of two seeds is the same."""
    assert set() == set(bodies(seed=1, noise=0)) & set(bodies(seed=2, noise=0))


@pytest.mark.parametrize("events", [100, 101, 777])
def test_there_are_exactly_as_many_webhooks_as_asked_for(events: int) -> None:
    """Nothing is cut off in the middle, nothing is too much."""
    assert events == len(bodies(events=events))


@pytest.mark.parametrize("projects", [1, 2, 3])
def test_projects_share_the_webhooks_and_the_cards(projects: int) -> None:
    """Each project has its own programme; their number changes nothing of the sums."""
    made = schedule(SimulationOptions(seed=3, cards=30, events=900, projects=projects))
    found = made.truth["projects"]
    assert projects == len(found)
    assert 900 == len(made.deliveries)
    assert 30 >= sum(len(project["cards"]) for project in found.values()) > 20
    campaigns = [id_ for project in found.values() for id_ in project["campaigns"]]
    assert len(campaigns) == len(set(campaigns))


def test_without_disorder_it_goes_out_as_it_happened() -> None:
    """The moments of the events never step back."""
    made = schedule(SimulationOptions(seed=5, **SMALL))
    assert 0 == out_of_order(made.deliveries)


def test_more_disorder_is_more_disorder() -> None:
    """The same webhooks, further and further from their places."""
    orders = [bodies(disorder=disorder) for disorder in (0, 0.2, 0.5, 0.8, 1)]
    places = {body: place for place, body in enumerate(orders[0])}
    distances = [
        sum(abs(place - places[body]) for place, body in enumerate(order)) for order in orders
    ]
    assert distances == sorted(distances)
    assert all(sorted(orders[0]) == sorted(order) for order in orders)
    assert distances[-1] > len(places) ** 2 / 4


def test_local_disorder_stays_local() -> None:
    """Nothing moves further than its window."""
    places = {body: place for place, body in enumerate(bodies())}
    moved = [abs(place - places[body]) for place, body in enumerate(bodies(disorder=0.5))]
    assert 0 < max(moved) <= len(places) ** 0.5


def test_duplicates_are_of_both_kinds_and_come_later() -> None:
    """A share is sent again, some byte for byte, some in another send-out."""
    made = schedule(SimulationOptions(seed=5, duplicates=0.25, **SMALL))
    originals = [one.body for one in made.deliveries if not one.duplicate]
    again = [one.body for one in made.deliveries if one.duplicate]
    assert (400, 100) == (len(originals), len(again))
    identical = [body for body in again if body in set(originals)]
    assert 20 < len(identical) < 80
    first_at = {one.webhook.at: place for place, one in reversed([*enumerate(made.deliveries)])}
    assert all(
        place > first_at[one.webhook.at]
        for place, one in enumerate(made.deliveries)
        if one.duplicate
    )


def test_another_send_out_is_of_the_same_event() -> None:
    """Only the send-out's id differs."""
    made = schedule(SimulationOptions(seed=5, duplicates=0.25, **SMALL))
    by_sendout = {one.webhook.sendout_id: one.body for one in made.deliveries if not one.duplicate}
    changed = [
        one.webhook
        for one in made.deliveries
        if one.duplicate and one.webhook.sendout_id not in by_sendout
    ]
    stripped = Counter(body.replace(str(id_).encode(), b"", 1) for id_, body in by_sendout.items())
    assert changed
    for webhook in changed:
        assert stripped[webhook.body.replace(str(webhook.sendout_id).encode(), b"", 1)] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cards", 0),
        ("events", 99),
        ("projects", 0),
        ("days", 0),
        ("disorder", 1.1),
        ("duplicates", -0.1),
        ("noise", 2),
        ("rate", 0),
        ("concurrency", 0),
        ("time_scale", 0),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(name: str, value: float) -> None:
    """The message names the option."""
    with pytest.raises(ValueError, match=name):
        SimulationOptions(**{name: value})  # type: ignore[arg-type]
