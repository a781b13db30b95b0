"""How a trace is carried on: W3C's `traceparent` and `tracestate`, in HTTP and in the log alike."""

from collections.abc import Iterable
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PARENT: Final = "traceparent"
_STATE: Final = "tracestate"
_NAMES: Final = {name.encode(): name for name in (PARENT, _STATE)}
_NOT_SAMPLED: Final = b"-00"

_propagator = TraceContextTextMapPropagator()


def from_http(headers: Iterable[tuple[bytes, bytes]]) -> Context:
    """The context that a request came with; an empty one where it came with none."""
    told = {_NAMES[name]: text.decode("latin-1") for name, text in headers if name in _NAMES}
    return _propagator.extract(told, Context()) if told else Context()


def from_record(headers: Iterable[tuple[str, bytes]]) -> Context | None:
    """The context that a record was written in; None where that was not sampled, or none."""
    told = {name: value for name, value in headers if name in (PARENT, _STATE)}
    parent = told.get(PARENT)
    if parent is None or parent.endswith(_NOT_SAMPLED):
        return None
    return _propagator.extract(
        {name: value.decode("latin-1") for name, value in told.items()}, Context()
    )


def to_record() -> tuple[tuple[str, bytes], ...]:
    """The current context, as a record's headers."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return tuple((name, text.encode("latin-1")) for name, text in carrier.items())
