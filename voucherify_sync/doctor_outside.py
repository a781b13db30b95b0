"""The doctor's look from outside: the webhook's path should be all that strangers reach.

A proxy or tunnel on the same machine comes from the loopback address, where the query API asks for
no keys unless some are set.
"""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from voucherify_sync.findings import Finding, failure, warning

_ONLY_THE_PATH: Final = "let the proxy or tunnel pass the webhook's path alone"
_NOT_FOR_STRANGERS: Final = (
    (
        "/v1/customers?limit=1",
        "voucherify-sync-as-of",
        failure,
        "strangers can read customers at the public address",
        f"set VOUCHERIFY_SYNC_API_KEYS, and {_ONLY_THE_PATH}",
    ),
    (
        "/metrics",
        "voucherify_sync_",
        warning,
        "strangers can read metrics at the public address",
        _ONLY_THE_PATH,
    ),
)


async def look(client: httpx.AsyncClient, url: str) -> AsyncIterator[Finding]:
    """What else strangers reach at the public address, where the webhook's path should be all."""
    for path, sign, finding, says, mend in _NOT_FOR_STRANGERS:
        try:
            answer = await client.get(urljoin(url, path))
        except httpx.HTTPError:
            continue
        if answer.is_success and sign in f"{answer.headers} {answer.text}":
            yield finding("exposure", says, mend)


def is_public(url: str) -> bool:
    """Whether an address is more than this machine's own."""
    return (urlsplit(url).hostname or "") not in ("127.0.0.1", "localhost", "::1")
