"""One request to one answer: key, project, path, handler, and what every answer carries.

Speaks ASGI itself: a read takes a fraction of a millisecond, and request and response objects would
take as much again. Writes no line for an answer, only for what went wrong.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote

import structlog
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from query import errors, freshness, incomplete, metrics, parameters
from query.asked import Asked
from query.errors import ApiError, Header
from query.keys import ApiKey, KeyRing
from query.paths import Paths
from schemas import jsontext, moment
from schemas.defects import describe
from schemas.placeholder import is_placeholder
from state.reader import Standing, StateReader
from state.store import StateUnavailableError

log = structlog.get_logger()

ROOT: Final = "/v1"

_UNROUTED: Final = "other"
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_NO_PROJECT: Final = ""


@dataclass(slots=True)
class Request:
    """A request and what became known of it on its way."""

    method: str
    path: str
    raw_path: bytes
    query_string: bytes
    headers: Mapping[bytes, bytes]
    id: str
    route: str = _UNROUTED
    standing: Standing | None = None
    incomplete: Sequence[str] = ()


class QueryApi(BaseRoute):
    """Everything under `/v1`."""

    def __init__(
        self,
        reader: StateReader,
        keys: KeyRing,
        paths: Paths,
        vendor_resources: frozenset[str],
    ) -> None:
        self._reader = reader
        self._keys = keys
        self._paths = paths
        self._vendor_resources = vendor_resources

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See BaseRoute."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path == ROOT or path.startswith(f"{ROOT}/"))
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """See BaseRoute; these paths have no names."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """See BaseRoute. A request's body, if there is one, is not read."""
        begun = perf_counter()
        request = _request(scope)
        status, body, more = await self._answer(request)
        headers = [*more, *_headers(request, len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        content = b"" if request.method == "HEAD" else body
        await send({"type": "http.response.body", "body": content})
        metrics.REQUEST_SECONDS.labels(request.route, status).observe(perf_counter() - begun)

    async def _answer(self, request: Request) -> tuple[int, bytes, Sequence[Header]]:
        try:
            # Before the data, so that the answer is never older than it says.
            request.standing = await self._reader.standing()
            freshness.note(request.standing)
            return 200, jsontext.encode(await self._data(request, request.standing)), ()
        except ApiError as refusal:
            refused = refusal
        except StateUnavailableError as error:
            log.error("query_state_unavailable", problem=str(error), request_id=request.id)
            refused = errors.unavailable()
        except Exception as error:
            log.error(
                "query_failed",
                problem=describe(error),
                route=request.route,
                request_id=request.id,
            )
            refused = errors.internal()
        return refused.status, jsontext.encode(refused.body(request.id)), refused.headers

    async def _data(self, request: Request, standing: Standing) -> Mapping[str, Any]:
        key = self._keys.holder(request.headers)
        match = self._paths.find(request.raw_path)
        if match is None:
            raise self._unrouted(request)
        request.route = match.path.template
        if request.method not in ("GET", "HEAD"):
            raise errors.method_not_allowed(request.method)
        asked = Asked(
            reader=self._reader,
            project=await self._project(key),
            names=match.names,
            parameters=parameters.parse(request.query_string),
        )
        if standing.dead_letters or standing.gaps:
            request.incomplete = await incomplete.reasons(match.path.handler, asked)
        return await match.path.handler(asked)

    def _unrouted(self, request: Request) -> ApiError:
        resource = request.path.removeprefix(f"{ROOT}/").partition("/")[0]
        if resource in self._vendor_resources:
            return errors.not_held_locally(request.method, request.path)
        return errors.no_such_path(request.path)

    async def _project(self, key: ApiKey) -> str:
        """The project that a key sees; of an empty state one in which there is nothing."""
        if key.project_id is not None:
            return key.project_id
        told = await self._reader.projects()
        # The dashboard's test webhook tells of a project that there is not.
        projects = [name for name in told if not is_placeholder(name)] or told
        if len(projects) > 1:
            raise errors.several_projects(projects)
        return projects[0] if projects else _NO_PROJECT


def _request(scope: Scope) -> Request:
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    return Request(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path,
        query_string=scope["query_string"],
        headers=headers,
        id=given.decode("ascii") if _REQUEST_ID.fullmatch(given) else token_hex(12),
    )


def _headers(request: Request, length: int) -> list[Header]:
    """What every answer carries, whatever it says."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % length),
        (b"cache-control", b"no-store"),
        (b"x-request-id", request.id.encode("ascii")),
    ]
    if request.standing is not None and request.standing.as_of is not None:
        as_of = moment.to_text(request.standing.as_of).encode("ascii")
        headers.append((b"voucherify-sync-as-of", as_of))
    if request.incomplete:
        reasons = ", ".join(request.incomplete).encode("ascii")
        headers.append((b"voucherify-sync-incomplete", reasons))
    return headers
