"""How requests and answers of Kafka name partitions: topics, and the numbers of each.

aiokafka's own way calls several functions for each number, and there are some hundreds of them.
What a partition's part is made of is for each request to say.
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import ClassVar, Final, Self, TypeVar

from eventlog.log import Partition

T = TypeVar("T")

SHORT: Final = struct.Struct(">h")
NUMBER: Final = struct.Struct(">i")

ByTopic = list[tuple[str, list[tuple[int, T]]]]
"""The number of each partition with what is said of it, topic by topic."""


def by_topic(parts: Iterable[tuple[Partition, T]]) -> ByTopic[T]:
    """What is said of partitions, those of a topic together, else in the order given."""
    topics: dict[str, list[tuple[int, T]]] = {}
    for (name, number), part in parts:
        topics.setdefault(name, []).append((number, part))
    return list(topics.items())


def encoded(topics: ByTopic[T], encode: Callable[[int, T], Iterable[bytes]]) -> list[bytes]:
    """The bytes of all topics, without their number."""
    pieces: list[bytes] = []
    for topic, parts in topics:
        name = topic.encode()
        pieces += (SHORT.pack(len(name)), name, NUMBER.pack(len(parts)))
        for number, part in parts:
            pieces += encode(number, part)
    return pieces


class Answer(ABC):
    """An answer that is read from its bytes in one pass.

    `HEAD` is what stands before the topics; the last of it is how many there are.
    """

    HEAD: ClassVar[struct.Struct]

    def __init__(self, data: bytes) -> None:
        *self.head, topics = self.HEAD.unpack_from(data)
        at = self.HEAD.size
        for _ in range(topics):
            (length,) = SHORT.unpack_from(data, at)
            at += SHORT.size
            name = data[at : at + length].decode()
            at += length
            (parts,) = NUMBER.unpack_from(data, at)
            at += NUMBER.size
            for _ in range(parts):
                at = self.take(name, data, at)

    @abstractmethod
    def take(self, topic: str, data: bytes, at: int) -> int:
        """Read what is said of one partition there; give where the next one is."""

    @classmethod
    def decode(cls, data: BytesIO) -> Self:
        """As aiokafka's connection asks for it, the header of the answer being read."""
        return cls(data.read())
