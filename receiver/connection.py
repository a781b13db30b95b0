"""uvicorn's HTTP connection, which hands a delivery to the endpoint as soon as it is there whole.

No task, no scope, no messages and no timer are made for it, which were a fourth of its work
(docs/benchmarks.md). Everything else goes to the application as ever: other paths, and
deliveries that are large, come slowly, ask before they send or are the last on their connection.
Nothing is decided here about what is accepted.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, cast

from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from receiver.answers import Answer
from receiver.endpoint import WebhookEndpoint
from receiver.routes import PATH
from receiver.time_limit import TimeLimit
from receiver.told import Told, told

_URL: Final = PATH.encode("ascii")
_GATHERING_SECONDS: Final = 0.1
_IDLE_SECONDS: Final = 30.0  # as the server's own, where it closes idle connections
_CONNECTION_CLOSE: Final = b"connection: close\r\n"

_Headers = list[tuple[bytes, bytes]]


class Connections:
    """Makes the connections of one server, which takes deliveries for this endpoint."""

    def __init__(self, endpoint: WebhookEndpoint) -> None:
        self.endpoint = endpoint
        self.gathering = TimeLimit(_GATHERING_SECONDS, DeliveryConnection.leave_to_application)
        self.idle = TimeLimit(_IDLE_SECONDS, DeliveryConnection.timeout_keep_alive_handler)
        self._made_of: _Headers = []
        self._made = b""

    def __call__(self, **given: Any) -> "DeliveryConnection":
        """One connection, as uvicorn asks for it."""
        return DeliveryConnection(self, **given)

    def lines(self, headers: _Headers) -> bytes:
        """The server's own headers; uvicorn makes a new list of them each second."""
        if headers is not self._made_of:
            self._made_of = headers
            self._made = b"".join(b"%s: %s\r\n" % header for header in headers)
        return self._made


def connections(routes: Iterable[BaseRoute]) -> Connections | None:
    """For a server of these routes; None where the endpoint is not among them, or is wrapped."""
    for route in routes:
        if isinstance(route, Route) and isinstance(route.app, WebhookEndpoint):
            return Connections(route.app)
    return None


class _UnderWay:
    """A delivery that waits for its answer: what uvicorn wants to know of a request."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, nobody_waits: asyncio.Event) -> None:
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False
        self.message_event = nobody_waits


class DeliveryConnection(HttpToolsProtocol):
    """One connection. `_gathered` is of a delivery whose body, in `_chunks`, is still arriving."""

    def __init__(self, connections: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._connections = connections
        self._endpoint = connections.endpoint
        self._gathered: Told | None = None
        self._chunks: list[bytes] = []
        self._is_limited = False
        self._nobody_waits = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._connections.idle.end(self)
        super().data_received(data)
        if self._gathered and not self._is_limited:
            self._is_limited = True
            self._connections.gathering.begin(self)

    def on_message_begin(self) -> None:
        """See httptools. What only the application wants to know is found out for it alone."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._gathered = self._if_to_be_gathered()
        if self._gathered is None:
            self._begin_request()

    def _begin_request(self) -> None:
        url, headers, asks_first = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, asks_first
        self.headers += headers
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        if self._gathered:
            self._chunks.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        headers = self._gathered
        if headers is None:
            super().on_message_complete()
            return
        body = b"".join(self._forget())
        under_way = _UnderWay(self._nobody_waits)
        self.cycle = cast("RequestResponseCycle", under_way)
        peer = self.client[0] if self.client else None
        self._endpoint.take(headers, peer, body, partial(self._answer, under_way))

    def leave_to_application(self) -> None:
        """It takes too long to be gathered here."""
        chunks = self._forget()
        self._begin_request()
        for chunk in chunks:
            super().on_body(chunk)

    def shutdown(self) -> None:
        """See HttpToolsProtocol. What has begun to arrive is still waited for."""
        if self._gathered:
            self.leave_to_application()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._connections.idle.end(self)
        if self._gathered:
            self._forget()
            self._endpoint.sender_left()
        super().connection_lost(exc)

    def _if_to_be_gathered(self) -> Told | None:
        """What the headers say, where this is a delivery for which nothing else need be known."""
        if self.url != _URL or self._is_occupied() or self._is_special():
            return None
        headers = told(self.headers)
        length = headers.length
        return headers if length is not None and length <= HIGH_WATER_LIMIT else None

    def _is_occupied(self) -> bool:
        """Whether an answer is owed, or none can be sent now."""
        is_owed = self.cycle is not None and not self.cycle.response_complete
        return is_owed or self.flow.write_paused or self.transport.is_closing()

    def _is_special(self) -> bool:
        parser = self.parser
        return (
            parser.get_method() != b"POST"
            or parser.get_http_version() != "1.1"
            or parser.should_upgrade()
            or not parser.should_keep_alive()
            or self.expect_100_continue
        )

    def _forget(self) -> list[bytes]:
        """Gather no longer; gives what was gathered."""
        chunks, self._chunks = self._chunks, []
        self._gathered = None
        if self._is_limited:
            self._is_limited = False
            self._connections.gathering.end(self)
        return chunks

    def _answer(self, under_way: _UnderWay, answer: Answer) -> None:
        """Send it whole, and go on as after any other answer."""
        under_way.response_complete = True
        if under_way.disconnected:
            return
        first, rest = answer.parts
        lines = self._connections.lines(self.server_state.default_headers)
        if answer.closes or under_way.keep_alive:
            self.transport.write(b"".join((first, lines, rest)))
        else:
            self.transport.write(b"".join((first, lines, _CONNECTION_CLOSE, rest)))
        if answer.closes or not under_way.keep_alive:
            self.transport.close()
        if self.pipeline:
            self.on_response_complete()
        else:
            # What that would do for it, without a timer for each answer.
            self.server_state.total_requests += 1
            self._connections.idle.begin(self)
