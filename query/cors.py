"""Which web pages may read the answers: none, unless the settings name their origins.

It is for browsers alone and keeps nobody else out; keys do that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

Header = tuple[bytes, bytes]

ANY: Final = "*"
SENT: Final = (
    "X-App-Id, X-App-Token, X-Request-Id, X-Voucherify-API-Version, X-Voucherify-Channel, "
    "Content-Type, If-None-Match, Voucherify-Sync-Wait"
)
"""Headers that a page may send: ours, and those that the vendor's SDKs send."""
SHOWN: Final = "ETag, Retry-After, X-Request-Id, Voucherify-Sync-As-Of, Voucherify-Sync-Incomplete"

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
_VARY: Final = (b"vary", b"Origin")


def checked(origins: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them. Raises ValueError for what is none."""
    found = frozenset(origin.lower() for origin in origins)
    for origin in found:
        if origin != ANY and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is not * or an origin such as https://app.example.com")
    return found


class Cors:
    """The headers for a page's origin."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = {origin.encode() for origin in origins}
        self._any = ANY.encode() in self._origins

    def headers(self, request: Mapping[bytes, bytes]) -> Sequence[Header]:
        """What an answer says of who may read it."""
        if not self._origins:
            return ()
        allowed = self._allowed(request)
        if allowed is None:
            return (_VARY,)
        return (
            (b"access-control-allow-origin", allowed),
            (b"access-control-expose-headers", SHOWN.encode()),
            *(() if self._any else (_VARY,)),
        )

    def preflight(self, method: str, request: Mapping[bytes, bytes]) -> Sequence[Header] | None:
        """What a browser is told that asks before it reads; None where it asks nothing."""
        asks = method == "OPTIONS" and b"access-control-request-method" in request
        if not asks or self._allowed(request) is None:
            return None
        return (
            (b"access-control-allow-methods", b"GET, HEAD"),
            (b"access-control-allow-headers", SENT.encode()),
            (b"access-control-max-age", b"600"),
        )

    def _allowed(self, request: Mapping[bytes, bytes]) -> bytes | None:
        origin = request.get(b"origin")
        if origin is None or not self._origins:
            return None
        if self._any:
            return ANY.encode()
        return origin if origin.lower() in self._origins else None
