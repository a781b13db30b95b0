"""The real services that tests share. Each starts when the first test asks for it."""

from collections.abc import Iterator

import pytest

from tests.services.cache import ServiceMissingError
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL for all tests; one that disturbs it starts one of its own."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop(at_once=True)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker for all tests, which keep apart by a prefix of their topics and a group."""
    kafka = Kafka(tmp_path_factory.mktemp("kafka"))
    try:
        kafka.start()
    except ServiceMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    yield kafka
    kafka.kill()
