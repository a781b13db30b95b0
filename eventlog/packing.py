"""Messages to the bytes in which the embedded log keeps them, and back to records.

A batch is a MessagePack array of `[topic, key, value, [[header, value], …]]`. Each message is
packed by the one who appends it, so that what can't be packed fails there alone, and the thread
that commits only joins bytes.
"""

from collections.abc import Sequence

import msgspec

from eventlog.log import Message, Partition, Record

_Packed = tuple[str, bytes, bytes, tuple[tuple[str, bytes], ...]]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Packed])

_ARRAY_32 = b"\xdd"


def pack(message: Message) -> bytes:
    """One message; the value costs one copy."""
    return _encoder.encode((message.topic, message.key, message.value, message.headers))


def batch(packed: Sequence[bytes]) -> bytes:
    """Packed messages, in their order, as one batch."""
    return b"".join((_ARRAY_32, len(packed).to_bytes(4, "big"), *packed))


def unpack(body: bytes, partition: Partition, first: int) -> list[Record]:
    """The records of a batch, the first of them at offset `first`.

    Raises msgspec.MsgspecError where the bytes are no batch.
    """
    return [
        Record(partition, offset, topic, key, value, headers)
        for offset, (topic, key, value, headers) in enumerate(_decoder.decode(body), first)
    ]
