"""Topics, keys and headers are what other teams rely on."""

from typing import Any

import pytest

from schemas import envelope, registry, topics
from schemas.envelope import Envelope
from tests.factories import body, legacy, webhook


def read(event: dict[str, Any]) -> Envelope:
    """Read an event that is one."""
    found = envelope.read(body(event))
    assert isinstance(found, Envelope)
    return found


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (webhook("voucher.loyalty_card.points_added", {}), "v2024-01-01.loyalty"),
        (webhook("voucher.published", {}), "v2024-01-01.publication"),
        (webhook("customer.voucher.gift.balance_added", {}), "v2024-01-01.voucher"),
        (webhook("business_validation_rule.created", {}), "v2024-01-01.validation-rule"),
        (webhook("voucher.teleported", {}), "v2024-01-01.other"),
        (legacy("redemption.succeeded", {}), "v2018-08-01.redemption"),
        (legacy("spoon.bent", {}), "v2018-08-01.other"),
    ],
)
def test_topic(event: dict[str, Any], expected: str) -> None:
    """An event's topic is its version and the family of its type."""
    assert f"voucherify.{expected}" == topics.topic(read(event))
    assert f"voucherify.{expected}" in topics.ALL_TOPICS


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"voucher": {"id": "v_1"}, "customer": {"id": "c_1"}}, b"v_1"),
        ({"voucher": {"code": "X"}, "customer": {"id": "c_1"}}, b"c_1"),
        ({"transaction": {"voucher_id": "v_2"}, "voucher": None}, b"v_2"),
        ({"pending_points": {"voucher_id": "v_3"}}, b"v_3"),
        ({"vouchers": [{"id": "v_4"}], "customer": {"id": "c_1"}}, b"v_4"),
        ({"object": "voucher", "id": "v_5"}, b"v_5"),
        ({"object": "customer", "id": "c_5"}, b"c_5"),
        ({"voucher": {"id": ""}, "customer": 7}, b"entity_1"),
        ({"voucher": {"id": "v\ud800"}}, "v\ud800".encode("utf-8", "surrogatepass")),
    ],
)
def test_key(data: dict[str, Any], expected: bytes) -> None:
    """One thing's events have one key: its voucher id, else its customer id, else its entity's."""
    event = Envelope("v2024-01-01", "webhook", "e", "t", "p", None, "entity_1", 0, None, data)

    assert expected == topics.key(event)


def test_headers() -> None:
    """The headers are CloudEvents' attributes in binary mode."""
    event = webhook("voucher.updated", {}, event_id="evvou_1", project="proj/ü 1")

    found = dict(topics.headers(read(event), 1_735_689_600_007))

    expected = {
        "ce_specversion": b"1.0",
        "ce_id": b"evvou_1",
        "ce_type": b"io.voucherify.voucher.updated",
        "ce_source": b"/projects/proj%2F%C3%BC%201",
        "ce_subject": b"entity_1",
        "ce_time": b"2025-03-01T00:00:01.000Z",
        "content-type": b"application/json",
        "ce_webhookversion": b"v2024-01-01",
        "ce_sendoutid": b"whs_evvou_1",
        "ce_receivedat": b"2025-01-01T00:00:00.007Z",
    }
    assert expected == found


def test_headers_of_an_event_that_says_little() -> None:
    """What is not told has no header; an empty attribute would be against CloudEvents."""
    event = Envelope("v2018-08-01", "legacy", "e", "t", "p", None, None, 0, "gibberish", {})

    assert not {"ce_subject", "ce_time", "ce_sendoutid"} & dict(topics.headers(event, 0)).keys()


def test_quarantine_headers() -> None:
    """A quarantined delivery carries its reason."""
    assert b"raw-payload" == dict(topics.quarantine_headers("raw-payload", "id", 0))["reason"]


def test_every_family_has_types_and_topics() -> None:
    """The registry's families are the contract's, and each has a topic in both versions."""
    assert set(registry.FAMILIES) == set(registry.FAMILY_OF_TYPE.values())
    assert 2 * len(registry.FAMILIES) + 2 == len(topics.ALL_TOPICS)
    assert registry.is_known("customer.entered.segment")
    assert not registry.is_known("voucher.teleported")
