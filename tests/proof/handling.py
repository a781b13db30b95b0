"""Has the handlers apply deliveries to a database, with everything that happens to handlers.

Batches end anywhere. A copy dies before its transaction, or after it and before it knows; then the
next one begins where the database says. A copy that was overtaken tries its old batch once more.
Some events can't be applied: they become dead letters, and are redriven some time later. Between
batches somebody looks through the ledgers.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final

import pytest

from eventlog.log import Partition, Record
from handlers.applying import Applier, Outcome, Positions
from handlers.brake import Brake
from handlers.understand import Understood, refused, understand
from schemas import envelope, topics
from schemas.envelope import Envelope
from state.store import PositionMovedError, StateWriter
from tests.proof import letters
from tests.proof.history import Order
from tests.proof.telling import Webhook

_PARTITIONS: Final = 2
_NOW: Final = 1_772_409_600_000
_REFUSED_ONE_OF: Final = 6
_DIES_BEFORE: Final = 1
_IS_OVERTAKEN: Final = 2
_DIES_AFTER: Final = 3


def records(deliveries: Sequence[Webhook]) -> list[Record]:
    """The deliveries as the log has them: in the order of delivery, in two partitions."""
    ends = [0] * _PARTITIONS
    found = []
    for webhook in deliveries:
        event = envelope.read(webhook.body)
        assert isinstance(event, Envelope), webhook.body
        key = topics.key(event)
        number = sum(key) % _PARTITIONS
        place = Partition("log", number)
        topic = topics.topic(event)
        headers = topics.headers(event, _NOW)
        found.append(Record(place, ends[number], topic, key, webhook.body, headers))
        ends[number] += 1
    return found


async def handle(
    deliveries: Sequence[Webhook], order: Order, state: StateWriter
) -> AsyncIterator[str]:
    """Apply all of them, in one undisturbed batch where the order has no seed; what is wrong."""
    log = records(deliveries)
    names = dict(zip(map(_place, log), (one.name for one in deliveries), strict=True))
    understood = partial(_understood, order=order, names=names)
    applier = Applier(state, Brake(1), lambda: _NOW, lambda: None)
    positions = await _stored(state)
    attempt = 0
    while left := [one for one in log if one.offset >= positions.get(one.partition, 0)]:
        attempt += 1
        fate = order.draw(f"attempt {attempt}")
        size = 1 + fate % 7 if order.seed else len(left)
        outcomes = [understood(record) for record in left[:size]]
        survived = await _apply(applier, outcomes, positions, fate // 7 % 6 if order.seed else 0)
        if not survived or (order.seed and fate // 42 % 3 == 0):
            positions = await _stored(state)
        if order.seed and fate // 126 % 8 == 0:
            await letters.redrive_all(state)
        if order.seed and fate // 1008 % 4 == 0:
            await state.check_ledgers(1)
    async for one in letters.indiscreet(state, log, understood):
        yield one
    async for one in letters.left_behind(state):
        yield one


def _place(record: Record) -> tuple[int, int]:
    return record.partition.number, record.offset


def _understood(record: Record, order: Order, names: Mapping[tuple[int, int], str]) -> Outcome:
    """What a record tells, or a dead letter where the order has its event refused."""
    found = understand(record, _NOW)
    name = names[_place(record)]
    assert isinstance(found, Understood), found
    if order.seed and order.draw(f"refused {name}") % _REFUSED_ONE_OF == 0:
        return refused(found, ArithmeticError("drawn to fail"), _NOW)
    return found


async def _apply(
    applier: Applier, outcomes: Sequence[Outcome], positions: Positions, fate: int
) -> bool:
    """Apply a batch, unless it is its fate not to be; whether the copy lives and knows of it."""
    before = dict(positions)
    if fate == _DIES_BEFORE:
        return False
    await applier.apply(outcomes, positions)
    if fate == _IS_OVERTAKEN:
        with pytest.raises(PositionMovedError):  # a copy that does not know tries the same batch
            await applier.apply(outcomes, before)
    return fate != _DIES_AFTER


async def _stored(state: StateWriter) -> Positions:
    return {Partition(*place): at for place, at in (await state.positions()).items()}
