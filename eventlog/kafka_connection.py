"""How to reach a Kafka cluster: addresses, TLS, user and password.

Only values and what they become for the client; nothing connects here.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eventlog.log import LogUnavailableError

_PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Names and values are those of every Kafka client; `servers` are `HOST:PORT`.

    User and password count only with a SASL protocol, the files only with an SSL one; the password
    is never part of its repr. Raises ValueError where it can't be right.
    """

    servers: Sequence[str]
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None

    def __post_init__(self) -> None:
        if not self.servers:
            raise ValueError("no Kafka server is named")
        if self.security_protocol not in _PROTOCOLS:
            raise ValueError(f"the security protocol is one of {', '.join(_PROTOCOLS)}")
        if self.sasl:
            if self.sasl_mechanism not in _MECHANISMS:
                raise ValueError(f"the SASL mechanism is one of {', '.join(_MECHANISMS)}")
            if self.sasl_username is None or self.sasl_password is None:
                raise ValueError(f"{self.security_protocol} needs a user name and a password")

    @property
    def sasl(self) -> bool:
        """Whether a user name and a password are sent."""
        return self.security_protocol.startswith("SASL")

    @property
    def addresses(self) -> list[Address]:
        """Where to ask first."""
        return [_address(server) for server in self.servers]

    def __str__(self) -> str:
        return f"Kafka at {','.join(self.servers)}"

    def tls(self) -> ssl.SSLContext | None:
        """What the links are encrypted with, made of the files. Raises LogUnavailableError."""
        if not self.security_protocol.endswith("SSL"):
            return None
        try:
            context = ssl.create_default_context(cafile=self.ssl_cafile)
            if self.ssl_certfile:
                # A key with a passphrase would make OpenSSL ask for it on the terminal.
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, password=lambda: "")
        except (OSError, ValueError) as error:
            files = (self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile)
            named = ", ".join(str(path) for path in files if path)
            raise LogUnavailableError(
                f"{self}: certificates or key can't be loaded ({error}): check {named}"
            ) from error
        return context

    def arguments(self, tls: ssl.SSLContext | None) -> dict[str, Any]:
        """Arguments of aiokafka's connections and clients."""
        arguments: dict[str, Any] = {
            "security_protocol": self.security_protocol,
            "ssl_context": tls,
        }
        if self.sasl:
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password,
            }
        return arguments


def _address(server: str) -> Address:
    host, colon, port = server.rpartition(":")
    if not colon or not port.isdecimal():
        return server.strip("[]"), 9092
    return host.strip("[]"), int(port)
