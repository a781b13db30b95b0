"""What is written down about a delivery: its line, and what is counted."""

import asyncio
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from receiver import answers
from receiver.delivery import Delivery, understand
from receiver.reporting import Outcome, Reports
from tests.receiver.factories import NOW, body


async def report(*outcomes: Outcome, seconds: float = 0.00123) -> None:
    """Report, and let the turn of the event loop end."""
    reports = Reports()
    for outcome in outcomes:
        reports.add(outcome, seconds)
    await asyncio.sleep(0)


async def line(outcome: Outcome) -> dict[str, Any]:
    """The one line that is written."""
    with capture_logs() as lines:
        await report(outcome)
    (only,) = lines
    return dict(only)


def accepted(text: bytes) -> Outcome:
    """A delivery that is in the log."""
    return Outcome(answers.ACCEPTED, understand(text, NOW))


def count(name: str, **labels: str) -> float:
    """A counter's value."""
    return REGISTRY.get_sample_value(f"voucherify_sync_{name}", labels) or 0.0


async def test_the_line_of_an_accepted_delivery() -> None:
    """Everything known about it, under names that stay, and nothing personal."""
    expected = {
        "event": "webhook",
        "log_level": "info",
        "answer": 202,
        "reason": "accepted",
        "version": "v2024-01-01",
        "type": "voucher.updated",
        "family": "voucher",
        "event_id": "evt_1",
        "sendout_id": "whs_evt_1",
        "project_id": "proj_test",
        "bytes": len(body()),
        "ms": 1.23,
    }

    assert expected == await line(accepted(body()))


async def test_the_line_of_a_quarantined_delivery() -> None:
    """It was accepted, for the reason that it was not understood."""
    expected = {
        "event": "webhook",
        "log_level": "info",
        "answer": 202,
        "reason": "not-json",
        "bytes": 5,
        "ms": 1.23,
    }

    assert expected == await line(accepted(b"plain"))


async def test_the_line_of_a_refused_delivery() -> None:
    """Nothing of a body that is not authentic."""
    expected = {
        "event": "webhook",
        "log_level": "warning",
        "answer": 401,
        "reason": "signature-wrong",
        "ms": 1.23,
    }

    assert expected == await line(Outcome(answers.SIGNATURE["signature-wrong"]))


async def test_the_line_of_a_sender_that_left() -> None:
    """There was no answer."""
    found = await line(Outcome(None))

    assert (None, "sender-left") == (found["answer"], found["reason"])


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(answers.LOG_UNAVAILABLE, understand(body(), NOW), "the disk is full"),
        Outcome(
            answers.ACCEPTED, Delivery(understand(b"", NOW).message, None, "x", "the disk is full")
        ),
    ],
)
async def test_a_problem_of_ours_is_an_error(outcome: Outcome) -> None:
    """Someone has to look at it, whatever was answered."""
    found = await line(outcome)

    assert ("error", "the disk is full") == (found["log_level"], found["problem"])


@pytest.mark.parametrize("text", ["a\nb", "\ud800", "x" * 5_000, "\x1b[31m", "ż" * 5_000])
async def test_a_text_that_does_not_fit_a_line(text: str) -> None:
    """Ids are opaque: long, with line ends or lone surrogates, they stay one short line."""
    told = understand(body(), NOW)
    assert told.envelope is not None
    odd = told.envelope._replace(event_id=text, event_type=f"t{text}")
    found = await line(Outcome(answers.ACCEPTED, told._replace(envelope=odd)))

    for name in ("event_id", "type"):
        assert found[name].isascii()
        assert found[name].isprintable()
        assert len(found[name]) <= 2_000


async def test_deliveries_are_counted() -> None:
    """By answer and reason, and what was accepted by version and family."""
    by_reason = {"answer": "202", "reason": "accepted"}
    by_family = {"version": "v2024-01-01", "family": "voucher"}
    before = [
        count("deliveries_total", **by_reason),
        count("deliveries_accepted_total", **by_family),
        count("deliveries_accepted_total", version="none", family="none"),
        count("deliveries_total", answer="none", reason="sender-left"),
    ]
    slow = Outcome(answers.LOG_SLOW, understand(body(), NOW))
    await report(accepted(body()), accepted(b"plain"), Outcome(None), slow)
    after = [
        count("deliveries_total", **by_reason),
        count("deliveries_accepted_total", **by_family),
        count("deliveries_accepted_total", version="none", family="none"),
        count("deliveries_total", answer="none", reason="sender-left"),
    ]

    assert [1, 1, 1, 1] == [now - then for then, now in zip(before, after, strict=True)]


async def test_lines_that_can_not_be_written_cost_no_delivery() -> None:
    """A full disk under the log lines is suffered in silence."""

    def full(*_: object) -> Any:
        raise OSError(28, "No space left on device")

    structlog.configure(processors=[full])
    try:
        await report(accepted(body()))
    finally:
        structlog.reset_defaults()


async def test_times_are_observed() -> None:
    """What a signature and the log took."""
    names = ("verify_seconds_sum", "append_seconds_sum")
    before = [count(name) for name in names]
    reports = Reports()
    reports.verify_seconds += [0.5, 0.25]
    reports.append_seconds += [1.0, 0.5]
    reports.add(Outcome(None), 0)
    await asyncio.sleep(0)

    assert [0.75, 1.5] == [count(name) - was for name, was in zip(names, before, strict=True)]
    assert ([], []) == (reports.verify_seconds, reports.append_seconds)


def test_an_event_loop_that_ended_keeps_no_lines_back() -> None:
    """What it did not get to write is written in the next one."""
    reports = Reports()

    with capture_logs() as lines:
        loop = asyncio.new_event_loop()
        loop.call_soon(reports.add, Outcome(None), 0.0)
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
        assert [] == lines

        async def come() -> None:
            reports.add(Outcome(None), 0)
            await asyncio.sleep(0)

        asyncio.run(come())

    assert 2 == len(lines)
