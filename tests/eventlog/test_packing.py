"""Batches: the bytes in which the embedded log keeps messages."""

import msgspec
import pytest

from eventlog import packing
from eventlog.log import Message, Partition, Record
from tests.eventlog.factories import message

PLACE = Partition("embedded-1", 0)


def test_a_batch_gives_its_records_back_with_their_offsets() -> None:
    """Messages come back in order, numbered from the offset of the first one."""
    first = Message("t1", b"\x00", b"\xff", (("h", b"\x80"), ("h", b"again")))
    second = Message("t2", b"", b"")

    body = packing.batch([packing.pack(first), packing.pack(second)])

    expected = [
        Record(PLACE, 7, "t1", b"\x00", b"\xff", (("h", b"\x80"), ("h", b"again"))),
        Record(PLACE, 8, "t2", b"", b"", ()),
    ]
    assert expected == packing.unpack(body, PLACE, 7)


def test_a_batch_may_be_large() -> None:
    """More records than the short forms of MessagePack can count."""
    packed = [packing.pack(message(str(n))) for n in range(70_000)]

    records = packing.unpack(packing.batch(packed), PLACE, 0)

    assert (70_000, b"69999", 69_999) == (len(records), records[-1].value, records[-1].offset)


def test_what_is_no_batch_is_refused() -> None:
    """Bytes that are cut off raise, and give no half of the records."""
    body = packing.batch([packing.pack(message("1")), packing.pack(message("2"))])

    with pytest.raises(msgspec.MsgspecError):
        packing.unpack(body[:-1], PLACE, 0)
