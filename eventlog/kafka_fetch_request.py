"""The fetch request and its answer: positions by partition, and what each partition has from there.

Both name all partitions of a copy, some hundreds, however little has come. aiokafka's own way calls
several functions for each number of each of them, which was a fourth of the handlers' work at 500
events a second (docs/benchmarks.md).
"""

import struct
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, Final, NamedTuple

from aiokafka.protocol.api import Request
from aiokafka.protocol.fetch import FetchRequest_v10

from eventlog.log import Partition

_ANYONE: Final = -1
_ALL_ACKNOWLEDGED: Final = 0
_UNKNOWN: Final = -1
_NO_SESSION: Final = 0, -1

# Who asks, longest wait, fewest and most bytes, isolation, session and its epoch, number of topics.
_BEGIN: Final = struct.Struct(">iiiibiii")
_SHORT: Final = struct.Struct(">h")
_NUMBER: Final = struct.Struct(">i")
_ASKED: Final = struct.Struct(">iiqqi")  # number, leader's epoch, position, log's start, most bytes
_NOTHING_FORGOTTEN: Final = _NUMBER.pack(0)

_HEAD: Final = struct.Struct(">ihii")  # throttled, error code, session, number of topics
_FOUND: Final = struct.Struct(">ihqqqi")  # number, error code, ends, log's start, aborted
_ABORTED_SIZE: Final = 16


class Found(NamedTuple):
    """What a partition has; `code` 0 is well, `end` is behind all that is acknowledged."""

    partition: Partition
    code: int
    end: int
    data: bytes


class _Answer:
    """What each partition has, taken from the bytes of a broker's answer."""

    def __init__(self, data: bytes) -> None:
        self.found: list[Found] = []
        _, self.code, _, topics = _HEAD.unpack_from(data)
        at = _HEAD.size
        for _ in range(topics):
            (length,) = _SHORT.unpack_from(data, at)
            at += _SHORT.size
            name = data[at : at + length].decode()
            at += length
            (partitions,) = _NUMBER.unpack_from(data, at)
            at += _NUMBER.size
            for _ in range(partitions):
                number, code, end, _, _, aborted = _FOUND.unpack_from(data, at)
                at += _FOUND.size + max(0, aborted) * _ABORTED_SIZE
                (size,) = _NUMBER.unpack_from(data, at)
                at += _NUMBER.size
                records = data[at : at + size] if size > 0 else b""
                at += len(records)
                self.found.append(Found(Partition(name, number), code, end, records))

    @classmethod
    def decode(cls, data: BytesIO) -> "_Answer":
        """As aiokafka's connection asks for it, the header of the answer being read."""
        return cls(data.read())


class _Joined(FetchRequest_v10):  # type: ignore[misc] # aiokafka has no type information
    """Packs its numbers by topic; no session of increments is begun."""

    RESPONSE_TYPE = _Answer

    def encode(self) -> bytes:
        limits = self.max_wait_time, self.min_bytes, self.max_bytes, self.isolation_level
        parts = [_BEGIN.pack(_ANYONE, *limits, *_NO_SESSION, len(self.topics))]
        for topic, partitions in self.topics:
            name = topic.encode()
            parts += (_SHORT.pack(len(name)), name, _NUMBER.pack(len(partitions)))
            parts += (
                _ASKED.pack(number, _UNKNOWN, position, _UNKNOWN, most)
                for number, position, most in partitions
            )
        parts.append(_NOTHING_FORGOTTEN)
        return b"".join(parts)


class _Fetch(Request[_Joined]):  # type: ignore[misc] # as above
    """What aiokafka's connection asks for its bytes. Every Kafka from 2.1 on knows version 10."""

    API_KEY = FetchRequest_v10.API_KEY

    def __init__(self, limits: Sequence[int], topics: list[tuple[str, list[Any]]]) -> None:
        self._limits = limits
        self._topics = topics

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(
            _ANYONE, *self._limits, _ALL_ACKNOWLEDGED, *_NO_SESSION, self._topics, []
        )


def request(
    positions: Iterable[tuple[Partition, int]], *, wait_ms: int, most: int, most_of_one: int
) -> Any:
    """Asks for what is behind these positions, as soon as there is anything; so many bytes.

    The broker fills its answer in the order of the partitions.
    """
    topics: dict[str, list[tuple[int, int, int]]] = {}
    for (name, number), position in positions:
        topics.setdefault(name, []).append((number, position, most_of_one))
    return _Fetch((wait_ms, 1, most), list(topics.items()))


def found(answer: Any) -> tuple[int, Sequence[Found]]:
    """The error code of the answer as a whole, and what each partition has."""
    return answer.code, answer.found
