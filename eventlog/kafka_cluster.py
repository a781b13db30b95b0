"""Connections to the brokers of one Kafka cluster, and which of them leads what.

Stands on aiokafka's connection and protocol and under writer and reader. There is no task in the
background here: whoever asks waits, always within a limit, and gets an answer or a
LogUnavailableError. aiokafka's own client, producer and consumer were not used: they retry without
an end, and can't be stopped within a limit while a broker hangs.
"""

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aiokafka import errors
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from eventlog.kafka_connection import Address, KafkaConnection
from eventlog.kafka_errors import unavailable
from eventlog.kafka_exchange import Answered, Exchange
from eventlog.log import LogUnavailableError, Partition

_CONNECT_SECONDS: Final = 3.0
_METADATA_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 1.0
_NEVER_MS: Final = 3_600_000  # aiokafka's limit of a request; ours end earlier

_BROKER_ERRORS: Final = (errors.KafkaError, OSError, TimeoutError, EOFError, NotImplementedError)


class Layout(NamedTuple):
    """What the cluster said about itself and our topics at a moment (`time.monotonic()`).

    `leaders` has -1 for a partition without a leader, `refused` the error code of each topic that
    the cluster says nothing more of.
    """

    cluster: str | None
    brokers: Mapping[int, Address]
    controller: int
    partitions: Mapping[str, int]
    leaders: Mapping[Partition, int]
    refused: Mapping[str, int]
    moment: float

    def led(self, partitions: Iterable[Partition]) -> dict[int, list[Partition]]:
        """The partitions by the broker that leads them, -1 for those without a leader."""
        by_node: dict[int, list[Partition]] = defaultdict(list)
        for partition in partitions:
            by_node[self.leaders.get(partition, -1)].append(partition)
        return by_node


@dataclass(slots=True, eq=False)
class _Link:
    connection: Any
    transport: asyncio.Transport
    exchange: Exchange | None = None

    def cut(self) -> "asyncio.Future[None]":
        """Close without waiting for the other side, which may hang."""
        closed: asyncio.Future[None] = self.connection.close()
        self.transport.abort()
        return closed


class Cluster:
    """The cluster behind `connection`, as far as `topics` (full names) go. Of one event loop.

    Connections are made when first needed, one for each broker and purpose: a broker answers the
    requests of one connection in their order, so a question must not stand behind a long poll.
    """

    def __init__(self, connection: KafkaConnection, topics: Sequence[str], name: str) -> None:
        self.connection = connection
        self.topics = tuple(topics)
        self.layout: Layout | None = None
        self._name = name
        self._tls: ssl.SSLContext | None = None
        self._links: dict[tuple[Address, str], _Link] = {}
        self._locks: dict[tuple[Address, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._answered: Address | None = None
        self._cut: set[asyncio.Future[None]] = set()

    async def refresh(self) -> Layout:
        """Ask any broker how things stand. Raises LogUnavailableError if none answers."""
        self.layout = await self.look(self.topics)
        return self.layout

    async def look(self, topics: Sequence[str]) -> Layout:
        """How things stand with any topics. Raises LogUnavailableError."""
        request = MetadataRequest(list(topics), allow_auto_topic_creation=False)
        return _layout(await self.ask_any(request, seconds=_METADATA_SECONDS))

    async def ask_any(self, request: Any, *, seconds: float) -> Any:
        """The answer of the first broker that gives one. Raises LogUnavailableError."""
        problem: LogUnavailableError | None = None
        for address in self._candidates():
            try:
                answer = await self.ask_at(address, request, "any", seconds=seconds)
            except LogUnavailableError as away:
                problem = problem or away
            else:
                self._answered = address
                return answer
        raise problem or LogUnavailableError(f"{self.connection}: no broker is known")

    async def ask(self, node: int, request: Any, purpose: str, *, seconds: float) -> Any:
        """The answer of one broker. Raises LogUnavailableError."""
        return await self.ask_at(self._address(node), request, purpose, seconds=seconds)

    def ask_linked(
        self, node: int, request: Any, purpose: str, answered: Answered, *, seconds: float
    ) -> None:
        """As `ask`, but without a task, and never over a connection that is newer than `link`.

        `answered` gets the answer or a LogUnavailableError, later. Raises LogUnavailableError. A
        purpose is asked for in one of the two ways only.
        """
        address = self._address(node)
        link = self._links.get((address, purpose))
        if link is None or not link.connection.connected():
            raise unavailable(self.connection, address, ConnectionResetError("closed"))
        if link.exchange is None:
            link.exchange = Exchange(link.connection)

        def hand_over(answer: Any, error: BaseException | None) -> None:
            answered(answer, error and unavailable(self.connection, address, error))

        link.exchange.ask(request, hand_over, seconds=seconds)

    def is_linked(self, node: int, purpose: str) -> bool:
        """Whether there is a connection to this broker, which then has been up all the time."""
        address = self.layout.brokers.get(node) if self.layout else None
        link = self._links.get((address, purpose)) if address else None
        return bool(link and link.connection.connected())

    async def link(self, node: int, purpose: str) -> None:
        """Connect to one broker, if it is not. Raises LogUnavailableError."""
        address = self._address(node)
        try:
            await self._link((address, purpose))
        except _BROKER_ERRORS as error:
            raise unavailable(self.connection, address, error) from error

    async def reach_leaders(self) -> None:
        """See that all who lead something can be connected to. Raises LogUnavailableError."""
        leaders = set(self.layout.leaders.values()) if self.layout else set()
        await asyncio.gather(*(self.link(node, "any") for node in leaders if node >= 0))

    async def ask_at(self, address: Address, request: Any, purpose: str, *, seconds: float) -> Any:
        """The answer of the broker at an address. Raises LogUnavailableError."""
        key = (address, purpose)
        link: _Link | None = None
        try:
            link = await self._link(key)
            async with asyncio.timeout(seconds):
                return await link.connection.send(request)
        except _BROKER_ERRORS as error:
            # Somebody else may have made a new one meanwhile.
            if link and link is self._links.get(key):
                self._drop(key)
            raise unavailable(self.connection, address, error) from error

    def cut(self, purpose: str) -> None:
        """Close the connections of one purpose; the next question makes new ones."""
        for key in [key for key in self._links if key[1] == purpose]:
            self._drop(key)

    async def close(self) -> None:
        """Close all connections. A later question makes new ones."""
        for key in list(self._links):
            self._drop(key)
        if self._cut:
            await asyncio.wait(self._cut, timeout=_CLOSE_SECONDS)

    def _address(self, node: int) -> Address:
        address = self.layout.brokers.get(node) if self.layout else None
        if address is None:
            raise LogUnavailableError(f"{self.connection}: broker {node} is not there now")
        return address

    def _candidates(self) -> list[Address]:
        """The one that answered last comes first: the others may be those that hang."""
        known = list(self.layout.brokers.values()) if self.layout else []
        first = [self._answered] if self._answered else []
        return list(dict.fromkeys([*first, *known, *self.connection.addresses]))

    async def _link(self, key: tuple[Address, str]) -> _Link:
        async with self._locks[key]:
            link = self._links.get(key)
            if link and link.connection.connected():
                return link
            self._drop(key)
            self._links[key] = await self._connect(key[0])
            return self._links[key]

    async def _connect(self, address: Address) -> _Link:
        if self._tls is None:
            self._tls = self.connection.tls()
        connection = AIOKafkaConnection(
            *address,
            client_id=self._name,
            request_timeout_ms=_NEVER_MS,
            **self.connection.arguments(self._tls),
        )
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, writer = await connection.connect()
        except BaseException as error:
            self._tls = None  # its files may be mended meanwhile
            _abort(connection)
            if isinstance(error, Exception) and not isinstance(error, _BROKER_ERRORS):
                # An answer that is no Kafka's trips aiokafka in many ways.
                raise unavailable(self.connection, address, error) from error
            raise
        return _Link(connection, writer.transport)

    def _drop(self, key: tuple[Address, str]) -> None:
        link = self._links.pop(key, None)
        if link:
            closed = link.cut()
            self._cut.add(closed)
            closed.add_done_callback(self._cut.discard)


def _abort(connection: Any) -> None:
    """End what a connection that never came to be has left: TLS would wait for a farewell."""
    with suppress(AttributeError):
        connection._protocol._transport.abort()


def _layout(answer: Any) -> Layout:
    partitions: dict[str, int] = {}
    leaders: dict[Partition, int] = {}
    refused: dict[str, int] = {}
    for code, topic, _, found in answer.topics:
        if code:
            refused[topic] = code
            continue
        partitions[topic] = len(found)
        for _, number, leader, *_ in found:
            leaders[Partition(topic, number)] = leader
    brokers = {node: (host, port) for node, host, port, _ in answer.brokers}
    cluster = getattr(answer, "cluster_id", None)
    now = time.monotonic()
    return Layout(cluster, brokers, answer.controller_id, partitions, leaders, refused, now)
