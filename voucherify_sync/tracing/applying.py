"""Applying a batch, with a span for the transaction and one for each traced record in it."""

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer

from handlers.applying import Applies
from state.store import Applied, Batch
from voucherify_sync.tracing.in_flight import InFlight, Traced


class TracedApplying:
    """Applies over another. A batch with nothing traced in it makes no span."""

    def __init__(self, state: Applies, in_flight: InFlight, tracer: Tracer) -> None:
        self._state = state
        self._in_flight = in_flight
        self._tracer = tracer

    async def apply(self, batch: Batch) -> Applied:
        """See StateWriter."""
        covered = self._in_flight.within(batch.moves)
        if not covered:
            return await self._state.apply(batch)
        with self._tracer.start_as_current_span(
            "apply",
            links=[Link(trace.get_current_span(one.context).get_span_context()) for one in covered],
            attributes={"facts": len(batch.facts), "dead_letters": len(batch.dead_letters)},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                applied = await self._state.apply(batch)
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            span.set_attributes({"merged": applied.merged, "stale": applied.stale})
        self._tell(covered, span)
        return applied

    def _tell(self, covered: Sequence[Traced], transaction: Span) -> None:
        link = Link(transaction.get_span_context())
        for one in covered:
            name, number = one.partition
            self._tracer.start_span(
                f"process {one.topic}",
                context=one.context,
                kind=SpanKind.CONSUMER,
                start_time=one.read_at,
                links=[link],
                attributes={
                    "messaging.operation.type": "process",
                    "messaging.destination.name": name,
                    "messaging.destination.partition.id": str(number),
                    "messaging.kafka.offset": one.offset,
                },
            ).end()
