"""A live state and its rebuild from the log are equal, with the real commands on the real parts."""

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.server import SECRET, Server, running
from tests.chaos.installation import Installation
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from tests.voucherify_sync.program import run
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender

OPTIONS = SimulationOptions(
    seed=31, cards=30, events=800, disorder=0.6, duplicates=0.2, projects=2, rate=400
)


async def deliver(server: Server) -> None:
    """Send all that the simulation sends."""
    pace = Pace(concurrency=16, rate=OPTIONS.rate, time_scale=1 / 1200)
    sender = Sender(f"{server.url}/webhooks/voucherify", SECRET, pace)
    counts = await sender.send(schedule(OPTIONS).deliveries, asyncio.Event())
    assert counts.complete, counts.answers


async def test_on_the_embedded_defaults(tmp_path: Path) -> None:
    """`serve` in disorder, killed on the way; then the log is replayed beside it."""
    keys = ",".join(f"app{n}:token:{name}" for n, name in enumerate(_projects()))
    async with running("serve", tmp_path, API_KEYS=keys) as server:
        sending = asyncio.create_task(deliver(server))
        await asyncio.wait({sending}, timeout=1)
        await server.kill()
        await server.start()
        await sending
        await server.caught_up()
        rebuilt = await asyncio.to_thread(
            run, "rebuild", "--into", "sqlite:///rebuilt.db", cwd=tmp_path
        )
        urls = ("sqlite:///data/state.db", "sqlite:///rebuilt.db")
        compared = await asyncio.to_thread(run, "diff", *urls, cwd=tmp_path)

    assert 0 == rebuilt.returncode, rebuilt.stderr
    assert (0, "") == (compared.returncode, compared.stdout[:2_000])
    assert "all equal" in compared.stderr


@pytest.fixture
def installation(tmp_path: Path, kafka: Kafka, postgres: Postgres) -> Installation:
    """A receiver, two handlers and a query API, not started yet."""
    return Installation(tmp_path, kafka, postgres, receivers=1, handlers=2)


async def test_on_kafka_and_postgresql(
    installation: Installation, postgres: Postgres, tmp_path: Path
) -> None:
    """Two handlers at work while it is replayed, into PostgreSQL and into SQLite: all alike."""
    target = postgres.create_database(f"rebuilt_{tmp_path.name.lower()}")
    lite = f"sqlite:///{tmp_path}/rebuilt.db"
    settings = {f"VOUCHERIFY_SYNC_{name}": one for name, one in installation.settings.items()}
    environment = {**settings, "VOUCHERIFY_SYNC_LOG_LEVEL": "warning"}
    await installation.start()
    try:
        await deliver(installation.receivers[0])
        await installation.query.caught_up()
        for into in (target, lite):
            rebuilt = await asyncio.to_thread(
                run, "rebuild", "--into", into, cwd=tmp_path, environment=environment
            )
            assert 0 == rebuilt.returncode, rebuilt.stderr
            compared = await asyncio.to_thread(
                run, "diff", installation.database, into, cwd=tmp_path
            )
            assert (0, "") == (compared.returncode, compared.stdout[:2_000])
        logs = [handler.log() for handler in installation.handlers]
    finally:
        await installation.end()
    assert all("position_moved" not in log for log in logs)


def _projects() -> list[str]:
    return list(schedule(OPTIONS).truth["projects"])
