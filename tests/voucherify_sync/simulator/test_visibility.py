"""How visibility is measured: from the sending until the query API tells it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.voucherify_sync.simulator.serving import serving
from voucherify_sync.simulator import visibility as visibility_module
from voucherify_sync.simulator.api import AS_OF, Api
from voucherify_sync.simulator.deliveries import Delivery
from voucherify_sync.simulator.envelopes import Webhook
from voucherify_sync.simulator.visibility import Visibility, caught_up

TYPE = "voucher.loyalty_card.transaction.created"
LEDGER = "/v1/loyalties/members/{id}/transactions"


def delivery(entry: str, type_: str = TYPE) -> Delivery:
    """A webhook that tells an entry."""
    return Delivery(Webhook(b"{}", 0, type_, None, (("v_1", entry),)))


async def test_a_sample_lasts_until_the_entry_is_told() -> None:
    """Only for the first webhook that tells an entry, and one sample at a time."""
    asked = 0

    async def ledger(_: Request) -> Response:
        nonlocal asked
        asked += 1
        return JSONResponse({"data": [{"id": "vtx_1"}] if asked > 3 else []})

    async with serving(Route(LEDGER, ledger)) as url, Api(url) as api:
        visibility = Visibility(api)
        watching = asyncio.create_task(visibility.watch())
        begun = perf_counter()
        visibility.accepted(delivery("vtx_0", "customer.created"), begun, begun)
        visibility.accepted(delivery("vtx_1"), begun, begun)
        visibility.accepted(delivery("vtx_1"), begun, begun)
        visibility.accepted(delivery("vtx_2"), begun, begun)
        while not visibility.seconds:
            await asyncio.sleep(0.01)
        ended = perf_counter()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert 4 == asked
    assert 1 == len(visibility.seconds)
    assert 0 < visibility.seconds[0] <= ended - begun


async def test_a_sample_that_never_shows_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its card may have been deleted: it is no measurement."""
    monkeypatch.setattr(visibility_module, "_LOST_SECONDS", 0.05)

    async def gone(_: Request) -> Response:
        return JSONResponse({}, 404)

    async with serving(Route(LEDGER, gone)) as url, Api(url) as api:
        visibility = Visibility(api)
        watching = asyncio.create_task(visibility.watch())
        visibility.accepted(delivery("vtx_1"), perf_counter(), perf_counter())
        await asyncio.sleep(0.15)
        assert not watching.done()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert [] == visibility.seconds


@pytest.mark.parametrize(("ahead", "reached"), [(5.0, True), (-5.0, False)])
async def test_caught_up_is_when_as_of_has_passed_now(ahead: float, reached: bool) -> None:
    """The header's moment, not the answer, says so."""

    async def publications(_: Request) -> Response:
        as_of = datetime.now(UTC) + timedelta(seconds=ahead)
        return JSONResponse({}, headers={AS_OF: as_of.isoformat(timespec="milliseconds")})

    async with serving(Route("/v1/publications", publications)) as url, Api(url) as api:
        seconds = await caught_up(api, seconds=0.2)
    assert reached == (seconds is not None)
