"""schemathesis asks what our OpenAPI document says can be asked, and compares what it gets."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from schemas import moment
from tests.acceptance.server import SECRET, running
from voucherify_sync.clock import now_ms

SECONDS: Final = 20
"""For so long it asks; what it has not tried by then it does not try."""

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
CONFIGURATION: Final = """
[phases.coverage]
unexpected-methods = ["trace"]
[phases.coverage.extra-data-sources]
responses = false
"""
"""Changes answer 501 by intent, which schemathesis takes for a defect of a server.

It fails by itself where it compares an id that it was answered and that has half a surrogate pair.
"""

PROGRAMME: Final = "/v1/loyalties/{campaignId}"
FOUND_IN: Final[Mapping[str, str]] = {
    "campaignId": "/v1/loyalties",
    "memberId": f"{PROGRAMME}/members",
    "code": "/v1/vouchers",
    "customerId": "/v1/customers",
    "redemptionId": "/v1/redemptions",
    "orderId": "/v1/orders",
    "rewardId": "/v1/rewards",
    "segmentId": "/v1/customers/{customerId}/segments",
    "loyaltyTierId": f"{PROGRAMME}/tiers",
    "earningRuleId": f"{PROGRAMME}/earning-rules",
    "assignmentId": f"{PROGRAMME}/reward-assignments",
    "promotionTierId": "/v1/promotions/tiers",
    "stackId": "/v1/promotions/stacks",
    "validationRuleId": "/v1/validation-rules",
}
"""A list in which the value of a path's parameter is found."""


async def test_answers_are_as_documented(tmp_path: Path) -> None:
    """No 5xx, and no status, header or form of an answer that the document does not have."""
    async with running("serve", tmp_path, API_KEYS="app:token") as server:
        await simulate(f"{server.url}/webhooks/voucherify", tmp_path)
        held = {"X-App-Id": "app", "X-App-Token": "token"}
        async with httpx.AsyncClient(base_url=server.url, headers=held, timeout=30) as client:
            await complete(client)
            document = (await client.get("/openapi.json")).json()
            values = await examples(client)
        assert {"campaignId", "memberId", "code", "customerId", "redemptionId"} <= values.keys()
        (tmp_path / "openapi.json").write_text(json.dumps(with_examples(document, values)))
        (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)

        sent = [option for name, value in held.items() for option in ("-H", f"{name}: {value}")]
        code, printed = await run(
            tmp_path,
            *("schemathesis.cli", "run", "openapi.json", "--url", server.url, *sent),
            *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
            *("--max-time", str(SECONDS), "--seed", "1", "--generation-database", "none"),
            *("--max-failures", "10"),
        )
        assert 0 == code, printed


async def simulate(url: str, folder: Path) -> None:
    """Have a pretend Voucherify tell of some of everything."""
    code, printed = await run(
        folder,
        *("voucherify_sync", "simulate", "--url", url, "--secret", SECRET),
        *("--cards", "30", "--events", "600"),
    )
    assert 0 == code, printed


async def complete(client: httpx.AsyncClient) -> None:
    """Wait until all that was told is in the state."""
    waits = {"wait_as_of": moment.to_text(now_ms())}
    assert 200 == (await client.get("/v1/vouchers", params=waits)).status_code


async def examples(client: httpx.AsyncClient) -> dict[str, str]:
    """Values of the paths' parameters for which there is something."""
    values: dict[str, str] = {}
    for name, path in FOUND_IN.items():
        answer = await client.get(path.format_map(values))
        listed = answer.json()
        things = listed.get(listed.get("data_ref", ""), [])
        if things:
            values[name] = things[0].get("code" if name == "code" else "id")
    return values


def with_examples(document: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The document, in which the paths' parameters have values that lead to something."""
    for methods in document["paths"].values():
        for parameter in methods["get"]["parameters"]:
            if parameter.get("in") == "path" and parameter["name"] in values:
                parameter["example"] = values[parameter["name"]]
    return document


async def run(folder: Path, *arguments: str) -> tuple[int | None, str]:
    """The exit code of a module's command, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(120):
            printed, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return process.returncode, printed.decode()
