"""One copy's membership in a consumer group: which partitions it is given now.

Speaks the classic group protocol: join, be told a share, send heartbeats, join anew when told to.
It gives its share up before it joins anew and does not wait for a batch that is under way with the
caller: a batch of a lost partition is refused where positions are kept. It says to the group how
far records are applied, for tools that watch the lag, and takes no position from there.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import structlog
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.group import (
    HeartbeatRequest,
    JoinGroupRequest,
    LeaveGroupRequest,
    SyncGroupRequest,
)

from eventlog import kafka_assignment
from eventlog.kafka_cluster import Cluster
from eventlog.kafka_connection import Address
from eventlog.kafka_errors import (
    COORDINATOR_ELSEWHERE,
    INCONSISTENT_PROTOCOL,
    MEMBER_ID_REQUIRED,
    NOT_A_MEMBER,
    REBALANCING,
    UNAUTHORISED,
    can_be_retried,
    code_name,
)
from eventlog.kafka_outage import Outage
from eventlog.kafka_topics import Creation, ensure
from eventlog.log import LogUnavailableError, Partition

log = structlog.get_logger()

_GROUP: Final = 0
_ANSWER_SECONDS: Final = 3.0
_LAYOUT_SECONDS: Final = 30.0
_COMMIT_SECONDS: Final = 5.0
_LEAVE_SECONDS: Final = 1.5
_PATIENCE_SECONDS: Final = 5.0
_FIRST_BACKOFF: Final = 0.1
_MOST_BACKOFF: Final = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """After `session` seconds without a heartbeat a copy counts as dead and others take over.

    A rebalance waits `rebalance` seconds for each living copy. A copy whose caller does not read
    for `idle` seconds leaves until it does.
    """

    session: float = 6.0
    heartbeat: float = 1.0
    rebalance: float = 10.0
    idle: float = 300.0


class Assignment(NamedTuple):
    """A share; the number is another one after every rebalance, even of the same share."""

    number: int
    partitions: frozenset[Partition]


class _JoinAnewError(Exception):
    """The group has to be joined once more; nothing is wrong."""


class _NotYetError(Exception):
    """The coordinator can't answer now, because it has just begun to be it, or is it no more."""


class Member:
    """Of one event loop. `run` until cancelled, then `leave`; `changed` is called at changes."""

    def __init__(
        self,
        cluster: Cluster,
        creation: Creation,
        group: str,
        *,
        changed: Callable[[], None],
        timing: Timing | None = None,
    ) -> None:
        self._cluster = cluster
        self._creation = creation
        self._group = group
        self._changed = changed
        self._timing = timing or Timing()
        self._outage = Outage("reader")
        self._coordinator: Address | None = None
        self._id = ""
        self._generation = -1
        self._numbers = 0
        self._partitions: Mapping[str, int] = {}
        self._looked_at = float("-inf")
        self._heard_at = time.monotonic()
        self._applied: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}
        self._committed_at = float("-inf")
        self._used_at = time.monotonic()
        self._used = asyncio.Event()
        self._assignment: Assignment | None = None

    @property
    def assignment(self) -> Assignment | None:
        """Its share, None while it has none or may have lost it: it was paused, or is cut off."""
        is_heard = time.monotonic() - self._heard_at < self._timing.session
        return self._assignment if is_heard else None

    @property
    def problem(self) -> str | None:
        """Why it is not a member now, None while it is one or is just joining."""
        return self._outage.problem

    def touch(self) -> None:
        """The caller is reading."""
        self._used_at = time.monotonic()
        self._used.set()

    def report(self, applied: Mapping[Partition, int]) -> None:
        """So far records are applied; the group is told with one of the next heartbeats."""
        self._applied.update(applied)

    async def run(self) -> None:
        """Be a member until cancelled."""
        backoff = _FIRST_BACKOFF
        while True:
            try:
                await self._join()
                backoff = _FIRST_BACKOFF
                await self._stay()
            except (_JoinAnewError, _NotYetError) as reason:
                log.debug("log_group_joined_anew", group=self._group, reason=str(reason))
                if time.monotonic() - self._heard_at > _PATIENCE_SECONDS:
                    self._outage.begin(str(reason))
            except LogUnavailableError as away:
                self._outage.begin(str(away))
                self._coordinator = None
            except Exception:
                log.exception("log_reader_begins_anew")
                self._coordinator, self._id = None, ""
            self._revoke()
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, _MOST_BACKOFF)

    async def leave(self) -> None:
        """Let others take over at once, if the group can be told so soon."""
        self._revoke()
        if self._id and self._coordinator:
            # Its own connection: on the other one a rebalance may be waited for.
            request = LeaveGroupRequest(self._group, self._id)
            with suppress(LogUnavailableError, TimeoutError):
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await self._cluster.ask_at(
                        self._coordinator, request, "leave", seconds=_LEAVE_SECONDS
                    )
        self._id = ""

    async def commit(self) -> None:
        """Tell the group how far records are applied. Never raises."""
        assigned = self._assignment.partitions if self._assignment else frozenset()
        news = {
            partition: offset
            for partition, offset in self._applied.items()
            if partition in assigned and self._committed.get(partition) != offset
        }
        self._committed_at = time.monotonic()
        if not news:
            return
        try:
            await self._ask(self._commit_request(news), _ANSWER_SECONDS)
        except LogUnavailableError as away:
            log.debug("log_offsets_not_committed", problem=str(away))
        else:
            self._committed.update(news)

    # Joining.

    async def _join(self) -> None:
        self._revoke()
        await self._look()
        await self._find_coordinator()
        joined = await self._ask_to_join()
        self._id, self._generation = joined.member_id, joined.generation_id
        is_leader = joined.leader_id == joined.member_id
        shares = await self._share(joined) if is_leader else []
        request = SyncGroupRequest(self._group, self._generation, self._id, None, shares)
        told = await self._ask(request, self._timing.rebalance + _ANSWER_SECONDS)
        self._refuse(told.error_code)
        self._numbers += 1
        self._heard_at = time.monotonic()
        self._committed = {}
        self._assignment = Assignment(
            self._numbers, kafka_assignment.decode(told.member_assignment)
        )
        self._outage.end()
        self._changed()

    async def _ask_to_join(self) -> Any:
        subscription = kafka_assignment.subscription(self._cluster.topics)
        while True:
            request = JoinGroupRequest(
                self._group,
                round(self._timing.session * 1000),
                round(self._timing.rebalance * 1000),
                self._id,
                None,
                kafka_assignment.PROTOCOL_TYPE,
                [(kafka_assignment.PROTOCOL, subscription)],
            )
            joined = await self._ask(request, self._timing.rebalance + _ANSWER_SECONDS)
            if joined.error_code != MEMBER_ID_REQUIRED:
                self._refuse(joined.error_code)
                return joined
            self._id = joined.member_id

    async def _share(self, joined: Any) -> list[tuple[str, bytes]]:
        """As the group's leader: what each member gets. Others may know more topics than we do."""
        members = {one[0]: kafka_assignment.subscribed(one[-1]) for one in joined.members}
        topics = sorted(set().union(*members.values()))
        layout = await self._cluster.look(topics)
        shares = kafka_assignment.share(members, layout.partitions)
        return [(member, kafka_assignment.encode(share)) for member, share in shares.items()]

    async def _find_coordinator(self) -> None:
        if self._coordinator is None:
            request = FindCoordinatorRequest(self._group, _GROUP)
            found = await self._cluster.ask_any(request, seconds=_ANSWER_SECONDS)
            self._refuse(found.error_code)
            self._coordinator = found.host, found.port

    async def _look(self) -> None:
        layout, _ = await ensure(self._cluster, self._creation)
        self._partitions = layout.partitions
        self._looked_at = time.monotonic()

    def _revoke(self) -> None:
        if self._assignment is not None:
            self._assignment = None
            self._changed()

    # Staying.

    async def _stay(self) -> None:
        """Send heartbeats until the group is to be joined anew."""
        while True:
            await asyncio.sleep(self._timing.heartbeat)
            await self._leave_if_idle()
            try:
                await self._send_heartbeat()
            except (LogUnavailableError, _NotYetError):
                # Another coordinator may know us, as long as the session lasts.
                self._coordinator = None
                if time.monotonic() - self._heard_at > self._timing.session:
                    raise
                continue
            if time.monotonic() - self._committed_at > _COMMIT_SECONDS:
                await self.commit()
            if time.monotonic() - self._looked_at > _LAYOUT_SECONDS:
                await self._look_for_more_partitions()

    async def _send_heartbeat(self) -> None:
        await self._find_coordinator()
        request = HeartbeatRequest(self._group, self._generation, self._id)
        self._refuse((await self._ask(request, _ANSWER_SECONDS)).error_code)
        self._heard_at = time.monotonic()

    async def _leave_if_idle(self) -> None:
        if time.monotonic() - self._used_at > self._timing.idle:
            log.warning("log_reader_left_group", group=self._group, idle=self._timing.idle)
            await self.leave()
            self._used.clear()
            await self._used.wait()
            raise _JoinAnewError("the caller reads again")

    async def _look_for_more_partitions(self) -> None:
        before = self._partitions
        with suppress(LogUnavailableError, TimeoutError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._look()
        if before != self._partitions:
            raise _JoinAnewError("topics have other partitions")

    def _commit_request(self, offsets: Mapping[Partition, int]) -> Any:
        topics: dict[str, list[tuple[int, int, str]]] = {}
        for (name, number), offset in offsets.items():
            topics.setdefault(name, []).append((number, offset, ""))
        return OffsetCommitRequest(
            self._group, self._generation, self._id, -1, list(topics.items())
        )

    async def _ask(self, request: Any, seconds: float) -> Any:
        if self._coordinator is None:
            raise LogUnavailableError(f"{self._cluster.connection}: the group has no coordinator")
        return await self._cluster.ask_at(self._coordinator, request, "group", seconds=seconds)

    def _refuse(self, code: int) -> None:
        """Raise what an error code means for us."""
        if code == 0:
            return
        if code in REBALANCING:
            raise _JoinAnewError(code_name(code))
        if code in NOT_A_MEMBER:
            self._id = ""
            raise _JoinAnewError(code_name(code))
        if code in COORDINATOR_ELSEWHERE:
            self._coordinator = None
        where = f"{self._cluster.connection}: group {self._group}"
        if code in UNAUTHORISED:
            raise LogUnavailableError(f"{where} may not be joined: allow this user to read it")
        if code in INCONSISTENT_PROTOCOL:
            raise LogUnavailableError(f"{where} is used by another program: name another group")
        if can_be_retried(code):
            raise _NotYetError(f"{where} has no coordinator yet: {code_name(code)}")
        raise LogUnavailableError(f"{where} can't be joined: {code_name(code)}")
