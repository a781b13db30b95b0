"""The produce request and its answer: batches by partition, and an error code for each."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.protocol.produce import ProduceRequest

from eventlog.log import Partition

_ALL: Final = -1
_REPLICATE_MS: Final = 4_000


def request(batches: Mapping[Partition, bytes | bytearray]) -> Any:
    """Asks the leader to answer when all in-sync replicas have the batches, or after 4 s."""
    topics: dict[str, list[tuple[int, bytes | bytearray]]] = defaultdict(list)
    for (name, number), batch in batches.items():
        topics[name].append((number, batch))
    return ProduceRequest(
        transactional_id=None,
        required_acks=_ALL,
        timeout=_REPLICATE_MS,
        topics=list(topics.items()),
    )


def codes(answer: Any) -> dict[Partition, int]:
    """What became of each batch; 0 is well."""
    return {
        Partition(topic, number): code
        for topic, partitions in answer.topics
        for number, code, *_ in partitions
    }
