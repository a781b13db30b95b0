"""Bytes to an envelope: which version, which type, which project, which thing, when.

Four shapes arrive at one URL: project webhook, distribution webhook, raw payload, legacy event.
They are told apart by their structure, never by the top-level `type`, which in a distribution is
free text that a marketer typed. What fits no shape is not an error of the sender's: it is
`Unreadable`, with a reason of few possible values, and goes to the quarantine topic.
"""

from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas import jsontext, moment

Version = Literal["v2024-01-01", "v2018-08-01"]
Source = Literal["webhook", "distribution", "legacy"]


class Envelope(NamedTuple):
    """What every event says of itself, whatever its version.

    `created_at` is in milliseconds (0 where the event tells none), `data` is as received.
    """

    version: Version
    source: Source
    event_id: str
    event_type: str
    project_id: str
    sendout_id: str | None
    entity_id: str | None
    created_at: int
    created_at_text: str | None
    data: dict[str, Any]
    group_id: str | None = None


class Unreadable(NamedTuple):
    """An authentic delivery that is no event we know the shape of."""

    reason: str


class _Event(BaseModel):
    """`event` of a v2024-01-01 webhook: what happened, apart from who is told of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Any = None
    type: str
    created_at: Any = None
    entity_id: Any = None
    group_id: Any = None


class _Source(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    object: str


class _Webhook(BaseModel):
    """Project and distribution webhooks of v2024-01-01."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Any = None
    project_id: str
    created_at: Any = None
    source: _Source
    event: _Event
    data: dict[str, Any]


class _LegacyEvent(BaseModel):
    """An event of v2018-08-01."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    object: Literal["event"]
    webhook_id: Any = None
    project_id: str
    created_at: Any = None
    type: str
    data: dict[str, Any]


def read(body: bytes) -> Envelope | Unreadable:
    """The envelope of a verified body. Never raises: what can't be read is Unreadable."""
    try:
        value = jsontext.decode(body)
    except jsontext.NotJSONError as error:
        return Unreadable(str(error))
    if not isinstance(value, dict):
        return Unreadable("not-an-object")
    try:
        if isinstance(value.get("event"), dict) and isinstance(value.get("source"), dict):
            return _from_webhook(_Webhook.model_validate(value))
        if value.get("object") == "event":
            return _from_legacy(_LegacyEvent.model_validate(value))
    except ValidationError:
        return Unreadable("incomplete-envelope")
    if _looks_like_an_event(value):
        return Unreadable("unknown-version")
    return Unreadable("raw-payload")


def _from_webhook(webhook: _Webhook) -> Envelope | Unreadable:
    event_id = _text(webhook.event.id) or _text(webhook.id)
    if not event_id or not webhook.event.type:
        return Unreadable("incomplete-envelope")
    created_at = webhook.event.created_at or webhook.created_at
    return Envelope(
        version="v2024-01-01",
        source="distribution" if webhook.source.object == "distribution" else "webhook",
        event_id=event_id,
        event_type=webhook.event.type,
        project_id=webhook.project_id,
        sendout_id=_text(webhook.id),
        entity_id=_text(webhook.event.entity_id),
        created_at=moment.parse(created_at) or 0,
        created_at_text=_text(created_at),
        data=webhook.data,
        group_id=_text(webhook.event.group_id),
    )


def _from_legacy(event: _LegacyEvent) -> Envelope:
    return Envelope(
        version="v2018-08-01",
        source="legacy",
        event_id=event.id,
        event_type=event.type,
        project_id=event.project_id,
        sendout_id=_text(event.webhook_id),
        entity_id=_text(event.data.get("id")),
        created_at=moment.parse(event.created_at) or 0,
        created_at_text=_text(event.created_at),
        data=event.data,
    )


def _looks_like_an_event(value: dict[str, Any]) -> bool:
    return "project_id" in value and "type" in value and "data" in value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
