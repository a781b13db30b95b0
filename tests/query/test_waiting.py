"""A reader may wait until the state is complete up to a moment, and is never given an older one."""

import asyncio
from typing import Any

import httpx
import pytest

from query.manners import Manners
from query.routes import query_api
from schemas import moment
from state.reader import Standing
from state.store import StateUnavailableError
from tests.factories import CARD, card, webhook
from tests.query.world import AS_OF, AS_OF_TEXT, World, client

LATER = moment.to_text(AS_OF + 5_000)
PATIENT = Manners(wait_seconds=30)


class Told:
    """A state whose clock and as-of go when they are told to; all else is the world's."""

    def __init__(self, world: World) -> None:
        self._reader = world.reader
        self.as_of: int | None = AS_OF
        self.reads = 0
        self.error: Exception | None = None

    async def standing(self) -> Standing:
        """As told."""
        self.reads += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return Standing(self.as_of, AS_OF, dead_letters=False, gaps=False, projects=("proj_test",))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


@pytest.fixture
def told(world: World) -> Any:
    """The state that is asked."""
    return Told(world)


async def ask(asking: httpx.AsyncClient, at: str, path: str = "/v1/vouchers") -> httpx.Response:
    """The answer to who waits for a moment."""
    return await asking.get(path, params={"wait_as_of": at})


@pytest.mark.parametrize(
    "at", [AS_OF_TEXT, "2025-03-01", "2025-03-01T01:00:00.123+01:00", "2025-03-01T00:00:00,123Z"]
)
async def test_what_is_complete_already_is_answered_at_once(told: Any, at: str) -> None:
    """With one look at the state."""
    async with client(told) as asking:
        by_parameter = await ask(asking, at)
        by_header = await asking.get("/v1/vouchers", headers={"Voucherify-Sync-Wait": at})

    assert (200, 200) == (by_parameter.status_code, by_header.status_code)
    assert 2 == told.reads


@pytest.mark.parametrize("at", ["2025-03-01T00:00:00.123001Z", "2025-03-01T00:00:00.1230001Z"])
async def test_between_two_milliseconds(told: Any, at: str) -> None:
    """The earlier one is not enough."""
    async with client(told, manners=Manners(wait_seconds=0.05)) as asking:
        assert 503 == (await ask(asking, at)).status_code
        told.as_of += 1
        assert 200 == (await ask(asking, at)).status_code


async def test_waiting_for_ones_own_writes(told: Any, world: World) -> None:
    """The answer holds what was written, and says so."""
    async with client(told, manners=PATIENT) as asking:
        waits = asyncio.create_task(ask(asking, LATER, f"/v1/vouchers/{CARD}"))
        await asyncio.sleep(0.05)
        assert not waits.done()
        await world.tell(webhook("voucher.created", {"voucher": card(1)}))
        told.as_of = AS_OF + 6_000
        answer = await waits

    assert 200 == answer.status_code
    assert moment.to_text(AS_OF + 6_000) == answer.headers["voucherify-sync-as-of"]


async def test_the_later_of_two_moments_counts(told: Any) -> None:
    """Where both the parameter and the header are given."""
    async with client(told, manners=Manners(wait_seconds=0.05)) as asking:
        for parameter, header in ((AS_OF_TEXT, LATER), (LATER, AS_OF_TEXT)):
            answer = await asking.get(
                "/v1/vouchers",
                params={"wait_as_of": parameter},
                headers={"Voucherify-Sync-Wait": header},
            )
            assert "invalid_query_params" == answer.json()["key"]


async def test_a_moment_that_does_not_come(told: Any) -> None:
    """No answer that could be mistaken for it, but as of when it would have been."""
    async with client(told, manners=Manners(wait_seconds=0.05)) as asking:
        told.as_of = AS_OF - 3_600_000
        answer = await ask(asking, AS_OF_TEXT)
        told.as_of = None
        never = await ask(asking, AS_OF_TEXT)

    for refused in (answer, never):
        assert (503, "not_complete_yet") == (refused.status_code, refused.json()["key"])
        assert "1" == refused.headers["retry-after"]
    assert "2025-02-28T23:00:00.123Z" == answer.headers["voucherify-sync-as-of"]
    assert "voucherify-sync-as-of" not in never.headers


@pytest.mark.parametrize(
    "query",
    [
        "wait_as_of=",
        "wait_as_of=soon",
        "wait_as_of=1740787200123",
        "wait_as_of=2025-03-01T00:00:00.000Z&wait_as_of=2025-03-01T00:00:00.000Z",
        "wait_as_of=2025-03-01T00:00:00.000+01:00",
        "wait_as_of[before]=2025-03-01T00:00:00.000Z",
        "wait_as_of=9999-12-31T23:59:59.999999Z",
    ],
)
async def test_what_is_no_moment(world: World, query: str) -> None:
    """It is refused at once, also one so late that it can't come in time."""
    answer = await world.ask(f"/v1/vouchers?{query}")

    assert (400, "invalid_query_params") == (answer.status_code, answer.json()["key"])
    assert "wait_as_of" in answer.json()["details"]


@pytest.mark.parametrize("at", ["", "soon", "\xff"])
async def test_a_header_that_is_no_moment(world: World, at: str) -> None:
    """As the parameter."""
    sent = {b"Voucherify-Sync-Wait": at.encode("latin-1")}

    answer = await world.client().get("/v1/vouchers", headers=sent)

    assert 400 == answer.status_code
    assert "Voucherify-Sync-Wait" in answer.json()["details"]


async def test_a_thousand_waiters_share_one_look(told: Any) -> None:
    """They hold no turn either: others are answered meanwhile."""
    manners = Manners(wait_seconds=30, at_once=1, in_line=2_000, in_line_seconds=60)
    async with client(told, manners=manners) as asking:
        waits = [asyncio.create_task(ask(asking, LATER)) for _ in range(1_000)]
        while told.reads < 5:
            await asyncio.sleep(0.01)
        assert 200 == (await asking.get("/v1/vouchers")).status_code
        before = told.reads
        assert before < 200

        told.as_of = AS_OF + 5_000
        answers = await asyncio.gather(*waits)

    assert {200} == {answer.status_code for answer in answers}
    assert {LATER} == {answer.headers["voucherify-sync-as-of"] for answer in answers}
    assert told.reads < before + 20


async def test_only_so_many_may_wait(told: Any) -> None:
    """The rest are told so at once."""
    async with client(told, manners=Manners(wait_seconds=30, waiters=2)) as asking:
        waits = [asyncio.create_task(ask(asking, LATER)) for _ in range(2)]
        while told.reads < 4:
            await asyncio.sleep(0.01)
        refused = await ask(asking, LATER)
        told.as_of = AS_OF + 5_000
        answers = await asyncio.gather(*waits)

    assert (503, "overloaded") == (refused.status_code, refused.json()["key"])
    assert [200, 200] == [answer.status_code for answer in answers]


async def test_a_state_that_goes_away_meanwhile(told: Any) -> None:
    """Whoever waits is told; who comes when it is back may wait again."""
    async with client(told, manners=PATIENT) as asking:
        waits = asyncio.create_task(ask(asking, LATER))
        while told.reads < 3:
            await asyncio.sleep(0.01)
        told.error = StateUnavailableError("away")
        refused = await waits
        assert (503, "service_unavailable") == (refused.status_code, refused.json()["key"])

        told.error = None
        again = asyncio.create_task(ask(asking, LATER))
        await asyncio.sleep(0.05)
        told.as_of = AS_OF + 5_000
        assert 200 == (await again).status_code


async def test_nobody_waits_for_a_process_that_ends(told: Any) -> None:
    """Who waits is sent elsewhere, who comes then too; who need not wait is answered still."""
    api = query_api(told, [], PATIENT)
    transport = httpx.ASGITransport(api.handle)
    async with httpx.AsyncClient(transport=transport, base_url="http://query.example") as asking:
        waits = asyncio.create_task(ask(asking, LATER))
        while told.reads < 3:
            await asyncio.sleep(0.01)
        api.end_waiting()
        late = await ask(asking, LATER)
        for refused in (await waits, late):
            assert (503, "service_unavailable") == (refused.status_code, refused.json()["key"])
            assert "close" == refused.headers["connection"]
        assert 200 == (await ask(asking, AS_OF_TEXT)).status_code
