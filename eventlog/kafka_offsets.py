"""Where partitions begin and end, asked of their leaders: one request for each broker."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka.protocol.offset import OffsetRequest

from eventlog.kafka_cluster import Cluster, Layout
from eventlog.kafka_errors import can_be_retried, code_name
from eventlog.kafka_topics import Creation, ensure
from eventlog.log import LogUnavailableError, Partition

BEGIN: Final = -2
END: Final = -1

_CONSUMER: Final = -1
_ALL_ACKNOWLEDGED: Final = 0
_ANSWER_SECONDS: Final = 3.0
_LAYOUT_SECONDS: Final = 30.0
_GIVE_UP_SECONDS: Final = 3.0
_BACKOFF: Final = 0.1


async def offsets(cluster: Cluster, creation: Creation, which: int) -> dict[Partition, int]:
    """The begins or the ends of all partitions of the cluster's topics.

    An end counts what is acknowledged: a new leader that does not know yet how far that is refuses,
    and is asked again. Raises LogUnavailableError.
    """
    give_up_at = time.monotonic() + _GIVE_UP_SECONDS
    is_fresh = False
    while True:
        try:
            layout = await _layout(cluster, creation, fresh=is_fresh)
            return await _offsets(cluster, layout, which)
        except LogUnavailableError:
            if time.monotonic() > give_up_at:
                raise
        is_fresh = True
        await asyncio.sleep(_BACKOFF)


async def _offsets(cluster: Cluster, layout: Layout, which: int) -> dict[Partition, int]:
    by_node = layout.led(layout.leaders)
    if -1 in by_node:
        raise _leaderless(cluster, by_node[-1])
    found = await asyncio.gather(
        *(_ask(cluster, node, asked, which) for node, asked in by_node.items())
    )
    return {place: offset for part in found for place, offset in part.items()}


async def _layout(cluster: Cluster, creation: Creation, *, fresh: bool) -> Layout:
    layout = cluster.layout
    if layout is None or layout.refused or fresh:
        return (await ensure(cluster, creation))[0]
    if time.monotonic() - layout.moment > _LAYOUT_SECONDS:
        return await cluster.refresh()
    return layout


async def _ask(
    cluster: Cluster, node: int, partitions: Sequence[Partition], which: int
) -> Mapping[Partition, int]:
    topics: dict[str, list[tuple[int, int]]] = {}
    for name, number in partitions:
        topics.setdefault(name, []).append((number, which))
    request = OffsetRequest(_CONSUMER, _ALL_ACKNOWLEDGED, list(topics.items()))
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
