"""The read side of the log on Kafka: one copy of a consumer group, from the caller's positions.

The group only says which partitions this copy reads (`kafka_member.py`); from where it reads comes
with each `read`, never from the offsets that the group keeps. Ends and begins are asked over
connections of their own, so that they do not wait behind a long poll.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from eventlog import kafka_offsets
from eventlog.kafka_alone import Alone
from eventlog.kafka_cluster import Cluster
from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_fetch import Fetching
from eventlog.kafka_member import Member, Timing
from eventlog.kafka_topics import Creation
from eventlog.log import (
    AssignmentChangedError,
    LogUnavailableError,
    Partition,
    PositionLostError,
    Record,
)

_CLOSE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Parts:
    cluster: Cluster
    member: Member | Alone
    fetching: Fetching
    being_a_member: asyncio.Task[None]


class KafkaReader:
    """LogReader of `topics`, which are made where they do not exist. Of one event loop.

    Nothing connects before the first call. `begins` and `ends` need no membership; a reader that is
    never read from does not join the group. One without a group is given all partitions.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        topics: Sequence[str],
        group: str | None = "voucherify-sync",
        creation: Creation | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._connection = connection
        self._topics = topics
        self._group = group
        self._creation = creation or Creation()
        self._timing = timing
        self._cluster: Cluster | None = None
        self._parts: _Parts | None = None
        self._wake = asyncio.Event()
        self._seen = 0
        self._is_behind = False
        self._closed = False

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader. A copy that is given no partition waits and returns nothing.

        Raises AssignmentChangedError at the first share, too, and after each rebalance.
        """
        give_up_at = time.monotonic() + wait
        parts = self._start()
        parts.member.touch()
        while True:
            self._wake.clear()
            records = await self._look(parts, positions, limit)
            left = give_up_at - time.monotonic()
            if records or left <= 0:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()
        problem = parts.member.problem or parts.fetching.problem()
        if problem and not records:
            raise LogUnavailableError(problem)
        return records

    async def begins(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return await kafka_offsets.offsets(self._open(), self._creation, kafka_offsets.BEGIN)

    async def ends(self) -> Mapping[Partition, int]:
        """See LogReader. What is acknowledged counts, and nothing behind it."""
        return await kafka_offsets.offsets(self._open(), self._creation, kafka_offsets.END)

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """See LogReader. Told to the group every few seconds, in the background."""
        if self._parts:
            self._parts.member.report(applied)

    async def trim(
        self,
        applied: Mapping[Partition, int],  # noqa: ARG002 # as the seam has it
        *,
        older_than_seconds: float,  # noqa: ARG002 # as the seam has it
    ) -> int:
        """See LogReader. Kafka's topics have a retention of their own."""
        return 0

    async def close(self) -> None:
        """See LogReader. Leaves the group, so that other copies take over at once."""
        self._closed = True
        parts, self._parts = self._parts, None
        cluster, self._cluster = self._cluster, None
        self._wake.set()
        if parts:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await parts.member.commit()
            parts.being_a_member.cancel()
            with suppress(asyncio.CancelledError):
                await parts.being_a_member
            await parts.member.leave()
            await parts.fetching.close()
        if cluster:
            await cluster.close()

    def _open(self) -> Cluster:
        if self._closed:
            raise LogUnavailableError(f"{self._connection}: the log is closed")
        if self._cluster is None:
            topics = self._creation.full(self._topics)
            self._cluster = Cluster(self._connection, topics, "voucherify-sync")
        return self._cluster

    def _start(self) -> _Parts:
        cluster = self._open()
        if self._parts is None:
            member = self._member(cluster)
            fetching = Fetching(cluster, self._creation.prefix, arrived=self._wake.set)
            self._parts = _Parts(cluster, member, fetching, asyncio.create_task(member.run()))
        return self._parts

    def _member(self, cluster: Cluster) -> Member | Alone:
        if self._group is None:
            return Alone(cluster, self._creation, changed=self._wake.set)
        return Member(
            cluster, self._creation, self._group, changed=self._wake.set, timing=self._timing
        )

    async def _look(
        self, parts: _Parts, positions: Mapping[Partition, int], limit: int
    ) -> list[Record]:
        """What is here from these positions; where that is nothing or much, more is fetched."""
        assignment = parts.member.assignment
        if self._closed:
            raise LogUnavailableError(f"{self._connection}: the log is closed")
        if assignment is None:
            return []
        if assignment.number != self._seen:
            self._seen = assignment.number
            parts.fetching.assign(assignment.partitions)
            raise AssignmentChangedError(f"{len(assignment.partitions)} partitions are given now")
        if parts.fetching.doubtful:
            parts.fetching.doubtful = False
            raise AssignmentChangedError("a topic was not there: it may be another one now")
        records = parts.fetching.take(positions, limit)
        was_behind, self._is_behind = self._is_behind, len(records) >= limit
        if not records or self._is_behind or was_behind:
            # Who keeps up is given, the next time, all that has arrived by then at once: what was
            # asked for now would be answered with the first record, and the others come later.
            behind = {record.partition: record.offset + 1 for record in records}
            parts.fetching.begin({**positions, **behind})
        await self._refuse_lost(parts.fetching, positions)
        return records

    async def _refuse_lost(self, fetching: Fetching, positions: Mapping[Partition, int]) -> None:
        """Raise PositionLostError where a broker refused a position, and it is not there indeed.

        One that is there by now makes the caller begin anew: a topic may have been made anew.
        """
        suspected = {
            place: at for place, at in fetching.lost.items() if positions.get(place, 0) == at
        }
        if not suspected:
            return
        begins, ends = await self.begins(), await self.ends()
        lost = [
            place
            for place, at in suspected.items()
            if not begins.get(place, 0) <= at <= ends.get(place, 0)
        ]
        if lost:
            place = min(lost)
            span = begins.get(place, 0), ends.get(place, 0)
            raise _lost(place, suspected[place], span, len(lost) - 1)
        for place in suspected:
            del fetching.lost[place]
        raise AssignmentChangedError(
            "a position was refused and is there now: maybe of another log"
        )


def _lost(place: Partition, at: int, span: tuple[int, int], more: int) -> PositionLostError:
    cause = (
        "its retention passed before it was applied"
        if at < span[0]
        else "the topic was deleted and made anew, or the cluster lost data"
    )
    others = f" ({more} more partitions are as well)" if more else ""
    return PositionLostError(
        f"{place.name}/{place.number} has no record {at} any more{others}, but {span[0]} to "
        f"{span[1]}: "
        f"{cause}. `voucherify-sync positions skip-lost` goes on with what is there"
    )
