"""The four shapes are told apart by structure; what fits none has a reason."""

import json
from typing import Any

import pytest

from schemas import envelope
from schemas.envelope import Envelope, Unreadable
from tests.factories import at, body, legacy, webhook

EPOCH = 1_740_787_200_000


def read(event: Any) -> Envelope | Unreadable:
    """Read an event as it would arrive."""
    return envelope.read(body(event))


def test_a_project_webhook() -> None:
    """All that an event says of itself is in the envelope, its data untouched."""
    event = webhook(
        "voucher.updated", {"voucher": {"x": [1, None]}}, told=1_500, event_id="evvou_1"
    )

    expected = Envelope(
        version="v2024-01-01",
        source="webhook",
        event_id="evvou_1",
        event_type="voucher.updated",
        project_id="proj_test",
        sendout_id="whs_evvou_1",
        entity_id="entity_1",
        created_at=EPOCH + 1_500,
        created_at_text=at(1_500),
        data={"voucher": {"x": [1, None]}},
        group_id="v-1",
    )
    assert expected == read(event)


@pytest.mark.parametrize("top_type", ["", "Happy birthday!", "voucher.deleted"])
def test_a_distribution_webhook(top_type: str) -> None:
    """The type that a marketer typed means nothing; the event's own type does."""
    event = webhook("customer.rewarded", {}, distribution=True, top_type=top_type)

    found = read(event)

    assert isinstance(found, Envelope)
    assert ("distribution", "customer.rewarded") == (found.source, found.event_type)


def test_a_legacy_event() -> None:
    """An event of v2018-08-01 has its id and type at the top, and no source."""
    found = read(legacy("redemption.succeeded", {"id": "r_1"}))

    assert isinstance(found, Envelope)
    assert ("v2018-08-01", "ev_1", "whs_1", "r_1") == (
        found.version,
        found.event_id,
        found.sendout_id,
        found.entity_id,
    )


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    """The event without the field at a path."""
    first, *rest = path
    kept = dict(event)
    if rest:
        kept[first] = without(kept[first], *rest)
    else:
        del kept[first]
    return kept


WEBHOOK = webhook("voucher.updated", {})
LEGACY = legacy("voucher.updated", {})


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (b"", "not-json"),
        (b"[1]", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b"[" * 5000 + b"]" * 5000, "too-deep"),
        ({}, "raw-payload"),
        ({"points": 5, "customer": {"id": "c"}}, "raw-payload"),
        ({"event": "clicked", "source": {}}, "raw-payload"),
        (without(WEBHOOK, "event"), "unknown-version"),
        (without(WEBHOOK, "source"), "unknown-version"),
        (without(WEBHOOK, "project_id"), "incomplete-envelope"),
        (without(WEBHOOK, "data"), "incomplete-envelope"),
        (without(WEBHOOK, "event", "type"), "incomplete-envelope"),
        ({**WEBHOOK, "data": "text"}, "incomplete-envelope"),
        ({**WEBHOOK, "id": None, "event": {"type": "x", "id": ""}}, "incomplete-envelope"),
        (without(LEGACY, "id"), "incomplete-envelope"),
        (without(LEGACY, "data"), "incomplete-envelope"),
        (without(LEGACY, "object"), "unknown-version"),
    ],
)
def test_what_is_no_event_has_a_reason(event: Any, reason: str) -> None:
    """Nothing is refused and nothing guessed: it is unreadable, with a reason to count by."""
    text = event if isinstance(event, bytes) else body(event)

    assert Unreadable(reason) == envelope.read(text)


def test_an_event_without_its_own_id_or_moment_has_the_send_outs() -> None:
    """The send-out's id and moment stand in for the event's."""
    event = without(without(WEBHOOK, "event", "id"), "event", "created_at")

    found = read(event)

    assert isinstance(found, Envelope)
    assert ("whs_evt_1", EPOCH + 1_000) == (found.event_id, found.created_at)


def test_odd_fields_beside_what_is_needed_change_nothing() -> None:
    """Keys that no model can name, and ids that are no text, are no reason to quarantine."""
    event = {**WEBHOOK, "\ud800": 1, "id": 7, "event": {**WEBHOOK["event"], "\ud800": []}}

    found = envelope.read(json.dumps(event).encode())

    assert isinstance(found, Envelope)
    assert ("evt_1", None) == (found.event_id, found.sendout_id)


def test_a_test_webhook_with_zeros() -> None:
    """The dashboard's test webhook is an event like any other."""
    event = webhook("voucher.created", {"voucher": {"id": "v_000"}}, event_id="000")

    assert isinstance(read({**event, "created_at": None}), Envelope)
