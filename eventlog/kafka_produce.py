"""The produce request and its answer: batches by partition, and an error code for each."""

import struct
from collections import defaultdict
from collections.abc import Mapping
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


class _Joined(ProduceRequest_v7):  # type: ignore[misc] # aiokafka has no type information
    """Joins its parts once: aiokafka's own way copies every batch at each level of the request."""

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


def codes(answer: Any) -> dict[Partition, int]:
    """What became of each batch; 0 is well."""
    return {
        Partition(topic, number): code
        for topic, partitions in answer.topics
        for number, code, *_ in partitions
    }
