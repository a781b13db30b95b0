"""A rolling update that nobody at Voucherify's end notices."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.installation import Installation
from tests.deploy.rolling.rollout import Timing
from tests.deploy.rolling.running import run
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres


@pytest.fixture
async def installation(
    tmp_path: Path, kafka: Kafka, postgres: Postgres
) -> AsyncIterator[Installation]:
    """Two receivers, two handlers and a query API at work."""
    parts = Installation(tmp_path, kafka, postgres, handlers=2)
    await parts.start()
    yield parts
    codes = await parts.end()
    assert {0} == set(codes.values()), codes
    assert [] == list(parts.tracebacks())


async def test_nobody_notices_a_rolling_update(installation: Installation) -> None:
    """Every receiver and handler is replaced under load: no failed delivery, no difference."""
    timing = Timing.of_the_manifests()
    report = await run(installation, timing, seconds=20, rate=300)
    assert report.fine, "\n".join(report.lines())
    assert 4 <= report.replaced


async def test_without_the_pause_it_would_be_noticed(installation: Installation) -> None:
    """SIGTERM while proxies still send: deliveries fail, and the vendor's retries mend it."""
    timing = replace(Timing.of_the_manifests(), pause=0.0)
    report = await run(installation, timing, seconds=25, rate=60)
    assert report.failed > 0
    assert report.accepted == report.deliveries
    assert [] == report.differences
