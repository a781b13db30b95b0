"""Bytes in the frames of LZ4, as Kafka's batches hold them.

Events tell the same field names again and again: a batch of twenty shrinks to less than a third
for some six microseconds each, and then the system's copying of it, the broker's and the disk's are
less. cramjam's own frames take ten times as long as its blocks, so the frame is made here.
"""

import struct
from typing import Final

import cramjam

# Version 1, blocks that stand alone, no checksums, at most 64 KiB in a block; its own check byte.
_BEGIN: Final = b"\x04\x22\x4d\x18\x60\x40\x82"
_END: Final = b"\0\0\0\0"
_BLOCK_BYTES: Final = 64 * 1024
_SIZE: Final = struct.Struct("<I")
_AS_IT_IS: Final = 0x8000_0000


def compress(data: bytes) -> bytes:
    """One frame of any bytes."""
    parts: list[bytes | memoryview | cramjam.Buffer] = [_BEGIN]
    whole = memoryview(data)
    for begin in range(0, len(data), _BLOCK_BYTES):
        plain = whole[begin : begin + _BLOCK_BYTES]
        block = cramjam.lz4.compress_block(plain, store_size=False)
        if len(block) < len(plain):
            parts += (_SIZE.pack(len(block)), block)
        else:
            parts += (_SIZE.pack(len(plain) | _AS_IT_IS), plain)
    parts.append(_END)
    return b"".join(parts)
