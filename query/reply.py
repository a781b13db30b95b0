"""From what was found to the bytes and headers that are sent.

Every answer says as of when it is and which request it answers, refusals and 304 too.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from query import encoding
from query.errors import Header
from query.request import Request
from schemas import moment

_NOTHING_TO_ENCODE: Final = frozenset({204, 304})
_STORED_NOWHERE: Final = (b"cache-control", b"no-store")
_ASKED_AGAIN: Final = (b"cache-control", b"private, no-cache")
_VARY: Final = (b"vary", b"Accept-Encoding")
_JSON: Final = (b"content-type", b"application/json")
_GZIP: Final = (b"content-encoding", b"gzip")


class Reply(NamedTuple):
    """A status, JSON text (or nothing), and headers beyond those that every answer has."""

    status: int
    body: bytes
    headers: Sequence[Header] = ()


class Sent(NamedTuple):
    """What goes out. To HEAD the body is kept back, its length is not."""

    headers: list[Header]
    body: bytes


def to_send(request: Request, reply: Reply) -> Sent:
    """The answer with all its headers, in gzip where the caller asks for it."""
    headers = [*reply.headers, *_always(request)]
    if reply.status in _NOTHING_TO_ENCODE:
        return Sent(headers, b"")
    body = reply.body
    if len(body) >= encoding.LEAST and encoding.accepts_gzip(
        request.headers.get(b"accept-encoding", b"")
    ):
        body = encoding.gzip(body)
        headers.append(_GZIP)
    headers.append(_JSON)
    headers.append((b"content-length", b"%d" % len(body)))
    return Sent(headers, b"" if request.method == "HEAD" else body)


def _always(request: Request) -> list[Header]:
    headers = [
        _STORED_NOWHERE if request.personal or request.etag is None else _ASKED_AGAIN,
        _VARY,
        (b"x-request-id", request.id.encode("ascii")),
    ]
    if request.etag is not None:
        headers.append((b"etag", request.etag))
    if request.standing is not None and request.standing.as_of is not None:
        as_of = moment.to_text(request.standing.as_of).encode("ascii")
        headers.append((b"voucherify-sync-as-of", as_of))
    if request.incomplete:
        reasons = ", ".join(request.incomplete).encode("ascii")
        headers.append((b"voucherify-sync-incomplete", reasons))
    return headers
