"""What a simulation tells, read with nothing but `json`: the tests' own eyes."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from voucherify_sync.simulator.deliveries import Schedule, schedule
from voucherify_sync.simulator.moments import parse
from voucherify_sync.simulator.options import SimulationOptions

Json = dict[str, Any]


@cache
def simulated(seed: int = 1, events: int = 2_000, cards: int = 120) -> Schedule:
    """A simulation in the order in which it happened."""
    return schedule(SimulationOptions(seed=seed, events=events, cards=cards))


@cache
def bodies(seed: int = 1, events: int = 2_000) -> list[Json]:
    """Everything that it sends, as values."""
    return [json.loads(delivery.body) for delivery in simulated(seed, events).deliveries]


def told(seed: int = 1, events: int = 2_000) -> Iterator[tuple[str, int, Json]]:
    """Type, moment in ms and data of every event of the newer version."""
    for body in bodies(seed, events):
        if isinstance(body.get("event"), dict) and "source" in body:
            data = body["data"]
            yield body["event"]["type"], parse(body["event"]["created_at"]), data.get("data", data)


def project(made: Schedule) -> Json:
    """The truth of the only project."""
    (found,) = made.truth["projects"].values()
    truth: Json = found
    return truth


def objects(value: Any, name: str = "") -> Iterator[tuple[str, Json]]:
    """Every object in a value, at any depth, with the name under which it stands."""
    if isinstance(value, dict):
        yield name, value
        for inner_name, inner in value.items():
            if inner_name != "metadata":
                yield from objects(inner, inner_name)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, name)
