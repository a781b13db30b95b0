"""What is written down about each delivery: one log line, and the metrics.

Ids and types only, never personal data; of a delivery that was not verified, nothing of its body.
It is done after the answer, for all deliveries of one turn of the event loop together: in one run
it takes a third of the time that it takes in between everything else.
"""

import asyncio
import logging
from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter, Histogram

from receiver import metrics
from receiver.answers import Answer
from receiver.delivery import Delivery
from schemas import registry
from schemas.envelope import Envelope

log = structlog.get_logger()

_LONGEST_TEXT: Final = 200


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

    def add(self, outcome: Outcome, seconds: float) -> None:
        """How a delivery ended, and how long it took."""
        if not (self._outcomes and self._loop and self._loop.is_running()):
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self.write)
        self._outcomes.append((outcome, seconds))

    def write(self) -> None:
        """Write down all that was gathered."""
        outcomes, self._outcomes = self._outcomes, []
        for outcome, seconds in outcomes:
            _report(outcome, seconds)
        _observe(metrics.VERIFY_SECONDS, self.verify_seconds)
        _observe(metrics.APPEND_SECONDS, self.append_seconds)


def _observe(histogram: Histogram, observed: list[float]) -> None:
    for seconds in observed:
        histogram.observe(seconds)
    observed.clear()


def _report(outcome: Outcome, seconds: float) -> None:
    status = outcome.answer.status if outcome.answer else None
    reason = outcome.reason
    delivery = outcome.delivery
    event = delivery.envelope if delivery else None
    problem = outcome.problem or (delivery.problem if delivery else None)
    _deliveries(status, reason).inc()
    if status == 202:
        family = registry.family(event.event_type) if event else "none"
        _accepted(event.version if event else "none", family).inc()
    level = logging.ERROR if problem else logging.INFO if status == 202 else logging.WARNING
    if log.is_enabled_for(level):
        line: dict[str, Any] = {"answer": status, "reason": reason}
        if event:
            line |= _told(event)
        if delivery:
            line["bytes"] = len(delivery.message.value)
        line["ms"] = round(seconds * 1000, 2)
        if problem:
            line["problem"] = problem
        with suppress(OSError, ValueError):  # where lines can't be written, deliveries still count
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


@cache
def _deliveries(status: int | None, reason: str) -> Counter:
    return metrics.DELIVERIES.labels(str(status or "none"), reason)


@cache
def _accepted(version: str, family: str) -> Counter:
    return metrics.ACCEPTED.labels(version, family)
