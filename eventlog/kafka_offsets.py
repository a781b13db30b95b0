"""Where partitions begin and end, asked of their leaders: one request for each broker."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka.protocol.offset import OffsetRequest

from eventlog import kafka_wire
from eventlog.kafka_cluster import Cluster, Layout
from eventlog.kafka_errors import can_be_retried, code_name
from eventlog.kafka_topics import Creation, ensure
from eventlog.log import LogUnavailableError, Partition

BEGIN: Final = -2
END: Final = -1

_CONSUMER: Final = -1
_ALL_ACKNOWLEDGED: Final = 0
_ANSWER_SECONDS: Final = 3.0
_GIVE_UP_SECONDS: Final = 3.0
_BACKOFF: Final = 0.1


async def offsets(cluster: Cluster, creation: Creation, which: int) -> dict[Partition, int]:
    """The begins or the ends of all partitions of the cluster's topics.

    Asked of where partitions are now: writers may know more of them than there were a moment ago.
    An end counts what is acknowledged: a new leader that does not know yet how far that is refuses,
    and is asked again. Raises LogUnavailableError.
    """
    give_up_at = time.monotonic() + _GIVE_UP_SECONDS
    while True:
        try:
            layout, _ = await ensure(cluster, creation)
            return await _offsets(cluster, layout, which)
        except LogUnavailableError:
            if time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(_BACKOFF)


async def _offsets(cluster: Cluster, layout: Layout, which: int) -> dict[Partition, int]:
    by_node = layout.led(layout.leaders)
    if -1 in by_node:
        raise _leaderless(cluster, by_node[-1])
    found = await asyncio.gather(
        *(_ask(cluster, node, asked, which) for node, asked in by_node.items())
    )
    return {place: offset for part in found for place, offset in part.items()}


async def _ask(
    cluster: Cluster, node: int, partitions: Sequence[Partition], which: int
) -> Mapping[Partition, int]:
    topics = kafka_wire.by_topic((partition, which) for partition in partitions)
    request = OffsetRequest(_CONSUMER, _ALL_ACKNOWLEDGED, topics)
    answer = await cluster.ask(node, request, "offsets", seconds=_ANSWER_SECONDS)
    found: dict[Partition, int] = {}
    for name, parts in answer.topics:
        for number, code, _, offset in parts:
            if code:
                hint = "" if can_be_retried(code) else ": check the topic and this user's rights"
                raise LogUnavailableError(
                    f"{cluster.connection} gives no offsets of {name}/{number}: "
                    f"{code_name(code)}{hint}"
                )
            found[Partition(name, number)] = offset
    return found


def _leaderless(cluster: Cluster, partitions: Sequence[Partition]) -> LogUnavailableError:
    name, number = partitions[0]
    return LogUnavailableError(
        f"{cluster.connection}: {len(partitions)} partitions have no leader, such as "
        f"{name}/{number}: check that all brokers run"
    )
