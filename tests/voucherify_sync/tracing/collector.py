"""A collector on this machine: takes spans as OTLP over HTTP and lets tests look at them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """What tests look at; ids in hex, `links` are the traces that it links to."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    links: tuple[str, ...]


class Collector:
    """Keeps what it was given."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[Span] = []

    def take(self, body: bytes) -> None:
        """One export."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [
                    Span(
                        service=named["service.name"],
                        name=span.name,
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        attributes={one.key: str(one.value).strip() for one in span.attributes},
                        links=tuple(link.trace_id.hex() for link in span.links),
                    )
                    for span in scope.spans
                ]

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [one for one in self.spans if one.name == name]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector at work."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not on the tests' screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
