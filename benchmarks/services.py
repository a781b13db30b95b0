"""A real broker and a real database to measure on, and the settings that lead to them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.services.kafka import Kafka
from tests.services.postgres import Postgres

LASTING: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
"""A database as in production: the tests' one is made to start quickly and to stay small."""


class Services:
    """Both of them, running. Each measurement takes its own topics and database."""

    def __init__(self, kafka: Kafka, postgres: Postgres) -> None:
        self.kafka = kafka
        self._postgres = postgres
        self._taken = 0

    def settings(self, partitions: int = 12) -> dict[str, str]:
        """Settings for an installation that nobody has used."""
        self._taken += 1
        name = f"bench{self._taken}"
        return {
            "VOUCHERIFY_SYNC_LOG": f"kafka://{self.kafka.servers}",
            "VOUCHERIFY_SYNC_STATE": self._postgres.create_database(name),
            "VOUCHERIFY_SYNC_TOPIC_PREFIX": f"{name}.",
            "VOUCHERIFY_SYNC_TOPIC_PARTITIONS": str(partitions),
            "VOUCHERIFY_SYNC_KAFKA_GROUP": name,
        }


@contextmanager
def running() -> Iterator[Services]:
    """Start them, end them."""
    with tempfile.TemporaryDirectory() as folder:
        kafka = Kafka(Path(folder) / "kafka")
        postgres = Postgres(Path(folder) / "postgres", settings=LASTING)
        kafka.start()
        try:
            postgres.start()
            yield Services(kafka, postgres)
        finally:
            postgres.stop()
            kafka.stop()
