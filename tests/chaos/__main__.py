"""`make chaos`: kills every part at random for a quarter of an hour, then compares."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.chaos.installation import Installation
from tests.chaos.running import Report, run
from tests.chaos.trouble import Kills
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from voucherify_sync.simulator.options import SimulationOptions


def main() -> None:
    """Run it and say what came of it; the exit code is 0 where nothing was lost or doubled."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--every", type=float, default=2.4, help="seconds between troubles")
    parser.add_argument("--rate", type=float, default=100.0, help="deliveries a second")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voucherify-sync-chaos-") as folder:
        sys.exit(_run(Path(folder), asked))


def _run(folder: Path, asked: argparse.Namespace) -> int:
    kafka, postgres = Kafka(folder / "kafka"), Postgres(folder / "postgres")
    kafka.start()
    postgres.start()
    try:
        report, kills, seconds = asyncio.run(_disturb(folder, kafka, postgres, asked))
    finally:
        postgres.stop()
        kafka.stop()
    told = ", ".join(f"{name} {count}" for name, count in sorted(kills.count.items()))
    print(f"{kills.count.total()} troubles in {seconds / 60:.1f} minutes ({told})")
    print(*report.lines(), sep="\n")
    return 0 if report.fine else 1


async def _disturb(
    folder: Path, kafka: Kafka, postgres: Postgres, asked: argparse.Namespace
) -> tuple[Report, Kills, float]:
    installation = Installation(folder, kafka, postgres)
    await installation.start()
    events = int(asked.minutes * 60 * asked.rate)
    options = SimulationOptions(
        seed=asked.seed,
        cards=max(100, events // 60),
        events=events,
        disorder=0.5,
        duplicates=0.1,
        rate=asked.rate * 1.1,
    )
    kills = Kills(installation, random.Random(asked.seed), every=asked.every)
    begun = monotonic()
    try:
        report = await run(installation, options, kills.go_on)
        seconds = monotonic() - begun
    finally:
        await installation.end()
    return report, kills, seconds


if __name__ == "__main__":
    main()
