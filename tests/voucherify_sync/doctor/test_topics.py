"""What the doctor says of Kafka's topics, as they are described and as they really are."""

import secrets

import pytest

from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_described import Described, Description, describe
from eventlog.kafka_topics import Creation
from eventlog.kafka_writer import KafkaWriter
from tests.eventlog import kafka_admin
from tests.services.kafka import Kafka
from voucherify_sync import doctor_log
from voucherify_sync.doctor_parts import PARTS
from voucherify_sync.settings import load

GOOD = {
    "min.insync.replicas": "2",
    "retention.ms": "1209600000",
    "cleanup.policy": "delete",
    "max.message.bytes": "2097152",
}


def topic(**different: object) -> Described:
    """A topic that is right, but for this."""
    settings = GOOD | {
        name.replace("_", "."): str(value) for name, value in different.items() if name not in WHOLE
    }
    whole = {"partitions": 12, "replicas": 3, "in_sync": 3, "leaderless": 0}
    numbers = whole | {name: int(str(different[name])) for name in WHOLE & different.keys()}
    return Described(name="t", settings=settings, **numbers)


WHOLE = {"partitions", "replicas", "in_sync", "leaderless"}


def said(*topics: Described, missing: int = 0) -> list[tuple[str, str]]:
    """Level and words of what is found."""
    found = Description(3, topics, ["gone"] * missing)
    return [(one.level.value, one.says) for one in doctor_log.judge(found, load())]


@pytest.mark.parametrize(
    ("different", "level", "words"),
    [
        ({}, "ok", "1 with at least 12 partition(s) are right"),
        ({"leaderless": 1}, "failure", "partitions without a leader: t"),
        ({"min_insync_replicas": 4}, "failure", "more copies must acknowledge than there are: t"),
        ({"cleanup_policy": "compact"}, "failure", "compacted, so earlier events of a thing"),
        ({"in_sync": 2}, "warning", "copies are behind: t"),
        ({"replicas": 1, "in_sync": 1, "min_insync_replicas": 1}, "warning", "one copy only"),
        ({"min_insync_replicas": 1}, "warning", "one copy is enough to acknowledge: t"),
        ({"min_insync_replicas": 3}, "warning", "all copies must acknowledge: t"),
        ({"retention_ms": 3_600_000}, "warning", "kept for less than 7 days: t"),
        ({"retention_ms": -1}, "ok", "1 with"),
        ({"max_message_bytes": 1_048_576}, "warning", "the largest deliveries do not fit: t"),
        ({"partitions": 1}, "warning", "one partition, so one copy of the handlers"),
    ],
)
def test_what_is_wrong_with_a_topic(different: dict[str, object], level: str, words: str) -> None:
    """One line for each way, naming the topics."""
    ((found_level, found_words),) = said(topic(**different))

    assert (level, True) == (found_level, found_words.startswith(words)), found_words


def test_settings_that_nobody_may_see() -> None:
    """They are not right because they look harmless."""
    hidden = Described("t", 12, 3, 3, 0, settings={})

    assert [("warning", "settings can't be seen: t")] == said(hidden)


def test_several_topics_share_a_line() -> None:
    """And those that are not there are counted."""
    found = said(*(topic(partitions=1) for _ in range(5)), missing=2)

    assert ("warning", "2 of 7 are not there yet") == found[0]
    assert found[1][1].endswith("applies it: t, t, t and 2 more")


async def test_a_log_is_whole_once_the_parts_topics_are_there(kafka: Kafka) -> None:
    """Those of other parts are not missed; without its own there is nothing to compare with."""
    prefix = f"d{secrets.token_hex(4)}."
    settings = load({"log": f"kafka://{kafka.servers}", "topic_prefix": prefix})
    before = await doctor_log.look(settings, PARTS["receiver"])
    writer = KafkaWriter(
        KafkaConnection([kafka.servers]),
        topics=PARTS["receiver"].topics,
        creation=Creation(partitions=1, prefix=prefix),
    )
    await writer.check()
    await writer.close()
    looked = {name: await doctor_log.look(settings, PARTS[name]) for name in ("receiver", "serve")}

    assert (False, {"receiver": True, "serve": False}) == (
        before.is_whole,
        {name: one.is_whole for name, one in looked.items()},
    )


async def test_a_real_cluster_is_described(kafka: Kafka) -> None:
    """Copies and settings as an operator made them; a topic that is not there is missing."""
    name = f"d{secrets.token_hex(4)}"
    await kafka_admin.create(kafka.servers, name, partitions=2, retention_ms="3600000")

    found = await describe(KafkaConnection([kafka.servers]), [name, f"{name}.none"])

    (made,) = found.topics
    assert (1, [f"{name}.none"]) == (found.brokers, found.missing)
    assert (name, 2, 1, 1, 0) == (
        made.name,
        made.partitions,
        made.replicas,
        made.in_sync,
        made.leaderless,
    )
    assert (3_600_000, "delete") == (made.number("retention.ms"), made.settings["cleanup.policy"])
