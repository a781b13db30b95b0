"""A record of the log to what the state is told of it: facts, or a dead letter with its reason."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from eventlog.log import Record
from handlers import people, table
from schemas import envelope, registry, topics
from schemas.defects import describe
from schemas.envelope import Envelope, Unreadable
from state import kinds
from state.facts import Fact, Observed
from state.store import DeadLetter, LetterPlace

_EVENT_TOPICS = frozenset(topics.EVENT_TOPICS)


class Understood(NamedTuple):
    """A record with what it says; `facts` is empty for what tells nothing that is kept."""

    record: Record
    family: str
    facts: Sequence[Fact]


def understand(record: Record, now: int) -> Understood | DeadLetter:
    """The facts of one record, at a moment in ms.

    Never raises: a defect of ours is a dead letter, and no stop.
    """
    if record.topic not in _EVENT_TOPICS:
        return Understood(record, "none", ())
    event = None
    try:
        event = envelope.read(record.value)
        if not isinstance(event, Envelope):
            return dead_letter(record, f"unreadable: {event.reason}", now)
        return Understood(record, registry.family(event.event_type), list(table.facts(event)))
    except Exception as error:
        about = _named(event) if isinstance(event, Envelope) else ()
        project = event.project_id if isinstance(event, Envelope) else None
        return dead_letter(record, describe(error), now, project=project, about=about, event=event)


def refused(understood: Understood, error: Exception, now: int) -> DeadLetter:
    """What was understood, as a dead letter, because the state could not take its facts."""
    told = [fact.thing for fact in understood.facts]
    return dead_letter(
        understood.record,
        describe(error),
        now,
        project=told[0].project if told else None,
        about=(*(thing.id for thing in told), *_codes(understood.facts)),
        event=envelope.read(understood.record.value),
    )


def _codes(facts: Iterable[Fact]) -> Iterator[str]:
    """What vouchers are asked for by, beside their ids."""
    for fact in facts:
        if isinstance(fact, Observed) and fact.thing.kind == kinds.VOUCHER:
            code = fact.fields.get("code")
            if isinstance(code, str):
                yield code


def dead_letter(
    record: Record,
    why: str,
    now: int,
    *,
    project: str | None = None,
    about: Iterable[str] = (),
    event: Envelope | Unreadable | None = None,
) -> DeadLetter:
    """The record as a dead letter; it is at least about the things that its headers name.

    It names all people whom its event does: it is found by them when they are deleted.
    """
    headers = dict(record.headers)
    named = (topics.text(record.key), topics.text(headers.get("ce_subject", b"")))
    data = event.data if isinstance(event, Envelope) else None
    return DeadLetter(
        place=LetterPlace(*record.partition, record.offset),
        topic=record.topic,
        reason=why,
        key=record.key,
        value=record.value,
        headers=record.headers,
        recorded_at=now,
        project=project or topics.project(headers.get("ce_source", b"")),
        about=tuple(sorted({one for one in (*about, *named) if one})),
        people=tuple(sorted(set(people.ids_of(data)))),
    )


def _named(event: Envelope) -> Iterator[str]:
    """The ids and codes of the things that stand in a payload, without understanding it."""
    if event.entity_id:
        yield event.entity_id
    for value in event.data.values():
        for thing in value if isinstance(value, list) else [value]:
            if isinstance(thing, dict):
                names: Any = (thing.get("id"), thing.get("code"))
                yield from (name for name in names if isinstance(name, str))
