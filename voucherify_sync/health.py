"""Health, readiness and metrics, the same on every process.

Live means that the process runs; ready means that it can do its work now, each part with a line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas import jsontext

Details = Mapping[str, object]
Check = Callable[[], Awaitable[Details | None]]
"""Returns if its part works now, perhaps with what else there is to say; else raises."""

_CHECK_SECONDS = 2.0


def routes(checks: Mapping[str, Check]) -> list[BaseRoute]:
    """`/healthz/live`, `/healthz/ready` and `/metrics` of a process with these parts."""

    async def live(_: Request) -> Response:
        return _json(200, {"status": "live"})

    async def ready(_: Request) -> Response:
        found = await asyncio.gather(*map(_line, checks.values()))
        lines = dict(zip(checks, found, strict=True))
        ok = all(line["ok"] for line in found)
        return _json(
            200 if ok else 503, {"status": "ready" if ok else "not-ready", "checks": lines}
        )

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz/live", live),
        Route("/healthz/ready", ready),
        Route("/metrics", metrics),
    ]


async def _line(check: Check) -> Details:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            details = await check()
    except TimeoutError:
        return {"ok": False, "problem": f"no answer within {_CHECK_SECONDS:.0f} s"}
    except Exception as error:
        return {"ok": False, "problem": str(error) or type(error).__name__}
    return {"ok": True, **(details or {})}


def _json(status: int, value: object) -> Response:
    return Response(jsontext.encode(value), status, media_type="application/json")
