"""The produce request and its answer: batches by partition, and an error code for each."""

import struct
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest_v7

from eventlog import kafka_wire
from eventlog.kafka_packing import Batch
from eventlog.kafka_wire import NUMBER, ByTopic
from eventlog.log import Partition

_ALL: Final = -1
_REPLICATE_MS: Final = 4_000

_BEGIN: Final = struct.Struct(">hhii")  # no transaction, acks, timeout, number of topics
_PARTITION: Final = struct.Struct(">ii")
_OUTCOME: Final = struct.Struct(">ihqqq")  # number, error code, offset, timestamp, log's start


class _Answer(kafka_wire.Answer):
    """An error code for each batch."""

    HEAD = NUMBER

    def __init__(self, data: bytes) -> None:
        self.codes: dict[Partition, int] = {}
        super().__init__(data)

    def take(self, topic: str, data: bytes, at: int) -> int:
        """See kafka_wire."""
        number, code, *_ = _OUTCOME.unpack_from(data, at)
        self.codes[Partition(topic, number)] = code
        return at + _OUTCOME.size


class _Joined(ProduceRequest_v7):  # type: ignore[misc] # aiokafka has no type information
    """Joins its parts once: aiokafka's own way copies every batch at each level of the request."""

    RESPONSE_TYPE = _Answer

    def encode(self) -> bytes:
        begin = _BEGIN.pack(-1, self.required_acks, self.timeout, len(self.topics))
        return b"".join((begin, *kafka_wire.encoded(self.topics, _batch)))


def _batch(number: int, batch: Batch) -> tuple[bytes, ...]:
    return (_PARTITION.pack(number, batch.size), *batch)


class _Produce(Request[_Joined]):  # type: ignore[misc] # as above
    """What aiokafka's connection asks for its bytes. Every Kafka from 2.1 on knows version 7."""

    API_KEY = ProduceRequest_v7.API_KEY

    def __init__(self, topics: ByTopic[Batch]) -> None:
        self._topics = topics

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(None, _ALL, _REPLICATE_MS, self._topics)


def request(batches: Mapping[Partition, Batch]) -> Any:
    """Asks the leader to answer when all in-sync replicas have the batches, or after 4 s."""
    return _Produce(kafka_wire.by_topic(batches.items()))


def codes(answer: Any) -> Mapping[Partition, int]:
    """What became of each batch; 0 is well."""
    found: Mapping[Partition, int] = answer.codes
    return found
