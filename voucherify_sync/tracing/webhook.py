"""The webhook endpoint with a span around each delivery, from its first byte to its answer.

It says the status and nothing of the body; what was in it, the spans below say in ids.
"""

from opentelemetry.trace import SpanKind, Tracer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voucherify_sync.tracing import carrying


class TracedWebhook:
    """An ASGI application over another."""

    def __init__(self, app: ASGIApp, path: str, tracer: Tracer) -> None:
        self._app = app
        self._name = f"POST {path}"
        self._attributes = {"http.request.method": "POST", "http.route": path}
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One delivery."""
        with self._tracer.start_as_current_span(
            self._name,
            context=carrying.from_http(scope["headers"]),
            kind=SpanKind.SERVER,
            attributes=self._attributes,
            record_exception=False,
        ) as span:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, answer)
