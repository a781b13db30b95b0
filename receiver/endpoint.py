"""The webhook endpoint: source, size, body, signature, envelope, log, and only then 202.

A delivery comes in one of two ways. Nearly all come whole, from a connection that gathered them
(`connection.py`): `take` needs no task for them. What is large, slow or traced comes by the ASGI
application that this is as well, which reads the body and goes on in the same way. Stateless: it
knows no database, and any number of copies may run.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import perf_counter

from starlette.types import Receive, Scope, Send

from eventlog.log import LogIntake, LogUnavailableError
from eventlog.written import Written
from receiver import answers, signature
from receiver.admission import Admission
from receiver.answers import Answer, Refused
from receiver.body import Bodies, SenderLeftError
from receiver.delivery import Delivery, understand
from receiver.limits import Limits
from receiver.reporting import Outcome, Reports
from receiver.secrets import Secrets
from receiver.sources import AllowedSources
from receiver.time_limit import TimeLimit
from receiver.told import Told, told
from schemas.defects import describe


class WebhookEndpoint:
    """Takes deliveries; `now_ms` is the clock for their time of receipt."""

    def __init__(
        self,
        *,
        log: LogIntake,
        secrets: Secrets,
        sources: AllowedSources,
        max_body: int,
        now_ms: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._log = log
        self._secrets = secrets
        self._sources = sources
        self._now_ms = now_ms
        self._limits = limits
        self._bodies = Bodies(max_body, limits)
        self._append_time = TimeLimit(limits.append_seconds, _give_up)
        self._admission = Admission(always=limits.always_let_in, slack=limits.queue_seconds)
        self._reports = Reports()

    def take(
        self, headers: Told, peer: str | None, body: bytes, answer: Callable[[Answer], None]
    ) -> None:
        """Handle a delivery that is there whole; `answer` is called once, now or later."""
        begun = perf_counter()
        try:
            self._check_source(headers, peer)
            self._bodies.hold(body)
        except Exception as error:
            self._end(_failed(error), begun, answer)
            return
        try:
            delivery = self._judge(headers, body)
            written = self._put(delivery)
        except Exception as error:
            self._bodies.release(body)
            self._end(_failed(error), begun, answer)
        else:
            put = perf_counter()
            written.at_once = partial(self._written, delivery, begun, put, answer)

    def _written(
        self,
        delivery: Delivery,
        begun: float,
        put: float,
        answer: Callable[[Answer], None],
        written: Written,
    ) -> None:
        outcome = self._outcome_of(delivery, put, written)
        self._bodies.release(delivery.message.value)
        self._end(outcome, begun, answer)

    def _end(self, outcome: Outcome, begun: float, answer: Callable[[Answer], None]) -> None:
        if outcome.answer:
            answer(outcome.answer)
        self._reports.add(outcome, perf_counter() - begun)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one delivery, answer it, and write down how it went."""
        begun = perf_counter()
        try:
            outcome = await self._outcome(scope, receive)
        except Exception as error:
            outcome = _failed(error)
        if outcome.answer:
            await outcome.answer.send(scope, receive, send, self._limits)
        self._reports.add(outcome, perf_counter() - begun)

    async def _outcome(self, scope: Scope, receive: Receive) -> Outcome:
        headers = told(scope["headers"])
        self._check_source(headers, scope["client"][0] if scope.get("client") else None)
        body = await self._bodies.read(receive, headers.length)
        try:
            delivery = self._judge(headers, body)
            written, put = self._put(delivery), perf_counter()
            with suppress(Exception):
                await written
            return self._outcome_of(delivery, put, written)
        finally:
            self._bodies.release(body)

    def sender_left(self) -> None:
        """A delivery ended before its body was there."""
        self._reports.add(Outcome(None), 0.0)

    def _check_source(self, headers: Told, peer: str | None) -> None:
        if self._sources.networks is None:
            return
        if not self._sources.allow(peer, headers.forwarded):
            source = self._sources.source(peer, headers.forwarded)
            raise Refused(answers.SOURCE_NOT_ALLOWED, f"source {source or 'unclear'}")

    def _judge(self, headers: Told, body: bytes) -> Delivery:
        """What an authentic body is, unless too many wait already, which is asked first."""
        begun = perf_counter()
        if not self._admission.is_open(len(self._append_time), begun):
            raise Refused(answers.BUSY)
        reason = signature.refusal(self._secrets.current(), body, headers.signatures)
        self._reports.verify_seconds.append(perf_counter() - begun)
        if reason:
            raise Refused(answers.SIGNATURE[reason])
        return understand(body, self._now_ms())

    def _put(self, delivery: Delivery) -> Written:
        """Hand it to the log, for so long. It may still get there after that: then it is there
        twice, once Voucherify has sent it again, and counts once.
        """
        try:
            written = self._log.put((delivery.message,))
        except LogUnavailableError as away:
            raise Refused(answers.LOG_UNAVAILABLE, str(away), delivery) from None
        self._append_time.begin(written)
        return written

    def _outcome_of(self, delivery: Delivery, put: float, written: Written) -> Outcome:
        """What the log said; `put` is when it was handed over."""
        self._append_time.end(written)
        error = written.exception()
        if error is None:
            now = perf_counter()
            self._admission.took(now - put, now, len(self._append_time))
            self._reports.append_seconds.append(now - put)
            return Outcome(answers.ACCEPTED, delivery)
        if isinstance(error, TimeoutError):
            return Outcome(answers.LOG_SLOW, delivery)
        if isinstance(error, LogUnavailableError):
            return Outcome(answers.LOG_UNAVAILABLE, delivery, str(error))
        return Outcome(answers.INTERNAL_ERROR, problem=describe(error))


def _give_up(written: Written) -> None:
    written.settle(TimeoutError())


def _failed(error: Exception) -> Outcome:
    if isinstance(error, Refused):
        return Outcome(error.answer, error.delivery, error.problem)
    if isinstance(error, SenderLeftError):
        return Outcome(None)
    # Whatever fails in here, Voucherify gets an answer that makes it try again.
    return Outcome(answers.INTERNAL_ERROR, problem=describe(error))
