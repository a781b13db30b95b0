"""Bytes in the frames of LZ4, as Kafka's batches hold them.

Events tell the same field names again and again: a batch of twenty shrinks to less than a third
for some five microseconds each, and then the system's copying of it, the broker's and the disk's
are less.
"""

from typing import Final

import lz4.frame

_LEVEL: Final = -1
"""Below 0 it looks less closely: a microsecond or two less for each event, the log 5 % larger."""


def compress(data: bytes) -> bytes:
    """One frame of any bytes. Kafka reads none in which a block needs the blocks before it."""
    framed: bytes = lz4.frame.compress(
        data, compression_level=_LEVEL, block_linked=False, store_size=False
    )
    return framed
