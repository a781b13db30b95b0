"""A real Kafka on this machine: brokers in KRaft mode as child processes, to be killed and paused.

Plain methods that block, for fixtures, benchmarks and chaos tests alike. Data and ports stay the
same from one start to the next.
"""

import random
import shutil
import signal
import socket
import struct
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.services import kafka_jars, kafka_settings
from tests.services.kafka_settings import Node, Ports

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 10
_JVM: Final = (
    "-Xms64m",
    "-Xmx320m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dlog4j2.level=ERROR",
)


class Kafka:
    """`brokers` brokers with their data under `folder`; three of them need two to acknowledge.

    With `sasl`, `servers` speaks SASL_SSL: PLAIN and SCRAM-SHA-512, for `USER` and `PASSWORD` of
    `kafka_settings`, with a certificate that `cafile` vouches for. `plain_servers` never does.
    `limited` are further users, by PLAIN, who may do nothing but what they are allowed.
    `settings` are further lines of `server.properties`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        brokers: int = 1,
        sasl: bool = False,
        limited: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.cafile = folder / "ca.pem"
        self._sasl = sasl
        self._limited = limited
        self._settings = settings or {}
        self._cluster_id = _cluster_id()
        self._nodes = [
            Node(number + 1, folder / f"node-{number + 1}", Ports(*_free_ports(3)))
            for number in range(brokers)
        ]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def servers(self) -> str:
        """HOST:PORT[,HOST:PORT...] for clients."""
        return ",".join(f"127.0.0.1:{node.ports.client}" for node in self._nodes)

    @property
    def plain_servers(self) -> str:
        """The same brokers without TLS and passwords."""
        return ",".join(f"127.0.0.1:{node.ports.internal}" for node in self._nodes)

    def start(self, node: int | None = None) -> None:
        """Start what does not run, and return when it answers."""
        begun = [one for one in self._chosen(node) if one.id not in self._processes]
        for one in begun:
            self._start(one)
        for one in begun:
            self._wait_until_it_answers(one)

    def kill(self, node: int | None = None) -> None:
        """End it at once, as a power cut would."""
        self._end(node, signal.SIGKILL)

    def stop(self, node: int | None = None) -> None:
        """End it in good order."""
        self._end(node, signal.SIGTERM)

    def pause(self, node: int | None = None) -> None:
        """Let it hang: connections stay, nothing answers."""
        self._signal(node, signal.SIGSTOP)

    def resume(self, node: int | None = None) -> None:
        """Let it go on after a pause."""
        self._signal(node, signal.SIGCONT)

    def wipe(self) -> None:
        """Take away all that stopped brokers know. They start as a new, empty cluster."""
        for node in self._nodes:
            shutil.rmtree(node.folder / "data")

    def _chosen(self, node: int | None) -> list[Node]:
        return [one for one in self._nodes if node is None or one.id == node]

    def _start(self, node: Node) -> None:
        settings = node.folder / "server.properties"
        if not (node.folder / "data").is_dir():
            self._format(node, settings)
        with (node.folder / "broker.log").open("ab") as output:
            self._processes[node.id] = subprocess.Popen(
                [*_java(), "kafka.Kafka", str(settings)], stdout=output, stderr=output
            )

    def _format(self, node: Node, settings: Path) -> None:
        (node.folder / "data").mkdir(parents=True)
        if self._sasl:
            kafka_settings.write_certificates(self.folder)
        settings.write_text(
            kafka_settings.server(
                node,
                self._nodes,
                self.folder,
                self._settings,
                sasl=self._sasl,
                limited=self._limited,
            )
        )
        arguments = ["-t", self._cluster_id, "-c", str(settings), *kafka_settings.SCRAM]
        done = subprocess.run(
            [*_java(), "kafka.tools.StorageTool", "format", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the broker's storage could not be made: {done.stderr[-2000:]}")

    def _wait_until_it_answers(self, node: Node) -> None:
        give_up_at = time.monotonic() + _START_SECONDS
        while not _answers(node.ports.internal):
            if self._processes[node.id].poll() is not None or time.monotonic() > give_up_at:
                self.kill(node.id)
                said = (node.folder / "broker.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"broker {node.id} did not start: {said}")
            time.sleep(0.05)

    def _signal(self, node: int | None, number: signal.Signals) -> None:
        for one in self._chosen(node):
            if one.id in self._processes:
                self._processes[one.id].send_signal(number)

    def _end(self, node: int | None, number: signal.Signals) -> None:
        self._signal(node, number)
        self._signal(node, signal.SIGCONT)  # one that is paused would not hear it
        for one in self._chosen(node):
            process = self._processes.pop(one.id, None)
            if process is not None:
                _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _java() -> list[str]:
    return [kafka_jars.java(), *_JVM, "-cp", f"{kafka_jars.jars()}/*"]


def _cluster_id() -> str:
    """A new one, without a dash in front, which the program would take for an option."""
    return "a" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:].rstrip("=")


def _free_ports(count: int) -> list[int]:
    """Below those that the system gives to clients: one of them might take a killed broker's."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def _answers(port: int) -> bool:
    """Whether a broker there answers a request for its API versions."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8)) == 8
    except OSError:
        return False
