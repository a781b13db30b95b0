"""The shapes in which a delivery arrives: project webhook, distribution, legacy."""

from dataclasses import dataclass

from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.wire import Json

TARGET_URL = "https://sync.example/webhooks/voucherify"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook as it goes over the wire, and what a simulation has to know of it.

    `at` is the moment of its event in ms; `entries` are the (voucher id, `vtx_…` id) that it tells;
    `sendout_id` is None for a raw payload, which has none.
    """

    body: bytes
    at: int
    type: str
    sendout_id: str | None
    entries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, apart from who is told of it."""

    id: str
    type: str
    at: int
    entity_id: str
    group_id: str
    channel: str

    def form(self) -> Json:
        """`event`."""
        source: Json = {"channel": self.channel}
        if self.channel == "API":
            source["api_key"] = {"name": "Till key", "app_id": "an-invented-app-id"}
        return {
            "id": self.id,
            "type": self.type,
            "created_at": At(self.at),
            "entity_id": self.entity_id,
            "group_id": self.group_id,
            "event_source": source,
        }


@dataclass(frozen=True, slots=True)
class Sendout:
    """One telling of an event: its own id, whose webhook it is and when it goes out."""

    id: str
    project_id: str
    at: int


def project_webhook(event: Event, sendout: Sendout, data: Json, webhook_id: str) -> Json:
    """v2024-01-01, from the project's settings."""
    return _current(event, sendout, data, event.type, "webhook", webhook_id)


def distribution(
    event: Event, sendout: Sendout, data: Json, distribution_id: str, label: str
) -> Json:
    """v2024-01-01, from a distribution: its `type` is whatever a marketer typed."""
    return _current(event, sendout, data, label, "distribution", distribution_id)


def _current(
    event: Event, sendout: Sendout, data: Json, type_: str, source: str, source_id: str
) -> Json:
    return {
        "id": sendout.id,
        "project_id": sendout.project_id,
        "created_at": At(sendout.at),
        "type": type_,
        "data": data,
        "source": {"object": source, "id": source_id, "target_url": TARGET_URL},
        "event": event.form(),
    }


def legacy(event: Event, sendout: Sendout, data: Json) -> Json:
    """v2018-08-01: no `event`, no `source`, and the event's own id on top."""
    return {
        "id": event.id,
        "object": "event",
        "webhook_id": sendout.id,
        "project_id": sendout.project_id,
        "created_at": At(event.at),
        "type": event.type,
        "data": data,
        "metadata": {},
    }
