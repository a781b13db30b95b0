"""The routes of receiving; the application is put together elsewhere."""

from collections.abc import Callable
from typing import Final

from starlette.routing import BaseRoute, Route

from eventlog.log import LogIntake
from receiver.endpoint import WebhookEndpoint
from receiver.limits import Limits
from receiver.secrets import Secrets
from receiver.sources import AllowedSources

PATH: Final = "/webhooks/voucherify"


def routes(
    *,
    log: LogIntake,
    secrets: Secrets,
    sources: AllowedSources,
    max_body: int,
    now_ms: Callable[[], int],
    limits: Limits | None = None,
) -> list[BaseRoute]:
    """`POST /webhooks/voucherify`; `max_body` in bytes, `now_ms` since 1970.

    The server below must not rewrite the client's address by X-Forwarded-For: the endpoint reads
    that header itself and believes it from trusted proxies alone.
    """
    endpoint = WebhookEndpoint(
        log=log,
        secrets=secrets,
        sources=sources,
        max_body=max_body,
        now_ms=now_ms,
        limits=limits or Limits(),
    )
    return [Route(PATH, endpoint, methods=["POST"], name="webhook")]
