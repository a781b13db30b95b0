"""The consumer loop: read the log, understand a batch, apply it with its position, again.

It stands between the log and the state and decides nothing about either. Whatever fails is retried
(log or state away), begun anew (another copy was faster) or parked (an event nobody can apply);
nothing is skipped and nothing blocks what is behind it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import structlog

from eventlog.log import (
    LogReader,
    LogUnavailableError,
    LogWriter,
    Message,
    Partition,
    PositionLostError,
    Record,
)
from handlers import metrics
from handlers.understand import Understood, dead_letter, understand
from schemas import moment, topics
from schemas.defects import describe
from state.store import (
    Applied,
    Batch,
    DeadLetter,
    PositionMovedError,
    SchemaMismatchError,
    StateUnavailableError,
    StateWriter,
)

log = structlog.get_logger()

_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once and how often.

    `batch` records at most in one transaction; as-of is published at least every `as_of_seconds`
    while nothing arrives; what was applied is trimmed from the log every `trim_seconds` once it is
    older than `retention_seconds`.
    """

    batch: int = 500
    as_of_seconds: float = 0.2
    trim_seconds: float = 600.0
    retention_seconds: float = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """The log's end at a moment: once all up to it is applied, the state is complete up to then.

    The moment is noted before the end is read. What was acknowledged before it is in the log by
    then, whatever the clocks of the receivers say.
    """

    moment: int
    ends: Mapping[Partition, int]

    def reached(self, positions: Mapping[Partition, int]) -> bool:
        return all(positions.get(partition, 0) >= end for partition, end in self.ends.items())


class Consumer:
    """Applies the log to the state until it is told to stop."""

    def __init__(
        self,
        reader: LogReader,
        writer: LogWriter,
        state: StateWriter,
        *,
        now_ms: Callable[[], int],
        pace: Pace | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._state = state
        self._now_ms = now_ms
        self._pace = pace or Pace()
        self._positions: dict[Partition, int] | None = None
        self._mark: _Mark | None = None
        self._letters_waiting = True
        self._trimmed_at = 0.0
        self.problem: str | None = "has not begun yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Apply until `stop` is set; a batch under way is finished first."""
        while not stop.is_set():
            try:
                await self._step()
                self.problem = None
            except PositionMovedError as moved:
                log.warning("position_moved", detail=str(moved))
                self._positions = None
            except (
                LogUnavailableError,
                StateUnavailableError,
                SchemaMismatchError,
                PositionLostError,
            ) as away:
                await self._wait_for_better(away, stop)

    async def _wait_for_better(self, away: Exception, stop: asyncio.Event) -> None:
        if self.problem != str(away):
            log.error("handlers_waiting", problem=str(away))
        self.problem = str(away)
        self._positions = None
        try:
            async with asyncio.timeout(_RETRY_SECONDS):
                await stop.wait()
        except TimeoutError:
            pass

    async def _step(self) -> None:
        if self._positions is None:
            self._positions = await self._begin()
        if self._mark is None:
            self._mark = _Mark(self._now_ms(), await self._reader.ends())
        await self._tend(self._positions)
        records = await self._reader.read(
            self._positions, limit=self._pace.batch, wait=self._pace.as_of_seconds
        )
        if records:
            await self._apply_records(records)
        await self._publish_as_of()

    async def _begin(self) -> dict[Partition, int]:
        await self._state.migrate()
        self._mark = None
        self._letters_waiting = True
        stored = await self._state.positions()
        return {Partition(*place): after for place, after in stored.items()}

    async def _publish_as_of(self) -> None:
        mark = self._mark
        if mark and mark.reached(self._known_positions()):
            self._mark = None
            await self._state.advance_as_of(mark.moment)
            metrics.AS_OF.set(mark.moment / 1000)
        if mark:
            behind = (end - self._known_positions().get(p, 0) for p, end in mark.ends.items())
            metrics.LAG.set(sum(max(0, records) for records in behind))

    async def _tend(self, positions: Mapping[Partition, int]) -> None:
        """What is due beside applying: dead letters to their topic, old records out of the log."""
        if self._letters_waiting:
            self._letters_waiting = await self._publish_dead_letters()
        if perf_counter() - self._trimmed_at > self._pace.trim_seconds or not self._trimmed_at:
            self._trimmed_at = perf_counter()
            retention = self._pace.retention_seconds
            trimmed = await self._reader.trim(positions, older_than_seconds=retention)
            if trimmed:
                log.info("log_trimmed", records=trimmed)

    async def _apply_records(self, records: Sequence[Record]) -> None:
        begun = perf_counter()
        understood = [understand(record) for record in records]
        applied = await self._apply(understood)
        seconds = perf_counter() - begun
        metrics.APPLY_SECONDS.observe(seconds)
        metrics.BATCH_EVENTS.observe(len(records))
        metrics.FACTS.labels("merged").inc(applied.merged)
        metrics.FACTS.labels("stale").inc(applied.stale)
        log.info(
            "batch",
            events=len(records),
            merged=applied.merged,
            stale=applied.stale,
            ms=round(seconds * 1000, 1),
        )

    async def _apply(self, understood: Sequence[Understood | DeadLetter]) -> Applied:
        """Apply a batch; if a fact breaks it, halve it until that event stands alone."""
        try:
            applied = await self._state.apply(self._batch(understood))
        except (PositionMovedError, StateUnavailableError, SchemaMismatchError):
            raise
        except Exception as error:
            return await self._apply_halves(understood, error)
        self._advance(understood)
        return applied

    async def _apply_halves(
        self, understood: Sequence[Understood | DeadLetter], error: Exception
    ) -> Applied:
        if len(understood) == 1:
            (broken,) = understood
            if isinstance(broken, DeadLetter):
                raise StateUnavailableError(
                    f"a dead letter was refused: {describe(error)}"
                ) from error
            return await self._apply([dead_letter(broken.record, describe(error))])
        middle = len(understood) // 2
        first = await self._apply(understood[:middle])
        second = await self._apply(understood[middle:])
        return Applied(first.merged + second.merged, first.stale + second.stale)

    def _batch(self, understood: Sequence[Understood | DeadLetter]) -> Batch:
        positions = self._known_positions()
        moves: dict[tuple[str, int], tuple[int, int]] = {}
        for one in understood:
            partition, offset = _place(one)
            before, _ = moves.get(partition, (positions.get(partition, 0), 0))
            moves[partition] = (before, offset + 1)
        return Batch(
            facts=[fact for one in understood if isinstance(one, Understood) for fact in one.facts],
            moves=moves,
            dead_letters=[one for one in understood if isinstance(one, DeadLetter)],
        )

    def _advance(self, understood: Sequence[Understood | DeadLetter]) -> None:
        positions = self._known_positions()
        for one in understood:
            partition, offset = _place(one)
            positions[partition] = offset + 1
            if isinstance(one, DeadLetter):
                self._letters_waiting = True
                metrics.DEAD_LETTERS.labels(one.reason.split(" ")[0]).inc()
                log.error("dead_letter", reason=one.reason, topic=one.topic, event_id=one.event_id)
            else:
                metrics.EVENTS.labels(one.family).inc()

    def _known_positions(self) -> dict[Partition, int]:
        if self._positions is None:
            raise PositionMovedError("positions are not read yet")
        return self._positions

    async def _publish_dead_letters(self) -> bool:
        """Bring dead letters to their topic; say whether more are waiting."""
        letters = await self._state.unpublished_dead_letters(100)
        if letters:
            await self._writer.append(
                [_letter_message(letter, self._now_ms()) for letter in letters]
            )
            await self._state.mark_published(letters)
        return len(letters) == 100


def _place(one: Understood | DeadLetter) -> tuple[Partition, int]:
    if isinstance(one, DeadLetter):
        return Partition(*one.partition), one.offset
    return one.record.partition, one.record.offset


def _letter_message(letter: DeadLetter, now_ms: int) -> Message:
    name, number = letter.partition
    added = (
        ("reason", letter.reason.encode("utf-8", "replace")),
        ("originaltopic", letter.topic.encode("ascii", "replace")),
        ("originalpartition", f"{name}/{number}".encode("ascii", "replace")),
        ("originaloffset", str(letter.offset).encode("ascii")),
        ("deadletteredat", moment.to_text(now_ms).encode("ascii")),
    )
    return Message(topics.DEAD_LETTER, letter.key, letter.value, (*letter.headers, *added))
