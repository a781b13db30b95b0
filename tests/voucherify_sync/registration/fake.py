"""A small Voucherify: the management API's webhooks of one project, kept in memory.

As the vendor's does, a PUT overwrites the list of events. `answers` are given first, instead of
what would be right; `seen` is what was asked.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ID: Final = "management-id"
TOKEN: Final = "management-token-that-nobody-may-see"
PROJECT: Final = "proj_1"


@dataclass
class Voucherify:
    """`listed` are the event types that it takes; all, where it is None."""

    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Response] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    listed: frozenset[str] | None = None
    project: str = PROJECT
    loses_answers: int = 0

    def has(self, url: str, *events: str, active: bool = True) -> str:
        """Have a webhook already; its id."""
        id_ = f"wh_{len(self.webhooks) + 1}"
        self.webhooks[id_] = {
            "id": id_,
            "object": "webhook",
            "created_at": "2026-01-02T08:31:46.562Z",
            "target_url": url,
            "events": list(events),
            "active": active,
        }
        return id_

    def app(self) -> Starlette:
        """It, to be served."""
        path = "/management/v1/projects/{project}/webhooks"
        return Starlette(
            routes=[
                Route(path, self._all, methods=["GET", "POST"]),
                Route(path + "/{id}", self._one, methods=["PUT"]),
            ]
        )

    async def _all(self, request: Request) -> Response:
        refusal = await self._refusal(request)
        if refusal:
            return refusal
        if request.method == "GET":
            found = list(self.webhooks.values())
            told = {"object": "list", "data_ref": "data", "data": found, "total": len(found)}
            return JSONResponse(told)
        body = json.loads(await request.body())
        id_ = self.has(body["target_url"], *body["events"], active=body.get("active", True))
        if self.loses_answers:
            self.loses_answers -= 1
            return JSONResponse({"code": 502}, 502)
        return JSONResponse(self.webhooks[id_])

    async def _one(self, request: Request) -> Response:
        refusal = await self._refusal(request)
        if refusal:
            return refusal
        id_ = request.path_params["id"]
        if id_ not in self.webhooks:
            return JSONResponse({"code": 404, "message": "Resource not found"}, 404)
        self.webhooks[id_] |= json.loads(await request.body())
        return JSONResponse(self.webhooks[id_])

    async def _refusal(self, request: Request) -> Response | None:
        self.seen.append(f"{request.method} {request.url.path}")
        if self.answers:
            return self.answers.pop(0)
        key = request.headers.get("x-management-id"), request.headers.get("x-management-token")
        if key != (ID, TOKEN):
            return JSONResponse({"code": 401, "message": "Unauthorized"}, 401)
        if request.path_params["project"] != self.project:
            return JSONResponse({"code": 404, "message": "Resource not found"}, 404)
        return await self._unlisted(request)

    async def _unlisted(self, request: Request) -> Response | None:
        if request.method == "GET" or self.listed is None:
            return None
        unlisted = [
            one for one in json.loads(await request.body())["events"] if not self._takes(one)
        ]
        if not unlisted:
            return None
        told = {"code": 400, "message": "Invalid payload", "details": f"events: {unlisted[0]}"}
        return JSONResponse(told, 400)

    def _takes(self, event: str) -> bool:
        return self.listed is None or event in self.listed
