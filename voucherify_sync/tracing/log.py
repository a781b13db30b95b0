"""Both sides of the log with the trace carried through it, in the messages' headers."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from time import time_ns

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from eventlog.log import LogIntake, LogReader, Message, Partition, Record
from eventlog.written import Written
from schemas import topics
from voucherify_sync.tracing import carrying
from voucherify_sync.tracing.in_flight import InFlight


class TracedWriter:
    """LogIntake over another: what is written within a sampled trace carries it on."""

    def __init__(self, writer: LogIntake, tracer: Tracer) -> None:
        self._writer = writer
        self._tracer = tracer

    async def append(self, messages: Sequence[Message]) -> None:
        """See LogWriter."""
        if messages and trace.get_current_span().is_recording():
            await self.put(messages)
        else:
            await self._writer.append(messages)

    def put(self, messages: Sequence[Message]) -> Written:
        """See LogIntake."""
        if not trace.get_current_span().is_recording():
            return self._writer.put(messages)
        first = messages[0]
        span = self._tracer.start_span(
            f"publish {first.topic}",
            kind=SpanKind.PRODUCER,
            attributes={
                "messaging.operation.type": "send",
                "messaging.destination.name": first.topic,
                "messaging.message.id": topics.text(dict(first.headers).get("ce_id", b"")),
                "messaging.message.body.size": len(first.value),
            },
        )
        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            carried = carrying.to_record()
        try:
            written = self._writer.put(
                [one._replace(headers=(*one.headers, *carried)) for one in messages]
            )
        except Exception as error:
            _end(span, type(error).__name__)
            raise
        written.add_done_callback(partial(_ended, span))
        return written

    async def check(self) -> None:
        """See LogWriter."""
        await self._writer.check()

    async def close(self) -> None:
        """See LogWriter."""
        await self._writer.close()


def _ended(span: Span, written: "asyncio.Future[None]") -> None:
    if written.cancelled():
        _end(span, "CancelledError")
    else:
        error = written.exception()
        _end(span, type(error).__name__ if error else None)


def _end(span: Span, problem: str | None) -> None:
    if problem:
        span.set_status(Status(StatusCode.ERROR, problem))
    span.end()


class TracedReader:
    """LogReader over another, which remembers what was last read within a trace."""

    def __init__(self, reader: LogReader, in_flight: InFlight) -> None:
        self._reader = reader
        self._in_flight = in_flight

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader."""
        records = await self._reader.read(positions, limit=limit, wait=wait)
        if records:
            self._in_flight.came(records, time_ns())
        return records

    async def begins(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return await self._reader.begins()

    async def ends(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return await self._reader.ends()

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """See LogReader."""
        await self._reader.report_applied(applied)

    async def trim(self, applied: Mapping[Partition, int], *, older_than_seconds: float) -> int:
        """See LogReader."""
        return await self._reader.trim(applied, older_than_seconds=older_than_seconds)

    async def close(self) -> None:
        """See LogReader."""
        await self._reader.close()
