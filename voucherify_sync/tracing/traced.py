"""Tracing that is on: a provider as the environment describes it, and the parts that use it."""

import asyncio
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)
from opentelemetry.sdk.trace.export import SpanExporter as Exporter
from starlette.routing import BaseRoute, Route

from handlers.applying import Applies
from query.endpoint import QueryApi
from voucherify_sync.stores import Log
from voucherify_sync.tracing.applying import TracedApplying
from voucherify_sync.tracing.in_flight import InFlight
from voucherify_sync.tracing.log import TracedReader, TracedWriter
from voucherify_sync.tracing.queries import TracedQueries
from voucherify_sync.tracing.webhook import TracedWebhook

_NAME: Final = "service.name"
_CLOSE_SECONDS: Final = 5.0


class Traced:
    """Tracing of one process. Threads of OpenTelemetry's own hand the spans over."""

    def __init__(self, command: str, version: str, exporters: Sequence[str]) -> None:
        resource = Resource.create({"service.version": version, **_name(os.environ, command)})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        for one in exporters:
            self._provider.add_span_processor(_PROCESSORS[one]())
        self._tracer = self._provider.get_tracer("voucherify_sync", version)
        self._in_flight = InFlight()

    def webhook(self, route: BaseRoute) -> BaseRoute:
        """See Tracing."""
        if isinstance(route, Route):
            route.app = TracedWebhook(route.app, route.path, self._tracer)
        return route

    def log(self, log: Log) -> Log:
        """See Tracing."""
        return Log(
            TracedWriter(log.writer, self._tracer), TracedReader(log.reader, self._in_flight)
        )

    def applying(self, state: Applies) -> Applies:
        """See Tracing."""
        return TracedApplying(state, self._in_flight, self._tracer)

    def queries(self, api: QueryApi) -> BaseRoute:
        """See Tracing."""
        return TracedQueries(api, self._tracer)

    async def close(self) -> None:
        """See Tracing. A collector that does not answer is waited for a few seconds only."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def hand_over() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=hand_over, daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await ended.wait()


def _name(environ: Mapping[str, str], command: str) -> Mapping[str, str]:
    """Unless the environment names the service, it is called by its command."""
    named = environ.get("OTEL_SERVICE_NAME") or f"{_NAME}=" in environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    return {} if named else {_NAME: f"voucherify-sync-{command}"}


def _otlp() -> BatchSpanProcessor:
    exporter: Exporter = OTLPSpanExporter()
    return BatchSpanProcessor(exporter)


def _console() -> SimpleSpanProcessor:
    return SimpleSpanProcessor(ConsoleSpanExporter())


_PROCESSORS: Final = MappingProxyType({"otlp": _otlp, "console": _console})
