"""What is known of a cluster before anything connects."""

from pathlib import Path

import pytest
import trustme

from eventlog.kafka_connection import KafkaConnection
from eventlog.log import LogUnavailableError


def test_the_password_is_in_no_representation() -> None:
    """Neither a log line nor an error can show what the repr does not."""
    connection = KafkaConnection(
        ["kafka:9092"],
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="sync",
        sasl_password="secret",
    )
    assert "secret" not in f"{connection!r} {connection}"
    assert "Kafka at kafka:9092" == str(connection)


def test_addresses() -> None:
    """A server is HOST:PORT, and may be an IPv6 address or lack the port."""
    connection = KafkaConnection(["a:1", "[::1]:2", "b"])
    assert [("a", 1), ("::1", 2), ("b", 9092)] == connection.addresses


def test_user_and_password_count_only_with_sasl() -> None:
    """A client that is told a mechanism would use it."""
    plain = KafkaConnection(["a:1"], sasl_username="sync", sasl_password="secret")
    assert {"security_protocol": "PLAINTEXT", "ssl_context": None} == plain.arguments(plain.tls())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"security_protocol": "HTTPS"}, "the security protocol is one of"),
        ({"security_protocol": "SASL_SSL"}, "needs a user name and a password"),
        (
            {"security_protocol": "SASL_SSL", "sasl_mechanism": "GSSAPI"},
            "the SASL mechanism is one of",
        ),
    ],
)
def test_what_can_not_be_right_is_refused(arguments: dict[str, str], message: str) -> None:
    """At once, not when it connects."""
    with pytest.raises(ValueError, match=message):
        KafkaConnection(["a:1"], **arguments)  # type: ignore[arg-type] # names from a table


def test_a_connection_names_a_server() -> None:
    """Without one there is nothing to connect to."""
    with pytest.raises(ValueError, match="no Kafka server"):
        KafkaConnection([])


def test_files_that_can_not_be_loaded_are_named(tmp_path: Path) -> None:
    """The error says which files to look at."""
    (tmp_path / "ca.pem").write_text("no certificate")
    connection = KafkaConnection(["a:1"], security_protocol="SSL", ssl_cafile=tmp_path / "ca.pem")
    with pytest.raises(LogUnavailableError, match=r"ca\.pem"):
        connection.tls()


def test_a_certificate_of_ours_is_loaded(tmp_path: Path) -> None:
    """For a cluster that knows its clients by certificate."""
    issued = trustme.CA().issue_cert("client")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    connection = KafkaConnection(
        ["a:1"], security_protocol="SSL", ssl_certfile=tmp_path / "client.pem"
    )
    assert connection.tls() is not None
