"""Live, ready and metrics, as an orchestrator and Prometheus ask for them."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from voucherify_sync import health


async def fine() -> None:
    """A part that works."""


async def broken() -> None:
    """A part that does not."""
    raise RuntimeError("the disk is full")


async def slow() -> None:
    """A part that does not answer."""
    await asyncio.sleep(60)


async def talkative() -> health.Details:
    """A part that works and has more to say."""
    return {"behind_seconds": 0.2}


async def get(path: str, **checks: health.Check) -> httpx.Response:
    """Ask a process with these parts."""
    transport = httpx.ASGITransport(Starlette(routes=health.routes(checks)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_ready() -> None:
    """All parts work."""
    answer = await get("/healthz/ready", log=fine, state=fine)

    expected = {"status": "ready", "checks": {"log": {"ok": True}, "state": {"ok": True}}}
    assert (200, expected) == (answer.status_code, answer.json())


async def test_details() -> None:
    """What a part has to say stands in its line."""
    answer = await get("/healthz/ready", state=talkative)

    assert {"ok": True, "behind_seconds": 0.2} == answer.json()["checks"]["state"]


async def test_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part has its own line; one that does not answer counts as broken."""
    monkeypatch.setattr("voucherify_sync.health._CHECK_SECONDS", 0.01)

    answer = await get("/healthz/ready", log=fine, state=broken, handlers=slow)

    assert 503 == answer.status_code
    assert "not-ready" == answer.json()["status"]
    assert {"ok": False, "problem": "the disk is full"} == answer.json()["checks"]["state"]
    assert "no answer within" in answer.json()["checks"]["handlers"]["problem"]


async def test_live_whatever_is_broken() -> None:
    """A restart mends no full disk: the process lives."""
    assert 200 == (await get("/healthz/live", state=broken)).status_code


async def test_metrics() -> None:
    """Metrics are in Prometheus' text form."""
    answer = await get("/metrics")

    assert "text/plain" in answer.headers["content-type"]
    assert "voucherify_sync_" in answer.text or "python_info" in answer.text
