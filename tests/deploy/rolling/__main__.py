"""`python -m tests.deploy.rolling`: rolling updates under load for a minute, then a comparison."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.installation import Installation
from tests.deploy.rolling.rollout import Timing
from tests.deploy.rolling.running import Report, run
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres


def main() -> None:
    """Run it and say what came of it; the exit code is 0 where nobody noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=300.0, help="deliveries a second")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voucherify-sync-rolling-") as folder:
        report = _run(Path(folder), asked)
    print(*report.lines(), sep="\n")
    sys.exit(0 if report.fine else 1)


def _run(folder: Path, asked: argparse.Namespace) -> Report:
    kafka, postgres = Kafka(folder / "kafka"), Postgres(folder / "postgres")
    try:
        kafka.start()
        postgres.start()
        return asyncio.run(_roll(folder, kafka, postgres, asked))
    finally:
        postgres.stop()
        kafka.stop()


async def _roll(
    folder: Path, kafka: Kafka, postgres: Postgres, asked: argparse.Namespace
) -> Report:
    installation = Installation(folder, kafka, postgres, handlers=2)
    await installation.start()
    try:
        timing = Timing.of_the_manifests()
        return await run(installation, timing, seconds=asked.seconds, rate=asked.rate)
    finally:
        await installation.end()


if __name__ == "__main__":
    main()
