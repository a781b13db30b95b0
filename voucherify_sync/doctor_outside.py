"""The doctor's look from outside: the webhook's path should be all that strangers reach.

A proxy or tunnel on the same machine comes from the loopback address, where the query API asks for
no keys unless some are set.
"""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urljoin

import httpx

from voucherify_sync.findings import Finding, failure, ok, skipped, warning

_ONLY_THE_PATH: Final = "let the proxy or tunnel pass the webhook's path alone"


def _is_open_query_api(answer: httpx.Response) -> bool:
    """Whether our query API asks strangers for no key: that comes before any other refusal."""
    return "voucherify-sync-as-of" in answer.headers and answer.status_code != 401


def _is_metrics(answer: httpx.Response) -> bool:
    return answer.is_success and "voucherify_sync_" in answer.text


_NOT_FOR_STRANGERS: Final = (
    (
        "/v1/customers?limit=1",
        _is_open_query_api,
        failure,
        "strangers can read customers at the public address",
        f"set VOUCHERIFY_SYNC_API_KEYS, and {_ONLY_THE_PATH}",
    ),
    (
        "/metrics",
        _is_metrics,
        warning,
        "strangers can read metrics at the public address",
        _ONLY_THE_PATH,
    ),
)


async def look(client: httpx.AsyncClient, url: str) -> AsyncIterator[Finding]:
    """What else strangers reach at the public address, where the webhook's path should be all."""
    is_closed = True
    for path, is_exposed, finding, says, mend in _NOT_FOR_STRANGERS:
        try:
            answer = await client.get(urljoin(url, path))
        except httpx.HTTPError as error:
            is_closed = False
            yield skipped("exposure", f"{path} can't be looked at ({type(error).__name__})")
            continue
        if is_exposed(answer):
            is_closed = False
            yield finding("exposure", says, mend)
    if is_closed:
        yield ok("exposure", "strangers reach neither query API nor metrics")
