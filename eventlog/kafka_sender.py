"""Sends what waits in the lanes, one request for each broker at a time, for as long as it runs.

Stands between `kafka_writer.py`, which takes messages, and the cluster. It keeps what it needs to
send (where the leaders are, an identity by which the brokers drop what comes twice) in order in the
background and begins anew with whatever is lost of it. No failure ends it.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final

import structlog
from aiokafka.protocol.transaction import InitProducerIdRequest

from eventlog import kafka_produce, metrics
from eventlog.kafka_cluster import Cluster, Layout
from eventlog.kafka_errors import (
    DUPLICATE,
    NOT_ENOUGH_REPLICAS,
    OUT_OF_SEQUENCE,
    TOO_LARGE,
    can_be_retried,
    code_name,
)
from eventlog.kafka_lanes import Identity, Lane, Letter, Load, still_wanted
from eventlog.kafka_outage import Outage
from eventlog.kafka_packing import Batch, Producer
from eventlog.kafka_partitioner import number
from eventlog.kafka_topics import Creation, ensure
from eventlog.log import LogUnavailableError, Partition

log = structlog.get_logger()

_EXPIRE_SECONDS: Final = 5.0
_LAYOUT_SECONDS: Final = 30.0
_TICK_SECONDS: Final = 0.5
_FIRST_BACKOFF: Final = 0.1
_MOST_BACKOFF: Final = 1.0
_ATTEMPTS_WITHOUT_A_WORD: Final = 3
_REQUEST_BYTES: Final = 8 * 1024 * 1024
_PURPOSE: Final = "produce"
_NO_TRANSACTION_MS: Final = 2**31 - 1


class Sender:
    """Of one event loop. `run` until cancelled; `put` gives it work."""

    def __init__(self, cluster: Cluster, creation: Creation, outage: Outage) -> None:
        self.loop = asyncio.get_running_loop()
        self._cluster = cluster
        self._creation = creation
        self._outage = outage
        self._is_running = False
        self._wake = asyncio.Event()
        self._ticking: asyncio.TimerHandle | None = None
        self._arrived: list[Letter] = []
        self._lanes: dict[Partition, Lane] = {}
        self._tend_due = 0.0
        self.load = Load()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unreached: set[int] = set()
        self._link_due = 0.0
        self._preparing: asyncio.Task[None] | None = None
        self._prepare_due = 0.0
        self._backoff = _FIRST_BACKOFF
        self._is_stale = True
        self._identity: Identity | None = None
        self._cluster_id: str | None = None
        self.prepared = asyncio.Event()
        self.refusal: str | None = None
        self.refused_at = float("-inf")
        self.acknowledged_at = float("-inf")

    def put(self, letters: Sequence[Letter]) -> None:
        """Send these. Whoever hands over many things in one turn of the loop fills one request.

        While each broker is busy with a request, they only gather: its end begins the next one.
        """
        self.load.add(letters)
        self._arrived += letters
        layout = self._cluster.layout
        if layout is None or len(self._busy) < len(layout.brokers):
            self._wake.set()

    def look_again(self) -> None:
        """See soon whether all is there that is needed."""
        self._is_stale = True
        self._wake.set()

    def waiting(self) -> list[Letter]:
        """All that is not written yet."""
        lanes = self._lanes.values()
        parcels = (lane.parcel.letters for lane in lanes if lane.parcel)
        return [
            *self._arrived,
            *chain.from_iterable(lane.waiting for lane in lanes),
            *chain(*parcels),
        ]

    async def run(self) -> None:
        """Send until cancelled."""
        self._is_running = True
        self._tick()
        try:
            while True:
                try:
                    await self._send()
                except Exception:
                    log.exception("log_writer_begins_anew")
                    self._begin_anew()
                    await asyncio.sleep(_MOST_BACKOFF)
        finally:
            self._is_running = False
            if self._ticking:
                self._ticking.cancel()
            await self._end_tasks()

    def _tick(self) -> None:
        """Wake up from time to time, though nothing arrives: one timer, however much is sent."""
        self._wake.set()
        self._ticking = self.loop.call_later(_TICK_SECONDS, self._tick)

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._work()

    def _work(self) -> None:
        """All that can be done now."""
        now = time.monotonic()
        if now >= self._tend_due:
            self._tend(now)
        self._prepare_if_due(now)
        layout = self._cluster.layout
        if layout and self._identity:
            self._route(layout)
            self._dispatch(layout, self._identity, now)

    def _tend(self, now: float) -> None:
        """Give up what was tried for too long, and drop what nobody waits for any more."""
        self._tend_due = now + _TICK_SECONDS / 2
        self._arrived = still_wanted(self._arrived, self.load)
        for lane in list(self._lanes.values()):
            is_expired = lane.parcel and now - lane.parcel.begun > _EXPIRE_SECONDS
            if is_expired and not lane.is_under_way:
                lane.fail(f"{self._refusal_of(lane)}, and that for {_EXPIRE_SECONDS:.0f} s")
                self._identity = None
            if not lane.purge():
                del self._lanes[lane.partition]

    def _refusal_of(self, lane: Lane) -> str:
        return (lane.parcel and lane.parcel.problem) or f"{self._cluster.connection} is away"

    # What is needed to send.

    def _prepare_if_due(self, now: float) -> None:
        if self._preparing:
            if not self._preparing.done():
                return
            done, self._preparing = self._preparing, None
            done.result()
        layout = self._cluster.layout
        is_old = layout is None or now - layout.moment > _LAYOUT_SECONDS
        if (self._is_stale or is_old or not self._identity) and now >= self._prepare_due:
            self._preparing = asyncio.create_task(self._prepare())

    async def _prepare(self) -> None:
        try:
            layout, created = await ensure(self._cluster, self._creation)
            if created or layout.cluster != self._cluster_id:
                self._forget_identity()
            self._cluster_id = layout.cluster
            if self._identity is None:
                self._identity = Identity(await self._introduce())
        except LogUnavailableError as away:
            self._outage.begin(str(away))
        else:
            self._is_stale = False
            self.prepared.set()
            self._end_outage()
        self._prepare_due = time.monotonic() + self._backoff
        self.loop.call_later(self._backoff, self._wake.set)
        self._backoff = min(2 * self._backoff, _MOST_BACKOFF)
        self._wake.set()

    async def _introduce(self) -> Producer:
        """A producer id from the cluster."""
        request = InitProducerIdRequest(None, _NO_TRANSACTION_MS)
        give_up_at = time.monotonic() + _EXPIRE_SECONDS
        while True:
            answer = await self._cluster.ask_any(request, seconds=_EXPIRE_SECONDS)
            if not answer.error_code:
                return Producer(answer.producer_id, answer.producer_epoch)
            # A cluster that has just begun has none to give for a moment.
            if not can_be_retried(answer.error_code) or time.monotonic() > give_up_at:
                raise LogUnavailableError(
                    f"{self._cluster.connection} gives no producer id: "
                    f"{code_name(answer.error_code)}"
                )
            await asyncio.sleep(_FIRST_BACKOFF)

    def _forget_identity(self) -> None:
        """Another cluster, or one that lost its data, may know others by the same identity."""
        self._identity = None
        for lane in self._lanes.values():
            lane.rewrite()

    def _end_outage(self) -> None:
        """Not while something is sent again, or a leader was not reached when last tried."""
        layout = self._cluster.layout
        if self._outage.problem is None or layout is None:
            return
        is_reached = self._unreached.isdisjoint(layout.leaders.values())
        if is_reached and not any(
            lane.parcel and lane.parcel.attempts for lane in self._lanes.values()
        ):
            self._outage.end()

    # Sending.

    def _route(self, layout: Layout) -> None:
        arrived, self._arrived = self._arrived, []
        prefix, lanes = self._creation.prefix, self._lanes
        for letter in arrived:
            name = prefix + letter.topic
            partitions = layout.partitions.get(name)
            if not partitions:
                self.load.remove((letter,))
                letter.receipt.fail(self._unknown(name))
                continue
            partition = Partition(name, number(letter.key, partitions))
            lane = lanes.get(partition)
            if lane is None:
                lane = lanes[partition] = Lane(partition, self.load)
            lane.waiting.append(letter)

    def _unknown(self, topic: str) -> str:
        if topic not in self._cluster.topics:
            return f"{self._cluster.connection}: topic {topic} is not opened here"
        self._is_stale = True
        return f"{self._cluster.connection}: topic {topic} is not there now; it is looked for again"

    def _dispatch(self, layout: Layout, identity: Identity, now: float) -> None:
        by_node: dict[int, list[Lane]] = {}
        for lane in self._lanes.values():
            if lane.is_under_way or now < lane.due:
                continue
            node = layout.leaders.get(lane.partition, -1)
            # What failed goes only to where a leader is known since.
            if node < 0 or (lane.parcel and layout.moment < lane.parcel.failed):
                self._is_stale = True
            elif node not in self._busy:
                by_node.setdefault(node, []).append(lane)
        for node, lanes in by_node.items():
            if self._cluster.is_linked(node, _PURPOSE):
                self._begin_round(node, lanes, identity, now)
            elif now >= self._link_due:
                self._begin(node, self._link(node))
        if self._is_stale:
            self._prepare_if_due(now)

    def _begin(self, node: int, work: Coroutine[None, None, None]) -> None:
        self._busy.add(node)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _link(self, node: int) -> None:
        """Connect, and begin a new identity: behind the address may be a broker without its data.

        There the old one may be another producer's, and new batches would pass for that one's.
        """
        try:
            await self._cluster.link(node, _PURPOSE)
        except LogUnavailableError as away:
            self._note(str(away))
            self._unreached.add(node)
            self._is_stale = True
            self._link_due = time.monotonic() + _FIRST_BACKOFF
            self.loop.call_later(_FIRST_BACKOFF, self._wake.set)
        else:
            self._unreached.discard(node)
            if self._identity and self._identity.is_used:
                self._identity = None
        finally:
            self._busy.discard(node)
            self._wake.set()

    def _begin_round(
        self, node: int, lanes: Sequence[Lane], identity: Identity, now: float
    ) -> None:
        batches: dict[Partition, Batch] = {}
        size = 0
        now_ms = time.time_ns() // 1_000_000
        for lane in lanes:
            parcel = lane.take(now)
            if parcel is None:
                del self._lanes[lane.partition]
                continue
            batch = batches[lane.partition] = lane.write(parcel, identity, now_ms)
            size += batch.size
            metrics.BATCH_MESSAGES.observe(len(parcel.letters))
            # The next request begins with those that did not fit into this one.
            self._lanes[lane.partition] = self._lanes.pop(lane.partition)
            if size >= _REQUEST_BYTES:
                break
        if batches:
            self._ask(node, [self._lanes[partition] for partition in batches], batches)

    def _ask(self, node: int, lanes: Sequence[Lane], batches: dict[Partition, Batch]) -> None:
        self._busy.add(node)
        for lane in lanes:
            lane.is_under_way = True
        answered = partial(self._answered, node, lanes)
        request = kafka_produce.request(batches)
        try:
            self._cluster.ask_linked(node, request, _PURPOSE, answered, seconds=_EXPIRE_SECONDS)
        except LogUnavailableError as away:
            self.loop.call_soon(answered, None, away)

    def _answered(self, node: int, lanes: Sequence[Lane], answer: Any, away: Any) -> None:
        """The end of a request, and the beginning of the next one with all that has gathered."""
        self._busy.discard(node)
        for lane in lanes:
            lane.is_under_way = False
        try:
            codes = {} if away else kafka_produce.codes(answer)
            for lane in lanes:
                if away:
                    self._put_off(lane, str(away))
                else:
                    self._settle(lane, codes.get(lane.partition, -1))
            self._end_outage()
            if self._is_running:
                self._work()
        except Exception:
            log.exception("log_writer_begins_anew")
            self._begin_anew()
            self._wake.set()

    def _settle(self, lane: Lane, code: int) -> None:
        if code in (0, DUPLICATE):
            lane.acknowledge()
            self.acknowledged_at = time.monotonic()
            self._backoff = _FIRST_BACKOFF
        elif code in TOO_LARGE:
            self._make_smaller(lane)
        elif code in OUT_OF_SEQUENCE:
            log.warning("log_producer_replaced", reason=code_name(code), topic=lane.partition.name)
            self._forget_identity_of(lane)
            self._put_off(lane, self._refused(lane, code))
        elif can_be_retried(code):
            self._put_off(lane, self._refused(lane, code))
        else:
            self._note(self._refused(lane, code))
            lane.fail(self._refused(lane, code))
            self._identity = None

    def _forget_identity_of(self, lane: Lane) -> None:
        if lane.parcel and lane.parcel.identity is self._identity:
            self._identity = None
        lane.rewrite()

    def _make_smaller(self, lane: Lane) -> None:
        """The broker wrote nothing of it, so nothing has to follow on it."""
        letters = lane.parcel.letters if lane.parcel else []
        if len(letters) > 1:
            lane.halve()
        else:
            size = sum(letter.size for letter in letters)
            lane.fail(
                f"{self._cluster.connection}: topic {lane.partition.name} does not take a message "
                f"of {size} bytes: raise its max.message.bytes"
            )

    def _put_off(self, lane: Lane, problem: str) -> None:
        self._remember(problem)
        # A leader that moves or has just begun is no outage.
        if lane.parcel and lane.parcel.attempts >= _ATTEMPTS_WITHOUT_A_WORD:
            self._outage.begin(problem)
        self._is_stale = True
        now = time.monotonic()
        lane.put_off(now, problem)
        metrics.RETRIES.inc()
        self.loop.call_later(lane.due - now, self._wake.set)

    def _note(self, problem: str) -> None:
        self._remember(problem)
        self._outage.begin(problem)

    def _remember(self, problem: str) -> None:
        self.refusal = problem
        self.refused_at = time.monotonic()

    def _refused(self, lane: Lane, code: int) -> str:
        name, partition = lane.partition
        refused = f"{self._cluster.connection} did not take a batch for {name}/{partition}"
        if code in NOT_ENOUGH_REPLICAS:
            return f"{refused}: fewer replicas are in sync than min.insync.replicas asks for"
        return f"{refused}: {code_name(code)}"

    # The end.

    def _begin_anew(self) -> None:
        """After a defect: whoever waits is told, and nothing of before is trusted."""
        problem = f"{self._cluster.connection}: the writer had to begin anew"
        self.fail_all(problem)
        self._identity = None
        self._is_stale = True

    def fail_all(self, problem: str) -> None:
        """Give up all that waits."""
        arrived, self._arrived = self._arrived, []
        self.load.remove(arrived)
        for letter in arrived:
            letter.receipt.fail(problem)
        for lane in self._lanes.values():
            lane.fail_all(problem)

    async def _end_tasks(self) -> None:
        tasks = [*self._tasks, *([self._preparing] if self._preparing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
