"""A body to its message: the four shapes, and what is quarantined."""

import hashlib

import pytest

from receiver.delivery import understand
from schemas import topics
from tests import factories
from tests.receiver.factories import NOW, body, event

DATA = {"id": "v_1", "object": "voucher"}


@pytest.mark.parametrize(
    ("told", "topic"),
    [
        (event("voucher.updated"), "voucherify.v2024-01-01.voucher"),
        (
            factories.webhook(
                "customer.publication.succeeded", DATA, distribution=True, top_type=""
            ),
            "voucherify.v2024-01-01.publication",
        ),
        (
            factories.webhook(
                "voucher.updated", DATA, distribution=True, top_type="publication.succeeded"
            ),
            "voucherify.v2024-01-01.voucher",
        ),
        (factories.legacy("redemption.succeeded", DATA), "voucherify.v2018-08-01.redemption"),
        (event("something.new"), "voucherify.v2024-01-01.other"),
    ],
)
def test_an_event_goes_to_the_topic_of_its_version_and_family(
    told: dict[str, object], topic: str
) -> None:
    """By its structure and its real type; the value is the body, the key its voucher."""
    text = factories.body(told)
    found = understand(text, NOW)

    assert (topic, text, b"v_1") == (
        found.message.topic,
        found.message.value,
        found.message.key,
    )
    assert ("accepted", None) == (found.reason, found.problem)


def test_an_event_carries_cloudevents_headers() -> None:
    """The attributes that other teams' libraries read, and when it was received."""
    expected = {
        "ce_specversion": b"1.0",
        "ce_id": b"evt_1",
        "ce_type": b"io.voucherify.voucher.updated",
        "ce_source": b"/projects/proj_test",
        "ce_subject": b"entity_1",
        "ce_time": b"2025-03-01T00:00:01.000Z",
        "content-type": b"application/json",
        "ce_webhookversion": b"v2024-01-01",
        "ce_sendoutid": b"whs_evt_1",
        "ce_receivedat": b"2025-03-01T00:00:00.123Z",
    }

    assert expected == dict(understand(body(), NOW).message.headers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not-json"),
        (b"plain text", "not-json"),
        (b"\xff\xfe", "invalid-utf8"),
        (b"[1]", "not-an-object"),
        (b"[" * 5_000 + b"]" * 5_000, "too-deep"),
        (b'{"points": 5}', "raw-payload"),
        (b'{"id":"whs_1","type":"x","project_id":"p","data":{}}', "unknown-version"),
        (b'{"source":{"object":"webhook"},"event":{}}', "incomplete-envelope"),
    ],
)
def test_what_is_not_understood_is_quarantined(text: bytes, reason: str) -> None:
    """As it came, with the reason, under an id that the same body always has."""
    digest = hashlib.sha256(text).hexdigest().encode()
    found = understand(text, NOW)
    headers = dict(found.message.headers)

    assert (topics.QUARANTINE, digest, text) == (
        found.message.topic,
        found.message.key,
        found.message.value,
    )
    assert (reason.encode(), digest) == (headers["reason"], headers["ce_id"])
    assert (None, reason, None) == (found.envelope, found.reason, found.problem)


def test_a_body_over_which_our_code_stumbles_is_quarantined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would stumble at every retry until the webhook is off; its text stays out of the line."""

    def stumble(_: object) -> str:
        raise KeyError("secret of a customer")

    monkeypatch.setattr(topics, "topic", stumble)
    found = understand(body(), NOW)

    assert (topics.QUARANTINE, "unexpected-error") == (found.message.topic, found.reason)
    assert found.problem is not None
    assert found.problem.startswith("KeyError in stumble (line ")


def test_a_lack_of_memory_says_nothing_about_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may work at the next try, so it is no reason for the quarantine."""

    def no_memory(_: object) -> str:
        raise MemoryError

    monkeypatch.setattr(topics, "topic", no_memory)

    with pytest.raises(MemoryError):
        understand(body(), NOW)
