"""A record of the log to what the state is told of it: facts, or a dead letter with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlog.log import Record
from handlers import table
from schemas import envelope, registry, topics
from schemas.defects import describe
from schemas.envelope import Envelope
from state.facts import Fact
from state.store import DeadLetter

_EVENT_TOPICS = frozenset(topics.EVENT_TOPICS)


@dataclass(frozen=True, slots=True)
class Understood:
    """A record with what it says; `facts` is empty for what tells nothing that is kept."""

    record: Record
    family: str
    facts: Sequence[Fact]


def understand(record: Record) -> Understood | DeadLetter:
    """The facts of one record. Never raises: a defect of ours is a dead letter, and no stop."""
    if record.topic not in _EVENT_TOPICS:
        return Understood(record, "none", ())
    try:
        event = envelope.read(record.value)
        if not isinstance(event, Envelope):
            return dead_letter(record, f"unreadable: {event.reason}")
        return Understood(record, registry.family(event.event_type), list(table.facts(event)))
    except Exception as error:
        return dead_letter(record, describe(error))


def dead_letter(record: Record, why: str) -> DeadLetter:
    """The record as a dead letter."""
    headers = dict(record.headers)
    event_id = headers.get("ce_id")
    return DeadLetter(
        partition=record.partition,
        offset=record.offset,
        topic=record.topic,
        event_id=event_id.decode("utf-8", "replace") if event_id else None,
        reason=why,
        key=record.key,
        value=record.value,
        headers=record.headers,
    )
