"""Frames of LZ4 that every Kafka client reads."""

import os

import pytest
from aiokafka.codec import lz4_decode
from hypothesis import given
from hypothesis import strategies as st

from eventlog.kafka_compression import compress
from tests.factories import body, webhook


@given(st.binary(max_size=2_000))
def test_any_bytes_come_back(data: bytes) -> None:
    """Kafka's client reads what was put in."""
    assert data == lz4_decode(compress(data))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000, 1 << 20])
def test_any_size_comes_back(size: int) -> None:
    """Also in several blocks, whether they shrink or not."""
    alike, noise = b"x" * size, os.urandom(size)

    assert (alike, noise) == (lz4_decode(compress(alike)), lz4_decode(compress(noise)))
    assert len(compress(noise)) < size + 100


def test_events_shrink() -> None:
    """They are alike, which is what it is for."""
    many = b"".join(body(webhook("voucher.updated", {"id": f"v_{n}"})) for n in range(20))

    assert len(compress(many)) < len(many) / 3
