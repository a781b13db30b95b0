"""The state built anew: what `voucherify-sync rebuild` does, without its output.

Replays the whole log into a database in which nothing is yet. The handlers that run meanwhile, the
consumer group, the live state and the dead-letter topic see nothing of it. The new state carries
positions and as-of like any other, so handlers that are pointed at it go on from there.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

from eventlog.log import AssignmentChangedError, LogReader, LogUnavailableError, Partition
from handlers.ahead import Reading
from handlers.applying import Applier
from state.kept import FIRST, StateContent
from state.store import Batch, NotMigratedError, StateWriter

AT_ONCE: Final = 500
_WAIT_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 30.0


class NotEmptyError(Exception):
    """The database holds something already; the message says what, and the mend."""


@dataclass(slots=True)
class Span:
    """What there is to replay: begins and ends by partition, and how far that is done."""

    begins: Mapping[Partition, int]
    ends: Mapping[Partition, int]
    positions: dict[Partition, int]

    @property
    def total(self) -> int:
        """How many records there are, about: some offsets may be no record's."""
        return sum(end - self.begins.get(one, 0) for one, end in self.ends.items())

    @property
    def left(self) -> int:
        """How many of them are not replayed."""
        return sum(max(0, end - self.positions.get(one, 0)) for one, end in self.ends.items())

    @property
    def missing(self) -> Mapping[Partition, int]:
        """The partitions that no longer begin at 0, and where they begin."""
        return {one: begin for one, begin in sorted(self.begins.items()) if begin}


Progress = Callable[[Span], None]


async def prepare(state: StateWriter, content: StateContent) -> None:
    """Make the tables in a new database. Raises NotEmptyError where it is not a new one."""
    try:
        await state.check()
    except NotMigratedError:
        await state.migrate()
        return
    letters = await state.count_dead_letters()
    if await content.things(FIRST, 1) or await state.positions() or letters:
        raise NotEmptyError(
            "the database to rebuild into holds a state already; name a new one, or drop what is "
            "in that one first"
        )


async def span(log: LogReader) -> Span:
    """All that the log has now. Raises LogUnavailableError."""
    begins = await log.begins()
    return Span(begins, await log.ends(), dict(begins))


async def replay(
    log: LogReader,
    state: StateWriter,
    applier: Applier,
    *,
    now_ms: Callable[[], int],
    progress: Progress,
    begun: Callable[[Span], None],
    stop: asyncio.Event,
) -> Span:
    """Apply the log from its begin up to the end that it has now, and look for gaps in ledgers.

    `stop` ends it between batches. `begun` is told what there is to do. Raises LogUnavailableError,
    PositionLostError where the log lost records meanwhile, StateUnavailableError, BrakeError.
    """
    noted = await state.now()
    todo = await span(log)
    begun(todo)
    if todo.missing:
        await state.apply(Batch((), {one: (0, begin) for one, begin in todo.missing.items()}))
    reading = Reading(log, now_ms, limit=AT_ONCE, seconds=_WAIT_SECONDS)
    try:
        await _replay(reading, applier, todo, progress, stop)
    finally:
        await reading.drop()
    while not stop.is_set() and await state.check_ledgers(AT_ONCE):
        pass
    if not todo.left:
        await state.advance_as_of(noted)
    return todo


async def _replay(
    reading: Reading, applier: Applier, todo: Span, progress: Progress, stop: asyncio.Event
) -> None:
    heard = monotonic()
    while todo.left and not stop.is_set():
        try:
            outcomes = await reading.next(todo.positions)
        except AssignmentChangedError:
            continue  # what this reader is given, which is everything
        if outcomes:
            await applier.apply(outcomes, todo.positions)
            progress(todo)
            heard = monotonic()
        elif monotonic() - heard > _PATIENCE_SECONDS:
            raise _silent(todo)


def _silent(todo: Span) -> LogUnavailableError:
    name, number = min(one for one, end in todo.ends.items() if todo.positions.get(one, 0) < end)
    return LogUnavailableError(
        f"the log gives no records of {name}/{number} though it has some; look at its broker, then "
        "begin anew with a new database"
    )
