"""The fetch request and its answer: positions by partition, and what each partition has from there.

Without a session (`kafka_fetch_session.py`) both name all partitions of a copy, some hundreds,
however little has come: read and written in aiokafka's own way that was a fourth of the handlers'
work at 500 events a second (docs/benchmarks.md).
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.protocol.api import Request
from aiokafka.protocol.fetch import FetchRequest_v10

from eventlog import kafka_wire
from eventlog.kafka_wire import NUMBER, ByTopic
from eventlog.log import Partition

_ANYONE: Final = -1
_ALL_ACKNOWLEDGED: Final = 0
_UNKNOWN: Final = -1

# Who asks, longest wait, fewest and most bytes, isolation, session and its epoch, number of topics.
_BEGIN: Final = struct.Struct(">iiiibiii")
_ASKED: Final = struct.Struct(">iiqqi")  # number, leader's epoch, position, log's start, most bytes

_FOUND: Final = struct.Struct(">ihqqqi")  # number, error code, ends, log's start, aborted
_ABORTED_SIZE: Final = 16


class Limits(NamedTuple):
    """How long a broker waits for the first byte, and how many it gives, in all and of each one."""

    wait_ms: int
    most: int
    most_of_one: int


class Place(NamedTuple):
    """Where a request stands in a session; epoch 0 begins one, and is answered in full."""

    session: int
    epoch: int


NO_SESSION: Final = Place(0, -1)


class Found(NamedTuple):
    """What a partition has; `code` 0 is well, `end` is behind all that is acknowledged."""

    partition: Partition
    code: int
    end: int
    data: bytes


class _Answer(kafka_wire.Answer):
    """What each partition has."""

    HEAD = struct.Struct(">ihii")  # throttled, error code, session, number of topics

    def __init__(self, data: bytes) -> None:
        self.found: list[Found] = []
        super().__init__(data)

    def take(self, topic: str, data: bytes, at: int) -> int:
        """See kafka_wire."""
        number, code, end, _, _, aborted = _FOUND.unpack_from(data, at)
        at += _FOUND.size + max(0, aborted) * _ABORTED_SIZE
        (size,) = NUMBER.unpack_from(data, at)
        at += NUMBER.size
        records = data[at : at + size] if size > 0 else b""
        self.found.append(Found(Partition(topic, number), code, end, records))
        return at + len(records)


class _Joined(FetchRequest_v10):  # type: ignore[misc] # aiokafka has no type information
    """Packs its numbers by topic."""

    RESPONSE_TYPE = _Answer

    def encode(self) -> bytes:
        limits = self.max_wait_time, self.min_bytes, self.max_bytes, self.isolation_level
        session = self.session_id, self.session_epoch
        begin = _BEGIN.pack(_ANYONE, *limits, *session, len(self.topics))
        parts = kafka_wire.encoded(self.topics, _asked)
        forgotten = kafka_wire.encoded(self.forgotten_topics_data, _forgotten)
        return b"".join((begin, *parts, NUMBER.pack(len(self.forgotten_topics_data)), *forgotten))


def _asked(number: int, wanted: tuple[int, int]) -> tuple[bytes, ...]:
    position, most = wanted
    return (_ASKED.pack(number, _UNKNOWN, position, _UNKNOWN, most),)


def _forgotten(number: int, _: None) -> tuple[bytes, ...]:
    return (NUMBER.pack(number),)


class _Fetch(Request[_Joined]):  # type: ignore[misc] # as above
    """What aiokafka's connection asks for its bytes. Every Kafka from 2.1 on knows version 10."""

    API_KEY = FetchRequest_v10.API_KEY

    def __init__(
        self,
        limits: Sequence[int],
        place: Place,
        topics: ByTopic[tuple[int, int]],
        forgotten: ByTopic[None],
    ) -> None:
        self._fields = (*limits, _ALL_ACKNOWLEDGED, *place, topics, forgotten)

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(_ANYONE, *self._fields)


def request(
    positions: Iterable[tuple[Partition, int]],
    limits: Limits,
    *,
    place: Place = NO_SESSION,
    forgotten: Iterable[Partition] = (),
) -> Any:
    """Asks for what is behind these positions, as soon as there is anything.

    The broker fills its answer in the order of the partitions. In a session it knows those that
    were asked for before, but the forgotten ones.
    """
    wanted = ((partition, (position, limits.most_of_one)) for partition, position in positions)
    left = ((partition, None) for partition in forgotten)
    topics, left_topics = kafka_wire.by_topic(wanted), kafka_wire.by_topic(left)
    return _Fetch((limits.wait_ms, 1, limits.most), place, topics, left_topics)


def found(answer: Any) -> tuple[int, int, Sequence[Found]]:
    """The error code of the answer as a whole, its session, and what each partition has."""
    _, code, session = answer.head
    return code, session, answer.found
