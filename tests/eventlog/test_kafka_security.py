"""TLS, users and passwords, against a broker that insists on them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from eventlog.kafka_connection import KafkaConnection
from eventlog.log import LogUnavailableError
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import message, values
from tests.services.kafka import Kafka
from tests.services.kafka_settings import PASSWORD, USER


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that speaks SASL_SSL only."""
    kafka = Kafka(tmp_path_factory.mktemp("secured"), sasl=True)
    kafka.start()
    yield kafka
    kafka.kill()


def connection(kafka: Kafka) -> KafkaConnection:
    """What the broker wants."""
    return KafkaConnection(
        [kafka.servers],
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username=USER,
        sasl_password=PASSWORD,
        ssl_cafile=kafka.cafile,
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_user_with_a_password(
    secured: Kafka, open_place: OpenPlace, mechanism: str
) -> None:
    """Both sides work over TLS, by either mechanism."""
    place = open_place(secured, connection=replace(connection(secured), sasl_mechanism=mechanism))
    writer, reader = place.writer(), place.reader()
    await writer.append([message("1", key=b"%d" % n) for n in range(20)])
    await writer.check()
    assert 20 == len(await values(reader))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_wrong_password(secured: Kafka, open_place: OpenPlace, mechanism: str) -> None:
    """The error says who was refused and what to check, without the password."""
    wrong = replace(connection(secured), sasl_mechanism=mechanism, sasl_password="incorrect")
    writer = open_place(secured, connection=wrong).writer()
    with pytest.raises(LogUnavailableError, match=f"refused the user {USER} .* check") as error:
        await writer.check()
    assert "incorrect" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message_"),
    [
        ({"ssl_cafile": None}, "a certificate that is not trusted"),
        ({"security_protocol": "PLAINTEXT"}, "check that it runs, and the security protocol"),
        ({"security_protocol": "SASL_PLAINTEXT"}, "check that it runs, and the security protocol"),
        ({"sasl_mechanism": "SCRAM-SHA-256"}, "does not know the SASL mechanism SCRAM-SHA-256"),
    ],
)
async def test_settings_that_do_not_fit(
    secured: Kafka, open_place: OpenPlace, change: dict[str, str | None], message_: str
) -> None:
    """The error says what to check."""
    place = open_place(secured, connection=replace(connection(secured), **change))  # type: ignore[arg-type] # names from a table
    with pytest.raises(LogUnavailableError, match=message_):
        await place.writer().check()


async def test_another_authority(secured: Kafka, open_place: OpenPlace, tmp_path: Path) -> None:
    """A certificate that somebody else vouches for is not trusted."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    other = replace(connection(secured), ssl_cafile=tmp_path / "other.pem")
    with pytest.raises(LogUnavailableError, match="not trusted"):
        await open_place(secured, connection=other).writer().check()


async def test_a_broker_that_speaks_no_tls(secured: Kafka, open_place: OpenPlace) -> None:
    """The same user at the port for the brokers themselves."""
    plain = replace(connection(secured), servers=[secured.plain_servers])
    with pytest.raises(LogUnavailableError, match="check"):
        await open_place(secured, connection=plain).writer().check()
