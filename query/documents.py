"""`/openapi.json`, and `/docs`, a page that shows it without asking anyone else for anything.

Open without a key: they say what anyone can read in the project's documentation.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from query import encoding, etags, openapi
from query.paths import Path
from schemas import jsontext

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-cache",
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "vary": "Accept-Encoding",
    "x-content-type-options": "nosniff",
}
_PAGE: Final = (
    ("/docs", "docs.html", "text/html"),
    ("/docs/page.css", "docs.css", "text/css"),
    ("/docs/page.js", "docs.js", "text/javascript"),
)


def routes(paths: Iterable[Path], version: str) -> list[BaseRoute]:
    """The document of these paths, and its page."""
    document = jsontext.encode(openapi.document(paths, version))
    folder = files("query") / "page"
    return [
        _route("/openapi.json", document, "application/json"),
        *(_route(path, (folder / name).read_bytes(), type_) for path, name, type_ in _PAGE),
    ]


def _route(path: str, body: bytes, type_: str) -> Route:
    """One thing that never changes while the process runs."""
    tag = etags.tag(blake2b(body, digest_size=12).hexdigest())
    packed = encoding.gzip(body)

    async def answer(request: Request) -> Response:
        headers = {**_HEADERS, "etag": tag.decode()}
        known = request.headers.get("if-none-match")
        if known is not None and etags.is_known(known.encode("latin-1"), tag):
            return Response(status_code=304, headers=headers)
        if encoding.accepts_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
            return Response(
                packed, headers={**headers, "content-encoding": "gzip"}, media_type=type_
            )
        return Response(body, headers=headers, media_type=type_)

    return Route(path, answer)
