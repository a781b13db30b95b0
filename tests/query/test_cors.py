"""Web pages read what is answered only where the settings name their origin."""

import pytest

from query import cors
from query.keys import ApiKey
from query.manners import Manners
from tests.query.world import World, client

PAGE = "https://app.example:8443"
ELSEWHERE = "https://evil.example"
KEY = ApiKey("app", "token")
HELD = {"X-App-Id": "app", "X-App-Token": "token"}
PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-app-id,x-app-token",
}


async def test_no_page_may_read_by_default(world: World) -> None:
    """Neither directly nor after asking first."""
    direct = await world.ask("/v1/vouchers", headers={"Origin": PAGE})
    first = await world.request("OPTIONS", "/v1/vouchers", headers={"Origin": PAGE, **PREFLIGHT})

    assert (200, 501) == (direct.status_code, first.status_code)
    for answer in (direct, first):
        assert not any(name.startswith("access-control") for name in answer.headers)
        assert "Origin" not in answer.headers["vary"]


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ([PAGE], PAGE, PAGE),
        ([ELSEWHERE, PAGE], PAGE, PAGE),
        ([PAGE], "https://APP.example:8443", "https://APP.example:8443"),
        (["*"], PAGE, "*"),
        ([PAGE], ELSEWHERE, None),
        ([PAGE], "https://app.example", None),
        ([PAGE], "null", None),
    ],
)
async def test_who_may_read(
    world: World, origins: list[str], origin: str, allowed: str | None
) -> None:
    """A browser is told before it reads, without a key, and with each answer, errors too."""
    manners = Manners(origins=cors.checked(origins))
    async with client(world.reader, KEY, manners=manners) as page:
        first = await page.options("/v1/vouchers", headers={"Origin": origin, **PREFLIGHT})
        found = await page.get("/v1/vouchers", headers={"Origin": origin, **HELD})
        refused = await page.get("/v1/vouchers", headers={"Origin": origin})
        known = await page.get(
            "/v1/vouchers",
            headers={"Origin": origin, "If-None-Match": found.headers["etag"], **HELD},
        )

    assert (204 if allowed else 401) == first.status_code
    assert [200, 401, 304] == [one.status_code for one in (found, refused, known)]
    for answer in (first, found, refused, known):
        assert allowed == answer.headers.get("access-control-allow-origin")
        assert (allowed != "*") == ("Origin" in answer.headers["vary"])
        assert "access-control-allow-credentials" not in answer.headers
    if allowed:
        assert {"x-app-id", "x-app-token", "if-none-match", "voucherify-sync-wait"} <= {
            name.strip().lower()
            for name in first.headers["access-control-allow-headers"].split(",")
        }
        assert "Voucherify-Sync-As-Of" in found.headers["access-control-expose-headers"]


async def test_who_has_no_origin_is_no_page(world: World) -> None:
    """A plain OPTIONS is refused as ever, and caches are told that origins matter."""
    async with client(world.reader, manners=Manners(origins=[PAGE])) as plain:
        options = await plain.options("/v1/vouchers")
        found = await plain.get("/v1/vouchers")

    assert (501, 200) == (options.status_code, found.status_code)
    assert "access-control-allow-origin" not in found.headers
    assert "Origin" in found.headers["vary"]
