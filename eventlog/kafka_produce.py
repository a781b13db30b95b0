"""The produce request and its answer: batches by partition, and an error code for each."""

import struct
from collections import defaultdict
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest_v7

from eventlog.kafka_packing import Batch
from eventlog.log import Partition

_ALL: Final = -1
_REPLICATE_MS: Final = 4_000

_BEGIN: Final = struct.Struct(">hhii")  # no transaction, acks, timeout, number of topics
_SHORT: Final = struct.Struct(">h")
_NUMBER: Final = struct.Struct(">i")
_PARTITION: Final = struct.Struct(">ii")
_OUTCOME: Final = struct.Struct(">ihqqq")  # number, error code, offset, timestamp, log's start


class _Answer:
    """An error code for each batch, taken from the bytes of a broker's answer.

    aiokafka's own way calls several functions for each number in it.
    """

    def __init__(self, data: bytes) -> None:
        self.codes: dict[Partition, int] = {}
        (topics,), at = _NUMBER.unpack_from(data), _NUMBER.size
        for _ in range(topics):
            (length,) = _SHORT.unpack_from(data, at)
            at += _SHORT.size
            name = data[at : at + length].decode()
            at += length
            (partitions,) = _NUMBER.unpack_from(data, at)
            at += _NUMBER.size
            for _ in range(partitions):
                number, code, *_ = _OUTCOME.unpack_from(data, at)
                self.codes[Partition(name, number)] = code
                at += _OUTCOME.size

    @classmethod
    def decode(cls, data: BytesIO) -> "_Answer":
        """As aiokafka's connection asks for it, the header of the answer being read."""
        return cls(data.read())


class _Joined(ProduceRequest_v7):  # type: ignore[misc] # aiokafka has no type information
    """Joins its parts once: aiokafka's own way copies every batch at each level of the request."""

    RESPONSE_TYPE = _Answer

    def encode(self) -> bytes:
        parts = [_BEGIN.pack(-1, self.required_acks, self.timeout, len(self.topics))]
        for topic, batches in self.topics:
            name = topic.encode()
            parts += (_SHORT.pack(len(name)), name, _NUMBER.pack(len(batches)))
            for number, batch in batches:
                parts += (_PARTITION.pack(number, batch.size), *batch)
        return b"".join(parts)


class _Produce(Request[_Joined]):  # type: ignore[misc] # as above
    """What aiokafka's connection asks for its bytes. Every Kafka from 2.1 on knows version 7."""

    API_KEY = ProduceRequest_v7.API_KEY

    def __init__(self, topics: list[tuple[str, list[tuple[int, Batch]]]]) -> None:
        self._topics = topics

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(None, _ALL, _REPLICATE_MS, self._topics)


def request(batches: Mapping[Partition, Batch]) -> Any:
    """Asks the leader to answer when all in-sync replicas have the batches, or after 4 s."""
    topics: dict[str, list[tuple[int, Batch]]] = defaultdict(list)
    for (name, number), batch in batches.items():
        topics[name].append((number, batch))
    return _Produce(list(topics.items()))


def codes(answer: Any) -> Mapping[Partition, int]:
    """What became of each batch; 0 is well."""
    found: Mapping[Partition, int] = answer.codes
    return found
