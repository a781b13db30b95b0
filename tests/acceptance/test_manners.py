"""The query API as a real process: keys, waiting, how it ends, and more load than it can do."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from schemas import jsontext, moment
from tests.acceptance.server import SECRET, Server, running
from tests.factories import card, webhook
from tests.query.world import World, begin
from tests.receiver.factories import signed
from tests.services.postgres import Postgres
from voucherify_sync.clock import now_ms

PATH = "/v1/vouchers?limit=100"
MEMBER = "/v1/loyalties/members/CODE-1"
FUTURE_MS = 5_000
FLOOD = 700
"""More than may read and wait in line together."""


def headers(token: str) -> dict[str, str]:
    """Of a caller with this token."""
    return {"X-App-Id": "app", "X-App-Token": token}


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A folder with a state of one card where the commands look for it."""
    await begin(tmp_path)
    world = World(tmp_path)
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    await world.close()
    (tmp_path / "data").mkdir()
    shutil.move(tmp_path / "state.db", tmp_path / "data" / "state.db")
    return tmp_path


@asynccontextmanager
async def asking(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is patient."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        yield client


async def test_keys_are_followed(folder: Path) -> None:
    """A key that comes into the file is let in without a restart, one that goes is not."""
    keys = folder / "keys"
    keys.write_text("app:old\n")
    async with (
        running("query", folder, API_KEYS_FILE=str(keys)) as server,
        asking(server) as client,
    ):

        async def status(token: str) -> int:
            return (await client.get(PATH, headers=headers(token))).status_code

        assert (200, 401) == (await status("old"), await status("new"))
        keys.write_text("app:new\n")
        async with asyncio.timeout(30):
            while await status("new") != 200:
                await asyncio.sleep(0.1)
        assert 401 == await status("old")

        keys.write_text("nonsense\n")
        async with asyncio.timeout(30):
            while "api_keys_kept" not in server.log():
                assert 200 == await status("new")
                await asyncio.sleep(0.1)
        assert 200 == await status("new")
        for path in ("/openapi.json", "/docs"):
            assert 200 == (await client.get(path)).status_code
    assert "nonsense" not in server.log()


async def test_reading_ones_own_writes(tmp_path: Path) -> None:
    """What was answered 202 before a moment is in the answer of who waits for that moment."""
    async with running("serve", tmp_path) as server, asking(server) as client:
        for number in range(3):
            event = webhook("voucher.updated", {"voucher": card(number)}, told=2_000 + number)
            body = jsontext.encode(event)
            signature = signed(body, SECRET.encode())
            sent = await client.post("/webhooks/voucherify", content=body, headers=signature)
            assert 202 == sent.status_code
            at = moment.to_text(now_ms() + 1)
            answer = await client.get(MEMBER, params={"wait_as_of": at})
            assert 200 == answer.status_code, answer.text
            assert number == answer.json()["loyalty_card"]["balance"]
            assert at <= answer.headers["voucherify-sync-as-of"]


async def test_it_ends_with_all_answered(folder: Path) -> None:
    """Whoever waits is told so at the signal, whoever reads gets the answer; the exit code is 0."""
    server = Server("query", folder)
    await server.start()
    async with asking(server) as client:
        at = moment.to_text(now_ms() + FUTURE_MS)
        waits = [
            asyncio.create_task(client.get(MEMBER, params={"wait_as_of": at})) for _ in range(20)
        ]
        reads = [asyncio.create_task(client.get(PATH)) for _ in range(50)]
        async with asyncio.timeout(30):
            while "voucherify_sync_query_waiting 20.0" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.05)
        assert 0 == await server.end()
        refused = await asyncio.gather(*waits)
        answers = await asyncio.gather(*reads)

    assert {(503, "service_unavailable")} == {
        (answer.status_code, answer.json()["key"]) for answer in refused
    }
    assert {200} == {answer.status_code for answer in answers}


async def flood(port: int) -> Counter[int]:
    """How so many readers are answered who all come at once."""
    opened = [asyncio.open_connection("127.0.0.1", port) for _ in range(FLOOD)]
    connections = await asyncio.gather(*opened)
    for _, writer in connections:
        writer.write(f"GET {PATH} HTTP/1.1\r\nhost: query\r\nconnection: close\r\n\r\n".encode())
    answers = await asyncio.gather(*(reader.read() for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    for answer in answers:
        head = answer.partition(b"\r\n\r\n")[0]
        assert b"voucherify-sync-as-of: " in head
        assert head.startswith(b"HTTP/1.1 200 ") or b"retry-after: 1" in head
    return Counter(int(answer.split(maxsplit=2)[1]) for answer in answers)


async def test_more_load_than_it_can_do(folder: Path) -> None:
    """Every reader gets an answer, a real one or one that says when to come again."""
    async with running("query", folder) as server, asking(server) as client:
        assert 200 == (await client.get(PATH)).status_code
        found = await flood(server.port)

        assert FLOOD == found[200] + found[503]
        assert found[200] > 0
        assert 200 == (await client.get(PATH)).status_code


async def test_a_database_that_hangs(tmp_path: Path, postgres: Postgres) -> None:
    """While nothing can be read the line fills and ends; then all is as before."""
    url = postgres.create_database("manners")
    await begin(tmp_path, url)
    async with running("query", tmp_path, STATE=url) as server, asking(server) as client:
        assert 200 == (await client.get(PATH)).status_code
        blocker = await asyncpg.connect(url)
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE")
            found = await flood(server.port)
            # All are answered while the lock is held still, and the process is alive.
            assert Counter({503: FLOOD}) == found
            assert 200 == (await client.get("/healthz/live")).status_code
        await blocker.close()

        async with asyncio.timeout(60):
            while (await client.get(PATH)).status_code != 200:
                await asyncio.sleep(0.1)
        assert "voucherify_sync_query_turned_away_total{" in (await client.get("/metrics")).text
