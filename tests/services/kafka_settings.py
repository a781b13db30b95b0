"""What a broker of the tests is told: quick to start, small, and strict about topics."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import trustme
from cryptography.hazmat.primitives import serialization

USER: Final = "sync"
PASSWORD: Final = "correct horse"
SCRAM: Final = ("--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]")

_ALWAYS: Final = {
    "process.roles": "broker,controller",
    "inter.broker.listener.name": "INTERNAL",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.index.size.max.bytes": "131072",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
}

_LIMITING: Final = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": f"User:ANONYMOUS;User:{USER}",  # who comes by the internal listener is nobody
}


class Ports(NamedTuple):
    """For clients, for brokers among themselves, for controllers."""

    client: int
    internal: int
    controller: int


class Node(NamedTuple):
    """One broker, which is a controller, too."""

    id: int
    folder: Path
    ports: Ports


def server(
    node: Node,
    nodes: list[Node],
    certificates: Path,
    more: Mapping[str, str],
    *,
    sasl: bool,
    limited: Sequence[str] = (),
) -> str:
    """The text of `server.properties`, where `more` comes last."""
    lines = {
        **_ALWAYS,
        **_listeners(node, sasl=sasl),
        **_replication(len(nodes)),
        "node.id": str(node.id),
        "log.dirs": str(node.folder / "data"),
        "controller.quorum.voters": ",".join(
            f"{one.id}@127.0.0.1:{one.ports.controller}" for one in nodes
        ),
    }
    if sasl:
        lines |= _sasl(certificates, limited)
    if limited:
        lines |= _LIMITING
    lines |= more
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def write_certificates(folder: Path) -> None:
    """A certificate authority's `ca.pem` and the broker's key and certificate, where missing."""
    if (folder / "broker.pem").exists():
        return
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    (folder / "broker.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + b"".join(part.bytes() for part in issued.cert_chain_pems)
    )


def _listeners(node: Node, *, sasl: bool) -> dict[str, str]:
    client = f"CLIENT://127.0.0.1:{node.ports.client}"
    internal = f"INTERNAL://127.0.0.1:{node.ports.internal}"
    controller = f"CONTROLLER://127.0.0.1:{node.ports.controller}"
    protocol = "SASL_SSL" if sasl else "PLAINTEXT"
    return {
        "listeners": f"{client},{internal},{controller}",
        "advertised.listeners": f"{client},{internal},{controller}",
        "listener.security.protocol.map": (
            f"CLIENT:{protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
    }


def _replication(brokers: int) -> dict[str, str]:
    return {
        "default.replication.factor": str(brokers),
        "offsets.topic.replication.factor": str(brokers),
        "transaction.state.log.replication.factor": str(brokers),
        "min.insync.replicas": "2" if brokers > 2 else "1",
    }


def _sasl(certificates: Path, limited: Sequence[str]) -> dict[str, str]:
    users = " ".join(f'user_{user}="{PASSWORD}"' for user in (USER, *limited))
    modules = "org.apache.kafka.common.security"
    client = "listener.name.client"
    return {
        f"{client}.ssl.keystore.type": "PEM",
        f"{client}.ssl.keystore.location": str(certificates / "broker.pem"),
        f"{client}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        f"{client}.plain.sasl.jaas.config": (f"{modules}.plain.PlainLoginModule required {users};"),
        f"{client}.scram-sha-512.sasl.jaas.config": (f"{modules}.scram.ScramLoginModule required;"),
    }
