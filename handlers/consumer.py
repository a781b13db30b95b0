"""The consumer loop: a batch that was read and understood is applied with its position, again.

It stands between the log and the state and decides nothing about either. Whatever fails is retried
(log or state away), begun anew (another copy was faster) or parked (an event nobody can apply);
nothing is skipped and nothing blocks what is behind it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import structlog

from eventlog.log import AssignmentChangedError, LogReader, LogWriter, Partition
from handlers import metrics
from handlers.ahead import Reading
from handlers.applying import Applier, Applies, Outcome, Positions
from handlers.as_of import AsOf
from handlers.brake import Brake
from handlers.counting import Counting
from handlers.gaps import Gaps
from handlers.letters import Letters
from handlers.retrying import Retrying
from handlers.same_log import SameLog
from schemas import moment, topics
from state.store import GAP_WAIT_MS, Applied, DeadLetter, PositionMovedError, StateWriter

log = structlog.get_logger()

_END_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once and how often.

    `batch` records at most in one transaction; as-of is published at least every `as_of_seconds`
    while nothing arrives; what was applied is trimmed from the log every `trim_seconds` once it is
    older than `retention_seconds`. What is away is tried again after `retry_seconds` at the latest.
    `brake` is the share of failing events at which the handlers stop. Ledgers that were touched are
    looked through for gaps every `gap_look_seconds`; an entry may be late by `gap_wait_seconds`.
    """

    batch: int = 500
    as_of_seconds: float = 0.2
    trim_seconds: float = 600.0
    retention_seconds: float = 14 * 86_400.0
    retry_seconds: float = 5.0
    brake: float = 0.5
    gap_look_seconds: float = 1.0
    gap_wait_seconds: float = GAP_WAIT_MS / 1000


class Consumer:
    """Applies the log to the state until it is told to stop. `now_ms` is the process's clock.

    Batches go through `applying`, where something stands around the state.
    """

    def __init__(
        self,
        reader: LogReader,
        writer: LogWriter,
        state: StateWriter,
        *,
        now_ms: Callable[[], int],
        pace: Pace | None = None,
        applying: Applies | None = None,
    ) -> None:
        self._reader = reader
        self._state = state
        self._pace = pace or Pace()
        most = self._pace.retry_seconds
        self._same_log = SameLog(reader)
        self._reading = Reading(
            self._same_log, now_ms, limit=self._pace.batch, seconds=self._pace.as_of_seconds
        )
        self._letters = Letters(state, writer, now_ms, most)
        self._gaps = Gaps(
            state,
            wait_ms=round(self._pace.gap_wait_seconds * 1000),
            look_seconds=self._pace.gap_look_seconds,
            most_seconds=most,
        )
        self._counting = Counting(state, most_seconds=most)
        self._applier = Applier(
            applying or state, Brake(self._pace.brake), now_ms, self._letters.wake
        )
        self._retrying = Retrying("handlers", most_seconds=most, failed=self._forget)
        self._now_ms = now_ms
        self._positions: Positions | None = None
        self._migrated = False
        self._begun = asyncio.Event()
        self._trimmed_at = 0.0
        self.as_of = AsOf(reader, state, seconds=self._pace.as_of_seconds, most_seconds=most)

    @property
    def problem(self) -> str | None:
        """What keeps it from applying, None while it does."""
        return self._retrying.problem

    async def run(self, stop: asyncio.Event) -> None:
        """Apply until `stop` is set; a batch under way is finished first.

        What is beside it is cut short after 5 seconds: a log that is away would never let it end.
        """
        beside = [
            asyncio.create_task(self._run_beside(part, stop))
            for part in (self.as_of, self._letters, self._gaps, self._counting)
        ]
        try:
            await self._retrying.run(self._step, stop)
            self._begun.set()
            await asyncio.wait(beside, timeout=_END_SECONDS)
        finally:
            await self._reading.drop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _run_beside(
        self, part: AsOf | Counting | Gaps | Letters, stop: asyncio.Event
    ) -> None:
        """Once the database is known to be of this version."""
        await self._begun.wait()
        await part.run(stop)

    def _forget(self) -> None:
        """Whatever failed: begin anew with what is stored."""
        self._positions = None
        self._migrated = False

    async def _step(self) -> None:
        try:
            if self._positions is None:
                self._positions = await self._begin()
            await self._read_and_apply(self._positions)
        except AssignmentChangedError:
            self._positions = None
        except PositionMovedError as moved:
            log.warning("position_moved", detail=str(moved))
            self._positions = None

    async def _begin(self) -> Positions:
        if not self._migrated:
            await self._state.migrate()
            self._migrated = True
            self._begun.set()
            self._letters.wake()
        await self._reading.drop()
        stored = await self._state.positions()
        await self._same_log.expect(await self._state.marks())
        return {Partition(*place): after for place, after in stored.items()}

    async def _read_and_apply(self, positions: Positions) -> None:
        outcomes = await self._reading.next(positions)
        self._gaps.hurried = self._reading.is_behind
        if outcomes:
            begun = perf_counter()
            applied = await self._applier.apply(outcomes, positions)
            self.as_of.wake()
            _note_wait(outcomes[0], self._now_ms())
            _report(len(outcomes), applied, perf_counter() - begun)
            await self._reader.report_applied(positions)
        await self._trim(positions)

    async def _trim(self, positions: Positions) -> None:
        if self._trimmed_at and perf_counter() - self._trimmed_at <= self._pace.trim_seconds:
            return
        self._trimmed_at = perf_counter()
        retention = self._pace.retention_seconds
        trimmed = await self._reader.trim(positions, older_than_seconds=retention)
        if trimmed:
            log.info("log_trimmed", records=trimmed)


def _note_wait(first: Outcome, now: int) -> None:
    """How long a record waited; one that was not written by a receiver does not say."""
    headers = first.headers if isinstance(first, DeadLetter) else first.record.headers
    received = moment.parse(topics.text(dict(headers).get("ce_receivedat", b"")))
    if received is not None:
        metrics.WAITED_SECONDS.observe(max(0, now - received) / 1000)


def _report(events: int, applied: Applied, seconds: float) -> None:
    metrics.APPLY_SECONDS.observe(seconds)
    metrics.BATCH_EVENTS.observe(events)
    metrics.FACTS.labels("merged").inc(applied.merged)
    metrics.FACTS.labels("stale").inc(applied.stale)
    log.info(
        "batch",
        events=events,
        merged=applied.merged,
        stale=applied.stale,
        ms=round(seconds * 1000, 1),
    )
