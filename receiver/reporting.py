"""What is written down about each delivery: one log line, and the metrics.

Ids and types only, never personal data; of a delivery that was not verified, nothing of its body.
"""

from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter

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


def report(outcome: Outcome, seconds: float) -> None:
    """Count the delivery and write its line."""
    status = outcome.answer.status if outcome.answer else None
    reason = outcome.reason
    line: dict[str, Any] = {"answer": status, "reason": reason}
    delivery = outcome.delivery
    problem = outcome.problem
    if delivery:
        if delivery.envelope:
            line |= _told(delivery.envelope)
        line["bytes"] = len(delivery.message.value)
        problem = problem or delivery.problem
    line["ms"] = round(seconds * 1000, 2)
    if problem:
        line["problem"] = problem
    _deliveries(status, reason).inc()
    if status == 202:
        _accepted(line.get("version", "none"), line.get("family", "none")).inc()
    with suppress(OSError, ValueError):  # where lines can't be written, deliveries still count
        _write(line)


def _write(line: dict[str, Any]) -> None:
    if "problem" in line:
        log.error("webhook", **line)
    elif line["answer"] == 202:
        log.info("webhook", **line)
    else:
        log.warning("webhook", **line)


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
