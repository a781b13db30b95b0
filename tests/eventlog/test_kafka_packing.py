"""Our bytes of a batch are those that Kafka's own client makes, and are read back as they were."""

from io import BytesIO
from typing import Any

import pytest
from aiokafka.codec import lz4_decode
from aiokafka.protocol.produce import ProduceRequest, ProduceRequest_v7, ProduceResponse_v7
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from hypothesis import example, given
from hypothesis import strategies as st

from eventlog import kafka_packing, kafka_produce
from eventlog.kafka_packing import OVERHEAD, Producer
from eventlog.kafka_records import Fetched
from eventlog.log import Message, Partition
from tests.eventlog.factories import message

PLACE = Partition("topic", 3)
_ATTRIBUTES_END, _RECORDS = 23, 61

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
messages = st.builds(
    Message,
    topic=st.just("topic"),
    key=st.binary(max_size=80),
    value=st.binary(max_size=300),
    headers=st.lists(st.tuples(names, st.binary(max_size=80)), max_size=4).map(tuple),
)


def built(sent: list[Message], producer: Producer, sequence: int, now_ms: int) -> bytes:
    """The batch as aiokafka builds it."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=producer.id,
        producer_epoch=producer.epoch,
        base_sequence=sequence,
        batch_size=2**31 - 1,
    )
    for offset, one in enumerate(sent):
        builder.append(offset, now_ms, one.key, one.value, list(one.headers))
    return bytes(builder.build())


def packed(sent: list[Message], producer: Producer, sequence: int, now_ms: int) -> bytes:
    """The batch as we make it."""
    ours = [kafka_packing.pack(one) for one in sent]
    return b"".join(kafka_packing.batch(ours, producer, sequence, now_ms))


@given(
    st.lists(messages, min_size=1, max_size=5),
    st.builds(Producer, st.integers(0, 2**63 - 1), st.integers(0, 2**15 - 1)),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**42),
)
@example([message(b"x" * size) for size in (0, 63, 64, 8_191, 8_192, 2**20)], Producer(1, 0), 0, 1)
@example([message(b"x")] * 9_000, Producer(7, 1), 5, 1_750_000_000_000)
def test_a_batch_is_the_one_that_aiokafka_builds(
    sent: list[Message], producer: Producer, sequence: int, now_ms: int
) -> None:
    """Byte for byte once its records are inflated, and with a right checksum of its own."""
    ours, theirs = (of(sent, producer, sequence, now_ms) for of in (packed, built))

    assert theirs[_ATTRIBUTES_END:_RECORDS] == ours[_ATTRIBUTES_END:_RECORDS]
    assert theirs[_RECORDS:] == lz4_decode(ours[_RECORDS:])
    assert DefaultRecordBatch(ours).validate_crc()


@given(st.lists(messages, min_size=1, max_size=5))
def test_what_is_packed_is_read_back(sent: list[Message]) -> None:
    """Key, value and headers, in order."""
    data = packed(sent, Producer(7, 0), 0, 1)
    records, _ = Fetched(data, PLACE, "topic", 0, 0).take(100, 2**30)
    read = [Message(one.topic, one.key, one.value, one.headers) for one in records]

    assert sent == read


@given(st.lists(messages, min_size=1, max_size=5))
def test_a_batch_takes_no_more_than_was_reckoned(sent: list[Message]) -> None:
    """So that it stays below the limit of its topic."""
    ours = [kafka_packing.pack(one) for one in sent]
    reckoned = sum(len(one) + OVERHEAD for one in ours)
    empty = kafka_packing.batch([], Producer(7, 0), 0, 1).size

    assert kafka_packing.batch(ours, Producer(7, 0), 0, 1).size <= reckoned + empty


def test_a_header_that_can_not_be_sent_is_refused() -> None:
    """Kafka's names of headers are UTF-8."""
    with pytest.raises(UnicodeEncodeError):
        kafka_packing.pack(message(headers=(("\ud800", b""),)))


def test_a_request_is_the_one_that_aiokafka_makes() -> None:
    """Byte for byte, over several topics and partitions."""
    batches = {
        Partition(topic, number): kafka_packing.batch(
            [kafka_packing.pack(message(f"{topic}{number}"))], Producer(7, 0), 0, 1
        )
        for topic, number in [("a", 0), ("a", 11), ("ü", 2)]
    }
    topics: dict[str, list[tuple[int, bytes]]] = {}
    for (topic, number), batch in batches.items():
        topics.setdefault(topic, []).append((number, b"".join(batch)))
    theirs: Any = ProduceRequest(None, -1, 4_000, list(topics.items())).build(ProduceRequest_v7)
    ours = kafka_produce.request(batches).prepare({0: (3, 12)})

    assert theirs.encode() == ours.encode()
    assert theirs.build_request_header(5, "x") == ours.build_request_header(5, "x")


@given(
    st.lists(
        st.tuples(
            names,
            st.lists(
                st.tuples(
                    st.integers(0, 2**31 - 1),
                    st.integers(-1, 2**15 - 1),
                    *[st.integers(-1, 2**62)] * 3,
                ),
                max_size=4,
            ),
        ),
        max_size=3,
    )
)
def test_an_answer_says_what_aiokafka_would_read(topics: list[Any]) -> None:
    """Each batch's error code, however many topics and partitions there are."""
    answer = ProduceResponse_v7(topics=topics, throttle_time_ms=0).encode()
    expected = {
        Partition(name, number): code for name, outcomes in topics for number, code, *_ in outcomes
    }

    request = kafka_produce.request({}).prepare({0: (0, 7)})
    assert expected == kafka_produce.codes(request.RESPONSE_TYPE.decode(BytesIO(answer)))
