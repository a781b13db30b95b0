"""The webhook endpoint: source, size, body, signature, envelope, log, and only then 202.

A plain ASGI application, called by the route for POST alone. Stateless: it knows no database, and
any number of copies may run.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from eventlog.log import LogUnavailableError, LogWriter
from receiver import answers, signature
from receiver.admission import Admission
from receiver.answers import Refused
from receiver.body import Bodies, SenderLeftError
from receiver.delivery import understand
from receiver.limits import Limits
from receiver.reporting import Outcome, Reports
from receiver.secrets import Secrets
from receiver.sources import AllowedSources
from receiver.time_limit import TimeLimit
from schemas.defects import describe

_CONTENT_LENGTH: Final = b"content-length"
_FORWARDED_FOR: Final = b"x-forwarded-for"


class WebhookEndpoint:
    """Takes deliveries; `now_ms` is the clock for their time of receipt."""

    def __init__(
        self,
        *,
        log: LogWriter,
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
        self._append_time = TimeLimit(limits.append_seconds)
        self._admission = Admission(always=limits.always_let_in, slack=limits.queue_seconds)
        self._reports = Reports()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one delivery, answer it, and write down how it went."""
        begun = perf_counter()
        outcome = await self._outcome(scope, receive)
        if outcome.answer:
            await outcome.answer.send(scope, receive, send, self._limits)
        self._reports.add(outcome, perf_counter() - begun)

    async def _outcome(self, scope: Scope, receive: Receive) -> Outcome:
        try:
            told = _told(scope)
            self._check_source(scope, told)
            body = await self._bodies.read(receive, told.length)
            try:
                self._check_queue()
                self._verify(body, told)
                return await self._append(body)
            finally:
                self._bodies.release(body)
        except Refused as refused:
            return Outcome(refused.answer, problem=refused.problem)
        except SenderLeftError:
            return Outcome(None)
        except Exception as error:
            # Whatever fails in here, Voucherify gets an answer that makes it try again.
            return Outcome(answers.INTERNAL_ERROR, problem=describe(error))

    def _check_source(self, scope: Scope, told: "_Told") -> None:
        if self._sources.networks is None:
            return
        peer = scope["client"][0] if scope.get("client") else None
        if not self._sources.allow(peer, told.forwarded):
            source = self._sources.source(peer, told.forwarded)
            raise Refused(answers.SOURCE_NOT_ALLOWED, f"source {source or 'unclear'}")

    def _check_queue(self) -> None:
        """Once the body is read, so that the connection can go on; before any other work."""
        if not self._admission.is_open(len(self._append_time)):
            raise Refused(answers.BUSY)

    def _verify(self, body: bytes, told: "_Told") -> None:
        begun = perf_counter()
        reason = signature.refusal(self._secrets.current(), body, told.signatures)
        self._reports.verify_seconds.append(perf_counter() - begun)
        if reason:
            raise Refused(answers.SIGNATURE[reason])

    async def _append(self, body: bytes) -> Outcome:
        """The answer of the log. After its time limit the delivery may still get there: it is then
        there twice, once Voucherify has sent it again, and counts once.
        """
        delivery = understand(body, self._now_ms())
        begun = perf_counter()
        try:
            with self._append_time.running():
                await self._log.append([delivery.message])
        except TimeoutError:
            return Outcome(answers.LOG_SLOW, delivery)
        except LogUnavailableError as away:
            return Outcome(answers.LOG_UNAVAILABLE, delivery, str(away))
        now = perf_counter()
        self._admission.took(now - begun, now)
        self._reports.append_seconds.append(now - begun)
        return Outcome(answers.ACCEPTED, delivery)


class _Told(NamedTuple):
    """What the headers say that matters here; a header may come several times."""

    length: bytes | None
    signatures: list[bytes]
    forwarded: list[bytes]


def _told(scope: Scope) -> _Told:
    length = None
    signatures: list[bytes] = []
    forwarded: list[bytes] = []
    for name, value in scope["headers"]:
        if name == signature.HEADER:
            signatures.append(value)
        elif name == _CONTENT_LENGTH:
            length = value
        elif name == _FORWARDED_FOR:
            forwarded.append(value)
    return _Told(length, signatures, forwarded)
