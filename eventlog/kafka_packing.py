"""Messages to the bytes that Kafka keeps. Knows no broker.

Each message is packed when it is handed over; a batch only joins what is packed. aiokafka's builder
makes the same bytes (a test compares them); this takes half of its time, of which the most is the
checksum by the processor's own instruction (docs/benchmarks.md).
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

import google_crc32c

from eventlog import kafka_compression
from eventlog.log import Message

# Of a record: its length, attributes, timestamp and offset at their longest.
OVERHEAD: Final = 16

# Base offset, length, the leader's epoch, magic, checksum.
_HEAD: Final = struct.Struct(">qiibI")
# Attributes, last offset, first and last timestamp, producer, its epoch, first sequence, count.
_ABOUT: Final = struct.Struct(">hiqqqhii")
_MOST_NAMES: Final = 256
_MAGIC: Final = 2
_UNKNOWN_EPOCH: Final = -1
_BEHIND_LENGTH: Final = 9
_LZ4: Final = 3
_SAME_TIME: Final = b"\0\0"  # no attributes; no later than the first record


class Producer(NamedTuple):
    """By what a broker knows who sends, so that it takes a batch once that came twice."""

    id: int
    epoch: int


class Batch(NamedTuple):
    """A batch in two pieces, one behind the other: so the large one is not copied."""

    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.head) + len(self.body)


class _Numbers(dict[int, bytes]):
    """Lengths and counts as Kafka writes them: seven bits a byte, after a bit for the sign."""

    def __missing__(self, number: int) -> bytes:
        left, packed = number << 1, bytearray()
        while left > 0x7F:
            packed.append(left & 0x7F | 0x80)
            left >>= 7
        packed.append(left)
        return bytes(packed)


_NUMBERS: Final = _Numbers()
_NUMBERS.update({number: _NUMBERS[number] for number in range(8_192)})


class _Names(dict[str, bytes]):
    """Headers' names as Kafka writes them. There are few; what is strange is not kept."""

    def __missing__(self, name: str) -> bytes:
        encoded = name.encode()
        packed = _NUMBERS[len(encoded)] + encoded
        if len(self) < _MOST_NAMES:
            self[name] = packed
        return packed


_NAMES: Final = _Names()


def pack(message: Message) -> bytes:
    """Key, value and headers. Raises UnicodeEncodeError where a header's name can't be sent."""
    _, key, value, headers = message
    numbers, names = _NUMBERS, _NAMES
    parts = [numbers[len(key)], key, numbers[len(value)], value, numbers[len(headers)]]
    for name, content in headers:
        parts += (names[name], numbers[len(content)], content)
    return b"".join(parts)


def batch(packed: Sequence[bytes], producer: Producer, sequence: int, now_ms: int) -> Batch:
    """One batch of packed messages, the first of them with this sequence number."""
    count = len(packed)
    about = _ABOUT.pack(
        _LZ4, count - 1, now_ms, now_ms, producer.id, producer.epoch, sequence, count
    )
    parts: list[bytes] = []
    for offset, one in enumerate(packed):
        place = _SAME_TIME + _NUMBERS[offset]
        parts += (_NUMBERS[len(place) + len(one)], place, one)
    body = about + kafka_compression.compress(b"".join(parts))
    checksum = google_crc32c.value(body)
    head = _HEAD.pack(0, len(body) + _BEHIND_LENGTH, _UNKNOWN_EPOCH, _MAGIC, checksum)
    return Batch(head, body)
