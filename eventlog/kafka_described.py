"""Topics as they are in the cluster: copies and settings, for those who look after it.

Looks only, and makes nothing. What is right is for the caller to judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.protocol.admin import DescribeConfigsRequest
from aiokafka.protocol.metadata import MetadataRequest

from eventlog.kafka_cluster import Cluster
from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_errors import UNAUTHORISED, UNKNOWN_TOPIC, code_name
from eventlog.log import LogUnavailableError

_SECONDS: Final = 10.0
_TOPIC: Final = 2


@dataclass(frozen=True, slots=True)
class Described:
    """One topic. `replicas` and `in_sync` are those of the partition that has the fewest.

    `settings` are empty where this user may not see them.
    """

    name: str
    partitions: int
    replicas: int
    in_sync: int
    leaderless: int
    settings: Mapping[str, str]

    def number(self, setting: str) -> int | None:
        """A setting that is a whole number; None where it is not known."""
        value = self.settings.get(setting, "")
        return int(value) if value.lstrip("-").isdecimal() else None


@dataclass(frozen=True, slots=True)
class Description:
    """How many brokers there are, the topics that there are, and those that there are not."""

    brokers: int
    topics: Sequence[Described]
    missing: Sequence[str]


async def describe(connection: KafkaConnection, topics: Sequence[str]) -> Description:
    """What the cluster says of topics by their full names. Raises LogUnavailableError."""
    cluster = Cluster(connection, topics, "voucherify-sync-doctor")
    try:
        request = MetadataRequest(list(topics), allow_auto_topic_creation=False)
        answer = await cluster.ask_any(request, seconds=_SECONDS)
        there = [topic for code, topic, *_ in answer.topics if not code]
        settings = await _settings(cluster, there) if there else {}
    finally:
        await cluster.close()
    refused = {topic: code for code, topic, *_ in answer.topics if code not in (0, UNKNOWN_TOPIC)}
    if refused:
        topic, code = min(refused.items())
        mend = "allow this user to describe it" if code in UNAUTHORISED else "look at the brokers"
        raise LogUnavailableError(
            f"{connection}: topic {topic} can't be looked at: {code_name(code)}; {mend}"
        )
    return Description(
        brokers=len(answer.brokers),
        topics=[
            _described(topic, parts, settings.get(topic, {}))
            for code, topic, _, parts in answer.topics
            if not code
        ],
        missing=sorted(topic for code, topic, *_ in answer.topics if code),
    )


async def _settings(cluster: Cluster, topics: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    request = DescribeConfigsRequest([(_TOPIC, topic, None) for topic in topics])
    answer = await cluster.ask_any(request, seconds=_SECONDS)
    return {
        name: {entry[0]: entry[1] or "" for entry in entries}
        for code, _, _, name, entries in answer.resources
        if not code
    }


def _described(topic: str, parts: Sequence[Any], settings: Mapping[str, str]) -> Described:
    return Described(
        name=topic,
        partitions=len(parts),
        replicas=min((len(replicas) for _, _, _, replicas, *_ in parts), default=0),
        in_sync=min((len(in_sync) for _, _, _, _, in_sync, *_ in parts), default=0),
        leaderless=sum(leader < 0 for _, _, leader, *_ in parts),
        settings=settings,
    )
