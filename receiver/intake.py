"""Verified, understood, handed to the log: what a delivery goes through once its body is there.

All deliveries of one turn of the event loop take each step together. That is the same work, but
each step's code and data are still in the processor's caches for the next delivery: measured, it
takes two thirds of the time that it takes in between everything else (docs/benchmarks.md).
Knows nothing of HTTP.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from eventlog.log import LogWriter
from receiver import answers, metrics, signature
from receiver.admission import Admission
from receiver.answers import Refused
from receiver.delivery import Delivery, understand
from receiver.limits import Limits
from receiver.secrets import Secrets
from receiver.time_limit import TimeLimit


class Taken:
    """A delivery on its way; `done` ends it: durable, or why not.

    The reasons are Refused, LogUnavailableError, TimeoutError, or any other for a defect of ours.
    """

    __slots__ = ("body", "delivery", "done", "handed_over", "signatures")

    def __init__(
        self, body: bytes, signatures: Sequence[bytes], done: "asyncio.Future[None]"
    ) -> None:
        self.body = body
        self.signatures = signatures
        self.done = done
        self.delivery: Delivery | None = None
        self.handed_over = 0.0

    def expire(self) -> None:
        """The log took too long."""
        if not self.done.done():
            self.done.set_exception(TimeoutError())


class Intake:
    """Takes bodies of unknown senders; `now_ms` is the clock for their time of receipt."""

    def __init__(
        self,
        *,
        log: LogWriter,
        secrets: Secrets,
        now_ms: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._log = log
        self._secrets = secrets
        self._now_ms = now_ms
        self._time = TimeLimit(limits.append_seconds)
        self._admission = Admission(always=limits.always_let_in, slack=limits.queue_seconds)
        self._taken: list[Taken] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def take(self, body: bytes, signatures: Sequence[bytes]) -> Taken:
        """Begin with a delivery; nothing is done before this turn of the event loop is over.

        Whoever waits for its `done` has to call `end` then. Raises Refused while too much waits.
        """
        if not self._admission.is_open(len(self._time)):
            raise Refused(answers.BUSY)
        loop = self._loop
        if loop is None or not loop.is_running():
            # Asked for once: on Python 3.11 each time is a system call.
            loop = self._loop = asyncio.get_running_loop()
            self._taken.clear()
        if not self._taken:
            loop.call_soon(self._process)
        taken = Taken(body, signatures, loop.create_future())
        self._taken.append(taken)
        self._time.begin(taken)
        return taken

    def end(self, taken: Taken) -> None:
        """Nobody waits for it any more."""
        self._time.end(taken)

    def took(self, taken: Taken) -> float:
        """The log has it: after how many seconds."""
        now = perf_counter()
        seconds = now - taken.handed_over
        self._admission.took(seconds, now)
        return seconds

    def _process(self) -> None:
        taken, self._taken = self._taken, []
        begun = perf_counter()
        _each(partial(_verify, self._secrets.current()), taken)
        metrics.VERIFY_SECONDS.inc(perf_counter() - begun)
        _each(partial(_understand, self._now_ms()), taken)
        _each(partial(self._hand_over, perf_counter()), taken)

    def _hand_over(self, now: float, one: Taken) -> None:
        """After its time limit the delivery may still get into the log: it is then there twice,
        once Voucherify has sent it again, and counts once.
        """
        if one.delivery:
            one.handed_over = now
            self._log.put([one.delivery.message], one.done)


def _each(step: Callable[[Taken], None], taken: Sequence[Taken]) -> None:
    """Do it for all that have not ended; what goes wrong with one of them ends that one."""
    for one in taken:
        if not one.done.done():
            try:
                step(one)
            except Exception as error:
                one.done.set_exception(error)


def _verify(secrets: Sequence[bytes], one: Taken) -> None:
    reason = signature.refusal(secrets, one.body, one.signatures)
    if reason:
        raise Refused(answers.SIGNATURE[reason])


def _understand(now_ms: int, one: Taken) -> None:
    one.delivery = understand(one.body, now_ms)
