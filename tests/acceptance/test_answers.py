"""Answers of the assembled application that belong to no single stage."""

from pathlib import Path

import httpx

from tests.acceptance.server import running

WEBHOOKS = "/webhooks/voucherify"
ANSWERS = [
    ("POST", f"{WEBHOOKS}/", 404),
    ("POST", "/webhooks", 404),
    ("GET", "/", 404),
    ("GET", "/healthz/live/", 404),
    ("GET", WEBHOOKS, 405),
    ("PUT", WEBHOOKS, 405),
    ("POST", WEBHOOKS, 401),
    ("GET", "/healthz/live", 200),
    ("GET", "/healthz/ready", 200),
    ("GET", "/metrics", 200),
    ("GET", "/v1/vouchers/none", 404),
    ("GET", "/v1/qualifications", 501),
]


async def test_statuses(tmp_path: Path) -> None:
    """Wrong paths are 404 without a redirect, wrong methods 405, and each error is JSON."""
    found = []
    async with (
        running("serve", tmp_path) as server,
        httpx.AsyncClient(base_url=server.url) as client,
    ):
        for method, path, _ in ANSWERS:
            answer = await client.request(method, path)
            found.append((method, path, answer.status_code))
            if answer.status_code >= 400:
                assert answer.status_code == answer.json()["code"]
            if answer.status_code == 405:
                assert "POST" == answer.headers["allow"]

    assert ANSWERS == found
