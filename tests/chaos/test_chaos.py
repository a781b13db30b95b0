"""Many copies of every part on a real broker and a real database, all of them killed for real.

The long run is `make chaos`; these are its short forms.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.chaos.installation import Installation
from tests.chaos.running import run
from tests.chaos.trouble import Kills, Storm
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from voucherify_sync.simulator.options import SimulationOptions

SECONDS = 45
RATE = 120.0


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[Kafka, Postgres]]:
    """A broker and a database that only this test kills."""
    kafka, postgres = Kafka(tmp_path / "kafka"), Postgres(tmp_path / "postgres")
    kafka.start()
    postgres.start()
    yield kafka, postgres
    postgres.stop()
    kafka.stop()


def options(seed: int, *, seconds: float = SECONDS, rate: float = RATE) -> SimulationOptions:
    """A programme that takes about so many seconds to tell, in some disorder."""
    return SimulationOptions(
        seed=seed,
        cards=100,
        events=int(seconds * rate),
        disorder=0.5,
        duplicates=0.1,
        rate=rate,
    )


@pytest.fixture
async def installation(
    tmp_path: Path, services: tuple[Kafka, Postgres]
) -> AsyncIterator[Installation]:
    """Two receivers, three handlers and a query API at work."""
    async with at_work(Installation(tmp_path, *services)) as parts:
        yield parts


@asynccontextmanager
async def at_work(parts: Installation) -> AsyncIterator[Installation]:
    """The installation started, and ended cleanly afterwards."""
    await parts.start()
    try:
        yield parts
    finally:
        codes = await parts.end()
    assert {0} == set(codes.values()), codes
    assert [] == list(parts.tracebacks())


async def test_everything_is_killed(installation: Installation) -> None:
    """Receivers, handlers, query, broker and database: nothing is lost, nothing counts twice."""
    kills = Kills(installation, random.Random(3), every=2.0, pause_every=12)

    report = await run(installation, options(21), kills.go_on)

    assert report.fine, report.lines()
    assert kills.count.total() >= 8
    assert kills.count["broker paused"] >= 1
    assert report.retried > 0


async def test_copies_come_and_go(installation: Installation) -> None:
    """A copy joins or leaves every two seconds under load: nothing is lost, nothing is left."""
    storm = Storm(installation)

    report = await run(installation, options(22), storm.go_on)

    assert report.fine, report.lines()
    assert storm.joined >= 5


async def test_poison(tmp_path: Path, services: tuple[Kafka, Postgres]) -> None:
    """1 % of events are refused by the merge: all others are applied, and redriven none is missing.

    What they were about says so until then.
    """
    parts = Installation(tmp_path, *services, handlers=2, module="tests.chaos.poisoned")

    async def nothing() -> None:
        await asyncio.Event().wait()

    async def settle() -> None:
        told = await commanded(parts, "list", "--json", "--limit", "10000")
        assert len(told) > 20
        assert await flagged(parts) > 0
        await mend(parts)
        redriven = await commanded(parts, "redrive", "--all")
        assert f"{len(told)} of {len(told)} dead letters applied" == redriven[-1]
        assert [] == await commanded(parts, "list", "--json")
        assert 0 == await flagged(parts)

    async with at_work(parts):
        report = await run(parts, options(23, seconds=25), nothing, settle=settle)

    assert report.fine, report.lines()


async def mend(installation: Installation) -> None:
    """Replace the handlers by a release that takes all events."""
    for server in installation.handlers:
        assert 0 == await server.end()
        server.module = "voucherify_sync"
        await server.start()


async def flagged(installation: Installation) -> int:
    """How many of the listed vouchers are said to be incomplete."""
    async with httpx.AsyncClient(base_url=installation.query.url) as client:
        listed = (await client.get("/v1/vouchers", params={"limit": 100})).json()["vouchers"]
        answers = [await client.get(f"/v1/vouchers/{voucher['id']}") for voucher in listed]
    return sum("voucherify-sync-incomplete" in answer.headers for answer in answers)


async def commanded(installation: Installation, *arguments: str) -> list[str]:
    """The lines that `voucherify-sync dead-letters` prints."""
    return await asyncio.to_thread(installation.command, "dead-letters", *arguments)
