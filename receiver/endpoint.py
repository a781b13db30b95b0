"""The webhook endpoint: source, size, body, then the intake, and only then 202.

A plain ASGI application, called by the route for POST alone. Stateless: it knows no database, and
any number of copies may run.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from eventlog.log import LogUnavailableError, LogWriter
from receiver import answers, signature
from receiver.answers import Refused
from receiver.body import Bodies, SenderLeftError
from receiver.intake import Intake
from receiver.limits import Limits
from receiver.reporting import Outcome, Reports
from receiver.secrets import Secrets
from receiver.sources import AllowedSources
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
        self._sources = sources
        self._limits = limits
        self._bodies = Bodies(max_body, limits)
        self._reports = Reports()
        self._intake = Intake(
            log=log,
            secrets=secrets,
            now_ms=now_ms,
            limits=limits,
        )

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
                return await self._taken(body, told)
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

    async def _taken(self, body: bytes, told: "_Told") -> Outcome:
        """How the intake ended it. Raises Refused."""
        taken = self._intake.take(body, told.signatures)
        try:
            await taken.done
        except TimeoutError:
            return Outcome(answers.LOG_SLOW, taken.delivery)
        except LogUnavailableError as away:
            return Outcome(answers.LOG_UNAVAILABLE, taken.delivery, str(away))
        finally:
            self._intake.end(taken)
        self._reports.append_seconds.append(self._intake.took(taken))
        return Outcome(answers.ACCEPTED, taken.delivery)


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
