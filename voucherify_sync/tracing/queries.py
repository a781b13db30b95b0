"""The query API with a span around each answer.

It names the path's template, never the path: somebody's e-mail address may stand in that.
"""

from typing import Any, Final

from opentelemetry.trace import SpanKind, Tracer
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from query import request
from query.endpoint import QueryApi
from query.paths import Paths
from query.routes import TABLE
from voucherify_sync.tracing import carrying

_AS_OF: Final = b"voucherify-sync-as-of"


class TracedQueries(BaseRoute):
    """A route over that of the query API."""

    def __init__(self, api: QueryApi, tracer: Tracer) -> None:
        self._api = api
        self._paths = Paths(TABLE)
        self._tracer = tracer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See BaseRoute."""
        return self._api.matches(scope)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """See BaseRoute."""
        return self._api.url_path_for(name, **path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See BaseRoute."""
        asking = request.read(scope)
        match = self._paths.find(asking.raw_path)
        route = match.path.template if match else asking.route
        with self._tracer.start_as_current_span(
            f"{asking.method} {route}",
            context=carrying.from_http(scope["headers"]),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": asking.method, "http.route": route},
            record_exception=False,
        ) as span:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    as_of = dict(message["headers"]).get(_AS_OF)
                    if as_of:
                        span.set_attribute("voucherify_sync.as_of", as_of.decode("latin-1"))
                await send(message)

            await self._api.handle(scope, receive, answer)
