"""One batch of what was understood into the state, with the positions that it covers.

A fact that breaks the batch is found by halving it, and its event becomes a dead letter. A database
that fails is no event's fault and goes to the caller.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from eventlog.log import Partition, Record
from handlers import metrics
from handlers.brake import Brake
from handlers.same_log import mark_of
from handlers.understand import Understood, refused
from schemas.defects import describe
from state.store import (
    Applied,
    Batch,
    DeadLetter,
    PositionMovedError,
    SchemaMismatchError,
    StateUnavailableError,
)

log = structlog.get_logger()

Outcome = Understood | DeadLetter
Positions = dict[Partition, int]


class Applies(Protocol):
    """What of the state is needed here."""

    async def apply(self, batch: Batch) -> Applied:
        """See StateWriter."""
        ...


class Applier:
    """Applies outcomes in the order of the log.

    `now_ms` is the clock that dead letters are recorded by, `recorded` is called once any are.
    """

    def __init__(
        self,
        state: Applies,
        brake: Brake,
        now_ms: Callable[[], int],
        recorded: Callable[[], None],
    ) -> None:
        self._state = state
        self._brake = brake
        self._now_ms = now_ms
        self._recorded = recorded

    async def apply(self, outcomes: Sequence[Outcome], positions: Positions) -> Applied:
        """Apply all of them from these positions on, which are moved as far as that went.

        Raises what `StateWriter.apply` raises but for an event's own fault, and BrakeError.
        """
        failed = sum(isinstance(one, DeadLetter) for one in outcomes)
        self._brake.allow(failed, len(outcomes))
        try:
            applied = await self._state.apply(_batch(outcomes, positions))
        except (PositionMovedError, StateUnavailableError, SchemaMismatchError):
            raise
        except Exception as error:
            return await self._apply_parts(outcomes, positions, error)
        self._brake.note(failed, len(outcomes))
        positions.update(places_after(outcomes))
        for one in outcomes:
            _count(one)
        if failed:
            self._recorded()
        return applied

    async def _apply_parts(
        self, outcomes: Sequence[Outcome], positions: Positions, error: Exception
    ) -> Applied:
        """Halve the batch until the event that breaks it stands alone."""
        if len(outcomes) == 1:
            (broken,) = outcomes
            if isinstance(broken, DeadLetter):
                problem = f"a dead letter was refused: {describe(error)}"
                raise StateUnavailableError(problem) from error
            return await self.apply([refused(broken, error, self._now_ms())], positions)
        middle = len(outcomes) // 2
        first = await self.apply(outcomes[:middle], positions)
        second = await self.apply(outcomes[middle:], positions)
        return Applied(first.merged + second.merged, first.stale + second.stale)


def places_after(outcomes: Sequence[Outcome]) -> Positions:
    """Where each partition goes on behind these outcomes."""
    return {partition: offset + 1 for partition, offset in map(_place, outcomes)}


def _batch(outcomes: Sequence[Outcome], positions: Positions) -> Batch:
    return Batch(
        facts=[fact for one in outcomes if isinstance(one, Understood) for fact in one.facts],
        moves={
            partition: (positions.get(partition, 0), after)
            for partition, after in places_after(outcomes).items()
        },
        dead_letters=[one for one in outcomes if isinstance(one, DeadLetter)],
        marks={partition: mark_of(told) for partition, told in _last(outcomes).items()},
    )


def _last(outcomes: Sequence[Outcome]) -> Mapping[Partition, DeadLetter | Record]:
    """What was read last of each partition."""
    last = {_place(one)[0]: one for one in outcomes}
    return {
        partition: one if isinstance(one, DeadLetter) else one.record
        for partition, one in last.items()
    }


def _place(one: Outcome) -> tuple[Partition, int]:
    if isinstance(one, DeadLetter):
        return Partition(one.place.name, one.place.number), one.place.offset
    return one.record.partition, one.record.offset


def _count(one: Outcome) -> None:
    if isinstance(one, DeadLetter):
        metrics.DEAD_LETTERS.labels(one.reason.split(" ")[0]).inc()
        log.error("dead_letter", id=str(one.place), reason=one.reason, topic=one.topic)
    else:
        metrics.EVENTS.labels(one.family).inc()
