"""Which partition a key belongs to: the one that Kafka's own clients choose."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=16_384)
def _hash(key: bytes) -> int:
    """In pure Python some microseconds; one thing's events come again and again."""
    hashed: int = murmur2(key)
    return hashed & 0x7FFF_FFFF


def number(key: bytes, partitions: int) -> int:
    """The partition of a key among so many."""
    return _hash(key) % partitions
