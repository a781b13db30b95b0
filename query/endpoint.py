"""One request to one answer: key, path, turn, project, handler, and what every answer carries.

Speaks ASGI itself: a read takes a fraction of a millisecond, and request and response objects would
take as much again. Writes a line for what went wrong; one for each answer at level debug only.
"""

from time import perf_counter
from typing import Any, Final

import structlog
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from query import errors, etags, freshness, incomplete, metrics, parameters, reply, request
from query import paths as routing
from query.admission import Admission
from query.asked import Asked
from query.cors import Cors
from query.errors import ApiError
from query.keys import ApiKey, KeyRing
from query.manners import Manners
from query.parameters import Parameters
from query.paths import Paths
from query.personal import is_personal
from query.reply import Reply
from query.request import Request
from query.shared import Shared
from query.waiting import Waiting, wanted
from schemas import jsontext, placeholder
from schemas.defects import describe
from state.reader import Standing, StateReader
from state.seen import Seen
from state.store import StateUnavailableError

log = structlog.get_logger()

ROOT: Final = "/v1"

_NO_PROJECT: Final = ""
_DATA: Final = frozenset({200, 304})
_CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class QueryApi(BaseRoute):
    """Everything under `/v1`."""

    def __init__(
        self,
        reader: StateReader,
        keys: KeyRing,
        paths: Paths,
        vendor_resources: frozenset[str],
        manners: Manners,
    ) -> None:
        self._reader = reader
        self._keys = keys
        self._paths = paths
        self._vendor_resources = vendor_resources
        self._standings = Shared(self._read_standing)
        self._waiting = Waiting(self._standings, seconds=manners.wait_seconds, most=manners.waiters)
        self._admission = Admission(
            at_once=manners.at_once, in_line=manners.in_line, seconds=manners.in_line_seconds
        )
        self._cors = Cors(manners.origins)
        self._code = etags.of_the_program()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See BaseRoute."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path == ROOT or path.startswith(f"{ROOT}/"))
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """See BaseRoute; these paths have no names."""
        raise NoMatchFound(name, path_params)

    def end_waiting(self) -> None:
        """Let nobody wait for a moment any more: the process is to end."""
        self._waiting.end()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """See BaseRoute. A request's body, if there is one, is not read."""
        begun = perf_counter()
        asking = request.read(scope)
        answered = await self._answer(asking)
        headers, body = reply.to_send(asking, answered)
        headers += self._cors.headers(asking.headers)
        await send({"type": "http.response.start", "status": answered.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        seconds = perf_counter() - begun
        metrics.REQUEST_SECONDS.labels(asking.route, answered.status).observe(seconds)
        if answered.status in _DATA:
            metrics.CALLS_SAVED.inc()
        log.debug(
            "query_answered",
            request_id=asking.id,
            route=asking.route,
            status=answered.status,
            milliseconds=round(1000 * seconds, 3),
        )

    async def _answer(self, asking: Request) -> Reply:
        preflight = self._cors.preflight(asking.method, asking.headers)
        if preflight is not None:
            return Reply(204, b"", preflight)
        try:
            return await self._data(asking)
        except ApiError as refusal:
            refused = refusal
        except StateUnavailableError as error:
            log.error("query_state_unavailable", problem=str(error), request_id=asking.id)
            refused = errors.unavailable()
        except Exception as error:
            log.error(
                "query_failed", problem=describe(error), route=asking.route, request_id=asking.id
            )
            refused = errors.internal()
        asking.standing = asking.standing or await self._last_standing()
        return Reply(refused.status, jsontext.encode(refused.body(asking.id)), refused.headers)

    async def _data(self, asking: Request) -> Reply:
        key = self._keys.holder(asking.headers)
        match = self._match(asking)
        given = parameters.parse(asking.query_string)
        complete_to = wanted(given, asking.headers)
        if complete_to is not None:
            asking.standing = await self._waiting.until(complete_to)
        async with self._admission:
            return await self._read(asking, key, match, given)

    def _match(self, asking: Request) -> routing.Match:
        match = self._paths.find(asking.raw_path)
        if match is None:
            raise self._unrouted(asking)
        asking.route = match.path.template
        asking.personal = is_personal(match.path)
        if asking.method not in ("GET", "HEAD"):
            raise self._other_method(asking)
        return match

    def _other_method(self, asking: Request) -> ApiError:
        if asking.method in _CHANGES:
            return errors.not_held_locally(asking.method, asking.path)
        return errors.method_not_allowed(asking.method)

    async def _read(
        self, asking: Request, key: ApiKey, match: routing.Match, given: Parameters
    ) -> Reply:
        # Before the data, so that the answer is never older than it says.
        standing = asking.standing = asking.standing or await self._standings.get()
        project = _project(key, standing)
        if standing.dead_letters or standing.gaps:
            asked = Asked(self._reader, project, match.names, given)
            asking.incomplete = await incomplete.reasons(match.path.handler, asked)
        seen = Seen(self._code)
        asked = Asked(self._reader.noting(seen), project, match.names, given)
        data = await match.path.handler(asked)
        # A 304 can't take a header back from what the caller has, so their change is a new version.
        seen.add(project, *asking.incomplete)
        asking.etag = etags.tag(seen.version())
        known = asking.headers.get(etags.IF_NONE_MATCH)
        if known is not None and etags.is_known(known, asking.etag):
            return Reply(304, b"")
        return Reply(200, jsontext.encode(data))

    def _unrouted(self, asking: Request) -> ApiError:
        resource = asking.path.removeprefix(f"{ROOT}/").partition("/")[0]
        if resource in self._vendor_resources:
            return errors.not_held_locally(asking.method, asking.path)
        return errors.no_such_path(asking.path)

    async def _read_standing(self) -> Standing:
        standing = await self._reader.standing()
        freshness.note(standing)
        return standing

    async def _last_standing(self) -> Standing | None:
        """What was seen last, for a refusal: who may not read must not cost the state a read."""
        if self._standings.last is None:
            try:
                return await self._standings.get()
            except Exception:
                return None
        return self._standings.last


def _project(key: ApiKey, standing: Standing) -> str:
    """The project that a key sees; of an empty state one in which there is nothing."""
    if key.project_id is not None:
        return key.project_id
    projects = placeholder.without(standing.projects)
    if len(projects) > 1:
        raise errors.several_projects(projects)
    return projects[0] if projects else _NO_PROJECT
