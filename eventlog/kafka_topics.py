"""Which topics must be there, and their creation where they are not.

An existing topic is taken as it is, whatever its partitions and settings are.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiokafka.protocol.admin import CreateTopicsRequest

from eventlog.kafka_cluster import Cluster, Layout
from eventlog.kafka_errors import (
    INVALID_REPLICATION,
    TOPIC_EXISTS,
    UNAUTHORISED,
    UNKNOWN_TOPIC,
    code_name,
)
from eventlog.log import LogUnavailableError

log = structlog.get_logger()

_CREATE_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.05
_LOOKS: Final = 60

# A body may have a megabyte, and headers come on top: more than Kafka's own default.
_SETTINGS: Final = [("max.message.bytes", str(2 * 1024 * 1024))]


@dataclass(frozen=True, slots=True)
class Creation:
    """How topics are made that do not exist yet.

    `replication` None leaves it to the brokers; `prefix` stands before every topic's name in Kafka.
    Who only looks makes none: `refused`.
    """

    partitions: int = 12
    replication: int | None = None
    prefix: str = ""
    refused: bool = False

    def full(self, topics: Sequence[str]) -> tuple[str, ...]:
        """The names of these topics in Kafka."""
        return tuple(self.prefix + topic for topic in topics)


async def ensure(cluster: Cluster, creation: Creation) -> tuple[Layout, bool]:
    """See that all the cluster's topics exist, or can be made; say whether one had to be.

    Raises LogUnavailableError.
    """
    layout = await cluster.refresh()
    missing = _missing(cluster, layout)
    if missing and creation.refused:
        raise LogUnavailableError(
            f"{cluster.connection}: there is no topic {missing[0]}: check the topics' prefix "
            "(--topic-prefix); the first start of the receiver or the handlers makes them"
        )
    if missing:
        await _create(cluster, layout, missing, creation)
        layout = await _wait_for_leaders(cluster)
    return layout, bool(missing)


def leaderless(layout: Layout) -> list[str]:
    """Partitions that nobody leads now: what belongs there can't be written or read."""
    return sorted(f"{name}/{number}" for (name, number), led in layout.leaders.items() if led < 0)


def _missing(cluster: Cluster, layout: Layout) -> list[str]:
    missing = []
    for topic, code in layout.refused.items():
        if code == UNKNOWN_TOPIC:
            missing.append(topic)
        elif code in UNAUTHORISED:
            raise LogUnavailableError(
                f"{cluster.connection}: topic {topic} may not be used: allow this user to "
                "describe, read and write it"
            )
        else:
            raise LogUnavailableError(
                f"{cluster.connection}: topic {topic} can't be used: {code_name(code)}"
            )
    return missing


async def _create(
    cluster: Cluster, layout: Layout, missing: Sequence[str], creation: Creation
) -> None:
    replication = -1 if creation.replication is None else creation.replication
    wanted: list[Any] = [
        (topic, creation.partitions, replication, [], _SETTINGS) for topic in missing
    ]
    request = CreateTopicsRequest(wanted, round(_CREATE_SECONDS * 1000), False)
    answer = await cluster.ask(layout.controller, request, "create", seconds=_CREATE_SECONDS + 1)
    for topic, code, _ in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):
            raise LogUnavailableError(
                f"{cluster.connection}: topic {topic} can't be created: {_mend(code, creation)}"
            )
    cluster.cut("create")
    log.info("topics_created", topics=missing, partitions=creation.partitions)


def _mend(code: int, creation: Creation) -> str:
    if code in UNAUTHORISED:
        return f"{code_name(code)}; create it, or allow this user to"
    if code == INVALID_REPLICATION:
        asked = creation.replication or "the brokers' default"
        return f"{code_name(code)}; a replication of {asked} needs as many brokers"
    return code_name(code)


async def _wait_for_leaders(cluster: Cluster) -> Layout:
    """What is created takes a moment to be known by every broker."""
    for _ in range(_LOOKS):
        layout = await cluster.refresh()
        if not layout.refused and not leaderless(layout):
            return layout
        await asyncio.sleep(_LOOK_SECONDS)
    raise LogUnavailableError(f"{cluster.connection}: new topics have no leader yet")
