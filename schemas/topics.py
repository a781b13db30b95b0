"""Where a message goes and what it carries: topics, keys, CloudEvents headers.

Headers follow the Kafka protocol binding of CloudEvents 1.0 in binary mode, so that other teams
read the topics with any CloudEvents library.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote_to_bytes

from schemas import moment, registry
from schemas.envelope import Envelope

QUARANTINE: Final = "voucherify.quarantine"
DEAD_LETTER: Final = "voucherify.dead-letter"
VERSIONS: Final = ("v2024-01-01", "v2018-08-01")

EVENT_TOPICS: Final = tuple(
    f"voucherify.{version}.{family}" for version in VERSIONS for family in registry.FAMILIES
)
ALL_TOPICS: Final = (*EVENT_TOPICS, QUARANTINE, DEAD_LETTER)

_SOURCE: Final = "/projects/"

Header = tuple[str, bytes]
Headers = tuple[Header, ...]

_SAME_FOR_ALL: Final[Headers] = (
    ("ce_specversion", b"1.0"),
    ("content-type", b"application/json"),
)


def topic(envelope: Envelope) -> str:
    """The topic of an event: its version and the family of its type."""
    return _topic(envelope.version, registry.family(envelope.event_type))


@cache
def _topic(version: str, family: str) -> str:
    return f"voucherify.{version}.{family}"


def key(envelope: Envelope) -> bytes:
    """What keeps one thing's events in order: voucher id, else customer id, else entity id."""
    data = envelope.data
    found = (
        _field(data.get("voucher"), "id")
        or _field(data.get("transaction"), "voucher_id")
        or _field(data.get("pending_points"), "voucher_id")
        or _first_id(data.get("vouchers"))
        or _own_id(data, "voucher")
        or _field(data.get("customer"), "id")
        or _own_id(data, "customer")
        or envelope.entity_id
        or envelope.event_id
    )
    return raw(found)


def headers(envelope: Envelope, received_at: int) -> Headers:
    """CloudEvents attributes of an event; `received_at` in milliseconds."""
    return (
        *_of_type(envelope.version, envelope.event_type),
        ("ce_id", raw(envelope.event_id)),
        ("ce_source", _source(envelope.project_id)),
        _received(received_at),
        *_told(envelope),
    )


@lru_cache(maxsize=1_024)
def _of_type(version: str, event_type: str) -> Headers:
    """What many events have alike, made once."""
    return (
        *_SAME_FOR_ALL,
        ("ce_type", b"io.voucherify." + raw(event_type)),
        ("ce_webhookversion", raw(version)),
    )


@lru_cache(maxsize=16)
def _received(at: int) -> Header:
    """Under load many events share a millisecond."""
    return ("ce_receivedat", moment.to_text(at).encode("ascii"))


def _told(envelope: Envelope) -> Iterator[Header]:
    """The attributes that an event may lack; an empty one would be against CloudEvents."""
    if envelope.entity_id:
        yield "ce_subject", raw(envelope.entity_id)
    if envelope.created_at_text and envelope.created_at:
        yield "ce_time", raw(envelope.created_at_text)
    if envelope.sendout_id:
        yield "ce_sendoutid", raw(envelope.sendout_id)


def project(source: bytes) -> str | None:
    """The project that a `ce_source` names, None where it names none."""
    prefix = _SOURCE.encode("ascii")
    if not source.startswith(prefix):
        return None
    return text(unquote_to_bytes(source.removeprefix(prefix))) or None


def text(value: bytes) -> str:
    """The text that a key or header was made of; what none of ours would hold is replaced."""
    try:
        return value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace")


@lru_cache(maxsize=1_024)
def _source(project_id: str) -> bytes:
    return f"{_SOURCE}{quote(project_id, safe='', errors='surrogatepass')}".encode("ascii")


def raw(text: str) -> bytes:
    """A text as keys and headers have it."""
    return text.encode("utf-8", "surrogatepass")


def quarantine_headers(reason: str, delivery_id: str, received_at: int) -> Headers:
    """Headers of a delivery that was authentic and not understood, with the reason why."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", delivery_id.encode("ascii")),
        ("ce_type", b"io.voucherify.quarantined"),
        ("ce_source", b"/voucherify-sync/receiver"),
        ("content-type", b"application/octet-stream"),
        ("ce_receivedat", moment.to_text(received_at).encode("ascii")),
        ("reason", reason.encode("ascii")),
    )


def _first_id(things: object) -> str | None:
    return _field(things[0], "id") if isinstance(things, list) and things else None


def _own_id(data: dict[str, Any], kind: str) -> str | None:
    """An older payload may be the thing itself."""
    return _field(data, "id") if data.get("object") == kind else None


def _field(thing: object, name: str) -> str | None:
    value = thing.get(name) if isinstance(thing, dict) else None
    return value if isinstance(value, str) and value else None
