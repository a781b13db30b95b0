"""Accepted events as they come: what `voucherify-sync tail` does, without its output.

Reads the log's end without a part in any group, and changes nothing. What is shown of an event
names no person: their ids at the customer's own systems are masked, as are cards' codes, with which
anybody can pay.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from eventlog.log import (
    AssignmentChangedError,
    LogReader,
    LogUnavailableError,
    Partition,
    PositionLostError,
    Record,
)
from handlers import people
from schemas import envelope, moment, registry, topics
from schemas.envelope import Envelope

AT_ONCE: Final = 500
_WAIT_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.0
_HOLDERS: Final = ("customer", "holder", "referrer")
_CARDS: Final = ("voucher", "source_voucher", "destination_voucher")
_MASK: Final = "***"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: by types (with `*`), by a card's id or code, by a customer's id or source id.

    What is not given does not matter.
    """

    types: Sequence[str] = ()
    card: str | None = None
    customer: str | None = None

    def wants(self, event: Envelope) -> bool:
        """Whether an event is meant."""
        return (
            (not self.types or any(fnmatchcase(event.event_type, one) for one in self.types))
            and (self.card is None or self.card in card_names(event))
            and (self.customer is None or self.customer in customer_names(event))
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """One accepted event. `late` is how long it took from Voucherify's event to our log, in ms.

    `cards` and `customers` are ids, with codes and source ids as far as they may be shown.
    """

    received_at: int | None
    event_type: str
    family: str
    version: str
    project: str
    event_id: str
    entity: str | None
    cards: Sequence[str]
    customers: Sequence[str]
    late: int | None
    place: str


async def follow(
    log: LogReader,
    *,
    from_begin: bool,
    stop: asyncio.Event,
    away: Callable[[str], None],
) -> AsyncIterator[Record]:
    """Records from the end (or the begin) of the log on, until `stop`; `away` is told of trouble.

    Raises LogUnavailableError where the log is not there at the start.
    """
    positions = dict(await (log.begins() if from_begin else log.ends()))
    fits = True
    while not stop.is_set():
        try:
            if not fits:
                positions |= await _begun_anew(log, positions)
                fits = True
            records = await log.read(positions, limit=AT_ONCE, wait=_WAIT_SECONDS)
        except AssignmentChangedError:
            fits = False
            continue
        except (PositionLostError, LogUnavailableError) as trouble:
            fits = fits and not isinstance(trouble, PositionLostError)
            away(str(trouble))
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        for record in records:
            positions[record.partition] = record.offset + 1
            yield record


async def _begun_anew(
    log: LogReader, positions: Mapping[Partition, int]
) -> Mapping[Partition, int]:
    """The begins of partitions that are new or no longer have what comes next; others go on."""
    begins, ends = await log.begins(), await log.ends()
    return {
        one: begin
        for one, begin in begins.items()
        if not begin <= positions.get(one, -1) <= ends.get(one, begin)
    }


def seen(record: Record, wanted: Wanted, *, personal: bool) -> Seen | None:
    """What is shown of a record; None where it is not wanted, or no event."""
    if record.topic not in topics.EVENT_TOPICS:
        return None
    event = envelope.read(record.value)
    if not isinstance(event, Envelope) or not wanted.wants(event):
        return None
    headers = dict(record.headers)
    received = moment.parse(topics.text(headers.get("ce_receivedat", b"")))
    is_told = received is not None and event.created_at
    return Seen(
        received_at=received,
        event_type=event.event_type,
        family=registry.family(event.event_type),
        version=event.version,
        project=event.project_id,
        event_id=event.event_id,
        entity=_entity(event, personal),
        cards=list(_shown(_cards(event), "code", personal)),
        customers=list(_shown(_people(event), "source_id", personal)),
        late=received - event.created_at if received is not None and is_told else None,
        place=_place(record.partition, record.offset),
    )


def card_names(event: Envelope) -> set[str]:
    """Ids and codes of the cards that an event is about."""
    data = event.data
    beside = [data.get("code")] if isinstance(data.get("code"), str) else []
    named = [one.get("voucher_id") for one in _objects(data, ("transaction", "pending_points"))]
    told = [one.get(name) for one in _cards(event) for name in ("id", "code")]
    return {one for one in (*told, *named, *beside) if isinstance(one, str)}


def customer_names(event: Envelope) -> set[str]:
    """Ids and source ids of the people that an event is about."""
    told = [one.get(name) for one in _people(event) for name in ("id", "source_id")]
    return {one for one in (*told, *people.ids_of(event.data)) if isinstance(one, str)}


def masked(text: str) -> str:
    """A text of which only its first letters stay."""
    return text[: min(2, len(text) // 4)] + _MASK


def _entity(event: Envelope, personal: bool) -> str | None:
    """The id, unless it is what a person is called elsewhere."""
    entity = event.entity_id
    if entity is None or personal:
        return entity
    names = {one.get("source_id") for one in _people(event)}
    names |= {one.get("code") for one in _cards(event)}
    return masked(entity) if entity in names or "@" in entity else entity


def _shown(things: Sequence[Mapping[str, Any]], name: str, personal: bool) -> Iterator[str]:
    for thing in things:
        id_, value = thing.get("id"), thing.get(name)
        parts = [id_] if isinstance(id_, str) else []
        if isinstance(value, str) and value:
            parts.append(value if personal else masked(value))
        if parts:
            yield "/".join(parts)


def _cards(event: Envelope) -> list[Mapping[str, Any]]:
    found = _objects(event.data, _CARDS)
    several = event.data.get("vouchers")
    found += [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []
    return found + ([event.data] if event.data.get("object") == "voucher" else [])


def _people(event: Envelope) -> list[Mapping[str, Any]]:
    is_one = event.data.get("object") == "customer"
    return _objects(event.data, _HOLDERS) + ([event.data] if is_one else [])


def _objects(data: Mapping[str, Any], names: Sequence[str]) -> list[Mapping[str, Any]]:
    found = (data.get(name) for name in names)
    return [one for one in found if isinstance(one, dict)]


def _place(partition: Partition, offset: int) -> str:
    return f"{partition.name}/{partition.number}/{offset}"
