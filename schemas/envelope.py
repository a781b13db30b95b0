"""Bytes to an envelope: which version, which type, which project, which thing, when.

Four shapes arrive at one URL: project webhook, distribution webhook, raw payload, legacy event.
They are told apart by their structure, never by the top-level `type`, which in a distribution is
free text that a marketer typed. What fits no shape is not an error of the sender's: it is
`Unreadable`, with a reason of few possible values, and goes to the quarantine topic.
"""

from typing import Any, Final, Literal, NamedTuple

import msgspec

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


class _Event(msgspec.Struct):
    """`event` of a v2024-01-01 webhook: what happened, apart from who is told of it."""

    type: str
    id: Any = None
    created_at: Any = None
    entity_id: Any = None
    group_id: Any = None


class _Source(msgspec.Struct):
    object: str


class _Webhook(msgspec.Struct):
    """Project and distribution webhooks of v2024-01-01."""

    project_id: str
    source: _Source
    event: _Event
    data: dict[str, Any]
    id: Any = None
    created_at: Any = None


class _LegacyEvent(msgspec.Struct):
    """An event of v2018-08-01."""

    id: str
    object: Literal["event"]
    project_id: str
    type: str
    data: dict[str, Any]
    webhook_id: Any = None
    created_at: Any = None


_webhooks: Final = msgspec.json.Decoder(_Webhook)


def read(body: bytes) -> Envelope | Unreadable:
    """The envelope of a verified body. Never raises: what can't be read is Unreadable.

    Nearly every body is a plain webhook, and read as one in a single pass.
    """
    try:
        if not body.isascii():
            body.decode()  # what no field asks for is passed over, and may be no text
        return _from_webhook(_webhooks.decode(body))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _read_any(body)


def _read_any(body: bytes) -> Envelope | Unreadable:
    """Whatever it may be: text that the fast decoder refuses, another shape, no event at all."""
    try:
        value = jsontext.decode(body)
    except jsontext.NotJSONError as error:
        return Unreadable(str(error))
    if not isinstance(value, dict):
        return Unreadable("not-an-object")
    try:
        if isinstance(value.get("event"), dict) and isinstance(value.get("source"), dict):
            parts = {
                "event": _only(_Event, value["event"]),
                "source": _only(_Source, value["source"]),
            }
            webhook = msgspec.convert(_only(_Webhook, value) | parts, _Webhook)
            _refuse_odd(webhook.project_id, webhook.event.type)
            return _from_webhook(webhook)
        if value.get("object") == "event":
            event = msgspec.convert(_only(_LegacyEvent, value), _LegacyEvent)
            _refuse_odd(event.id, event.project_id, event.type)
            return _from_legacy(event)
    except (msgspec.ValidationError, UnicodeEncodeError):
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


def _only(shape: type[msgspec.Struct], value: dict[str, Any]) -> dict[str, Any]:
    """The fields of a shape; others may have names that are no Unicode."""
    return {name: value[name] for name in shape.__struct_fields__ if name in value}


def _refuse_odd(*names: str) -> None:
    """Raise UnicodeEncodeError where a name has a lone surrogate: topics are named by them."""
    "".join(names).encode()


def _looks_like_an_event(value: dict[str, Any]) -> bool:
    return "project_id" in value and "type" in value and "data" in value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
