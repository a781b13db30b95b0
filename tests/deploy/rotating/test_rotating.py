"""Secrets are changed while deliveries and reads go on, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.deploy.rotating.guarded import APP, Guarded
from tests.deploy.rotating.reading import Application
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import Delivery, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Counts, Pace, Sender
from voucherify_sync.simulator.wire import signature

RATE: Final = 100.0
NOTICED: Final = 2.5
"""Seconds after which a changed file is known: it is looked at once a second."""


@pytest.fixture
async def installation(tmp_path: Path, kafka: Kafka, postgres: Postgres) -> AsyncIterator[Guarded]:
    """Everything at work on the first secrets."""
    parts = Guarded(tmp_path, kafka, postgres)
    await parts.start()
    yield parts
    assert [0, 0, 0] == await parts.end()


async def test_rotating_all_three_under_load(installation: Guarded) -> None:
    """No failed delivery, no failed read, no difference; and the old ones are worth nothing."""
    options = SimulationOptions(seed=8, cards=50, events=1_800, disorder=0.2)
    made = schedule(options)
    middle = len(made.deliveries) // 2
    application = Application(installation.query.url, "first-token")
    reading = asyncio.create_task(application.run())

    first = asyncio.create_task(_send(installation, "first-secret", made.deliveries[:middle]))
    await _change_the_password(installation)
    installation.let_in_by("first-secret", "second-secret")
    installation.answer_to("first-token", "second-token")
    await asyncio.sleep(NOTICED)
    application.token = "second-token"
    sent = [await first]  # Voucherify signs with the second one from now on
    second = asyncio.create_task(_send(installation, "second-secret", made.deliveries[middle:]))
    await asyncio.sleep(0.5)
    installation.let_in_by("second-secret")
    installation.answer_to("second-token")
    await _change_the_password_at_the_database_first(installation)
    sent.append(await second)
    await installation.query.caught_up(within=60, key=application.key())
    application.stop.set()
    await reading

    assert 0 == sum(one.retried + one.given_up for one in sent), [one.answers for one in sent]
    assert len(made.deliveries) == sum(one.accepted for one in sent)
    assert [] == application.failures
    assert application.answers > 200
    found = await compare(
        made.truth,
        installation.query.url,
        keys=dict.fromkeys(made.truth["projects"], (APP, "second-token")),
        things=(*THINGS, *MORE_THINGS),
    )
    assert [] == [str(difference) for difference in found.differences]
    assert (401, 401) == await _answers_to_the_first_ones(installation)
    for part in (installation.handlers, installation.query):
        assert "state_url_changed" in part.log()
        assert "password" not in part.log().replace("the password that", "")


async def _change_the_password(installation: Guarded) -> None:
    """The file first: until the database knows it, new connections use the one before."""
    await asyncio.sleep(1)
    installation.connect_by("second-password")
    await asyncio.sleep(1)
    await asyncio.to_thread(installation.accept_at_database, "second-password")


async def _change_the_password_at_the_database_first(installation: Guarded) -> None:
    """All connections end, and for a second nobody knows by which password to make new ones."""
    await asyncio.to_thread(installation.accept_at_database, "third-password")
    await asyncio.sleep(1)
    installation.connect_by("third-password")


async def _send(installation: Guarded, secret: str, deliveries: Sequence[Delivery]) -> Counts:
    url = f"{installation.receiver.url}/webhooks/voucherify"
    sender = Sender(url, secret, Pace(RATE, time_scale=1 / 1200))
    return await sender.send(deliveries, asyncio.Event())


async def _answers_to_the_first_ones(installation: Guarded) -> tuple[int, int]:
    async with httpx.AsyncClient() as client:
        delivered = await client.post(
            f"{installation.receiver.url}/webhooks/voucherify",
            content=b"{}",
            headers={"x-voucherify-signature": signature("first-secret", b"{}")},
        )
        key = {"X-App-Id": APP, "X-App-Token": "first-token"}
        read = await client.get(f"{installation.query.url}/v1/customers", headers=key)
    return delivered.status_code, read.status_code
