"""Other teams read the topics with any CloudEvents library."""

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from eventlog.log import Message
from schemas import envelope, topics
from schemas.envelope import Envelope
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import read_some
from tests.factories import CARD, at, body, webhook


async def test_a_message_is_a_cloud_event_in_binary_mode(open_place: OpenPlace) -> None:
    """As CloudEvents' own library reads it from Kafka."""
    place = open_place()
    writer, reader = place.writer(), place.reader()
    sent = webhook("voucher.loyalty_card.points_added", {"voucher": {"id": CARD}}, told=7_000)
    event = envelope.read(body(sent))
    assert isinstance(event, Envelope)
    headers = topics.headers(event, 8_000)
    await writer.append([Message(topics.topic(event), topics.key(event), body(sent), headers)])
    (record,) = await read_some(reader)

    read = from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat())
    assert "1.0" == read.get_specversion()
    assert "evt_1" == read.get_id()
    assert "io.voucherify.voucher.loyalty_card.points_added" == read.get_type()
    assert "/projects/proj_test" == read.get_source()
    assert "entity_1" == read.get_subject()
    time = read.get_time()
    assert time is not None
    assert at(7_000) == time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert "v2024-01-01" == read.get_extension("webhookversion")
    assert CARD == read.get_extension("partitionkey")
    assert sent == read.get_data()
