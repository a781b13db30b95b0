"""Who of a consumer group reads what: ranges of each topic, in the consumer protocol's bytes.

The first copy by id gets the first partitions of every topic, the second the next ones: where
topics have as many partitions, one key's events of all topics meet in one copy.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment,
    ConsumerProtocolMemberMetadata,
)

from eventlog.log import Partition

PROTOCOL_TYPE: Final = "consumer"
PROTOCOL: Final = "range"
_VERSION: Final = 0


def subscription(topics: Sequence[str]) -> bytes:
    """What a member says it wants to read."""
    metadata: bytes = ConsumerProtocolMemberMetadata(_VERSION, sorted(topics), b"").encode()
    return metadata


def subscribed(metadata: bytes) -> set[str]:
    """What a member said it wants to read."""
    return set(ConsumerProtocolMemberMetadata.decode(metadata).subscription)


def share(
    members: Mapping[str, set[str]], partitions: Mapping[str, int]
) -> dict[str, list[Partition]]:
    """What each member gets; `members` are their topics by id, `partitions` counts by topic."""
    shares: dict[str, list[Partition]] = {member: [] for member in members}
    for topic in sorted(set().union(*members.values())):
        readers = sorted(member for member, topics in members.items() if topic in topics)
        count = partitions.get(topic, 0)
        for place, member in enumerate(readers):
            first, behind = (count * n // len(readers) for n in (place, place + 1))
            shares[member] += [Partition(topic, number) for number in range(first, behind)]
    return shares


def encode(share_: Sequence[Partition]) -> bytes:
    """What a member is told to read."""
    topics: dict[str, list[int]] = {}
    for name, number in share_:
        topics.setdefault(name, []).append(number)
    assignment: bytes = ConsumerProtocolMemberAssignment(
        _VERSION, list(topics.items()), b""
    ).encode()
    return assignment


def decode(assignment: bytes) -> frozenset[Partition]:
    """What this member was told to read."""
    return frozenset(_decoded(assignment))


def _decoded(assignment: bytes) -> Iterator[Partition]:
    if assignment:
        for name, numbers in ConsumerProtocolMemberAssignment.decode(assignment).assignment:
            yield from (Partition(name, number) for number in numbers)
