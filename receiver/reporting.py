"""What is written down about each delivery: one log line, and the metrics.

Ids and types only, never personal data; of a delivery that was not verified, nothing of its body.
It is done after the answer, for all deliveries of one turn of the event loop together: in one run
it takes a third of the time that it takes in between everything else.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

import prometheus_client
import structlog

from receiver import answers, metrics
from receiver.answers import Answer
from receiver.delivery import Delivery
from schemas import registry
from schemas.envelope import Envelope

log = structlog.get_logger()

_LONGEST_TEXT: Final = 200
_LEVELS: Final = (logging.ERROR, logging.WARNING, logging.INFO)


class Outcome(NamedTuple):
    """How a delivery ended. No answer: the sender left before there was one.

    `problem` says what of ours or of the log was the cause.
    """

    answer: Answer | None
    delivery: Delivery | None = None
    problem: str | None = None

    @property
    def reason(self) -> str:
        """Of few possible values, so that it can be counted by."""
        if self.answer is None:
            return "sender-left"
        if self.delivery and self.answer.status == 202:
            return self.delivery.reason
        return self.answer.reason


class Reports:
    """Gathers what is to be written down, and writes it when this turn of the loop is over."""

    def __init__(self) -> None:
        self.verify_seconds: list[float] = []
        self.append_seconds: list[float] = []
        self._outcomes: list[tuple[Outcome, float]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        _declare()

    def add(self, outcome: Outcome, seconds: float) -> None:
        """How a delivery ended, and how long it took."""
        if not (self._outcomes and self._loop and self._loop.is_running()):
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self.write)
        self._outcomes.append((outcome, seconds))

    def write(self) -> None:
        """Write down all that was gathered."""
        outcomes, self._outcomes = self._outcomes, []
        kinds: dict[_Kind, int] = {}
        for outcome, _ in outcomes:
            kind = _kind(outcome)
            kinds[kind] = kinds.get(kind, 0) + 1
        for kind, number in kinds.items():
            _count(kind, number)
        for seconds in self.verify_seconds:
            metrics.VERIFY_SECONDS.observe(seconds)
        self.verify_seconds.clear()
        for seconds in self.append_seconds:
            metrics.APPEND_SECONDS.observe(seconds)
        self.append_seconds.clear()
        with suppress(OSError, ValueError):  # where lines can't be written, deliveries still count
            _write_lines(outcomes)


def _write_lines(outcomes: Sequence[tuple[Outcome, float]]) -> None:
    """One for each delivery, but one for all that were refused because too many came."""
    written = {level: log.is_enabled_for(level) for level in _LEVELS}
    refused = 0
    for outcome, seconds in outcomes:
        level = _level(outcome)
        if outcome.answer is answers.BUSY:
            refused += 1
        elif written[level]:
            _write_line(level, outcome, seconds)
    if refused:
        status, reason = answers.BUSY.status, answers.BUSY.reason
        log.warning("webhooks_refused", answer=status, reason=reason, deliveries=refused)


class _Kind(NamedTuple):
    """What deliveries are counted by."""

    status: int | None
    reason: str
    version: str
    event_type: str | None


def _kind(outcome: Outcome) -> _Kind:
    status = outcome.answer.status if outcome.answer else None
    event = outcome.delivery.envelope if outcome.delivery else None
    if event is None:
        return _Kind(status, outcome.reason, "none", None)
    return _Kind(status, outcome.reason, event.version, event.event_type)


def _count(kind: _Kind, number: int) -> None:
    _deliveries(kind.status, kind.reason).inc(number)
    if kind.status == 202:
        family = registry.family(kind.event_type) if kind.event_type is not None else "none"
        _accepted(kind.version, family).inc(number)


def _level(outcome: Outcome) -> int:
    if _problem(outcome):
        return logging.ERROR
    return logging.INFO if outcome.answer is answers.ACCEPTED else logging.WARNING


def _problem(outcome: Outcome) -> str | None:
    return outcome.problem or (outcome.delivery.problem if outcome.delivery else None)


def _write_line(level: int, outcome: Outcome, seconds: float) -> None:
    delivery = outcome.delivery
    problem = _problem(outcome)
    status = outcome.answer.status if outcome.answer else None
    line: dict[str, Any] = {"answer": status, "reason": outcome.reason}
    if delivery:
        if delivery.envelope:
            line |= _told(delivery.envelope)
        line["bytes"] = len(delivery.message.value)
    line["ms"] = round(seconds * 1000, 2)
    if problem:
        line["problem"] = problem
    log.log(level, "webhook", **line)


def _told(event: Envelope) -> dict[str, Any]:
    """What an event says of itself, fit for a line."""
    told = {
        "type": event.event_type,
        "event_id": event.event_id,
        "sendout_id": event.sendout_id or "",
        "project_id": event.project_id,
    }
    text = "".join(told.values())
    if len(text) > _LONGEST_TEXT or not (text.isascii() and text.isprintable()):
        told = {name: _escaped(value) for name, value in told.items()}
    return {"version": event.version, "family": registry.family(event.event_type), **told}


def _escaped(value: str) -> str:
    """Signed text may still be long, span lines or hold lone surrogates; a log line must not."""
    return value[:_LONGEST_TEXT].encode("unicode_escape").decode("ascii")


def _declare() -> None:
    """Show at 0 what has not happened yet: of what begins at 1, Prometheus sees no increase."""
    for answer in answers.USUAL:
        _deliveries(answer.status, answer.reason)
    _accepted("none", "none")


@cache
def _deliveries(status: int | None, reason: str) -> prometheus_client.Counter:
    return metrics.DELIVERIES.labels(str(status or "none"), reason)


@cache
def _accepted(version: str, family: str) -> prometheus_client.Counter:
    return metrics.ACCEPTED.labels(version, family)
