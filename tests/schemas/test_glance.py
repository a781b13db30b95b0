"""A glance at a body says the same as reading it whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import envelope, glance, jsontext, topics
from schemas.envelope import Envelope
from tests.factories import body, legacy, webhook

NOW = 1_750_000_000_123

IDS = st.one_of(st.text(max_size=3), st.none(), st.integers(), st.just("v\ud800"))
THING = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.fixed_dictionaries({}, optional={"id": IDS, "voucher_id": IDS, "balance": st.floats()}),
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("voucher", "transaction", "pending_points", "customer"), THING),
        "vouchers": st.one_of(THING, st.lists(THING, max_size=3)),
        "object": st.one_of(IDS, st.sampled_from(["voucher", "customer"])),
        "id": IDS,
        "data": THING,
    },
)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("id", "entity_id"), IDS),
        "type": st.one_of(IDS, st.just("voucher.updated")),
        "created_at": st.one_of(
            IDS, st.sampled_from(["2025-01-01T00:00:00.000Z", "2025-13-01", "1970-01-01"])
        ),
    },
)
WEBHOOK = st.fixed_dictionaries(
    {"project_id": IDS, "source": st.one_of(st.just({"object": "webhook"}), THING)},
    optional={"event": EVENT, "data": DATA, "id": IDS, "created_at": IDS, "object": IDS},
)


def message(found: Any) -> Any:
    """Everything that the receiver makes of what was read."""
    if not isinstance(found, Envelope):
        return found
    return (
        found._replace(data={}, group_id=None),
        topics.topic(found),
        topics.key(found),
        topics.headers(found, NOW),
    )


def same(text: bytes) -> None:
    """Both ways say the same about these bytes."""
    assert message(envelope.read(text)) == message(glance.read(text))


@given(WEBHOOK)
def test_webhooks(event: dict[str, Any]) -> None:
    """Whatever is missing, empty or of another type."""
    same(jsontext.encode(event))


@given(WEBHOOK, st.data())
def test_damaged_bytes(event: dict[str, Any], data: st.DataObject) -> None:
    """A byte that is changed anywhere is noticed by both or by none."""
    text = bytearray(jsontext.encode(event))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255))

    same(bytes(text))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        body(legacy("redemption.succeeded", {"id": "r_1", "object": "redemption"})),
        body(webhook("voucher.updated", {"voucher": {"id": "v_1"}, "more": "\u00e9"})),
        body(webhook("voucher.updated", {"voucher": {"id": "v_1"}, "more": 10**400})),
        body(webhook("voucher.updated", {"voucher": {"id": "v_1"}})).replace(b"v_1", b"v\xff1"),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b"xyz", b"x\xffz"),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b"1e400"),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b"NaN"),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b"[" * 2_000),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(
            b'"xyz"', b"[" * 5_000 + b"]" * 5_000
        ),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b'"\\ud800"'),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b'"\\u12"'),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b'"a\nb"'),
        body(webhook("voucher.updated", {"more": "xyz"})).replace(b'"xyz"', b"01"),
        body(webhook("voucher.updated", {"more": "xyz"})) + b" x",
        body(webhook("voucher.updated", {"voucher": {"id": "a"}})).replace(
            b'{"id":"a"}', b'{"id":"a"},"voucher":{"id":"b"}'
        ),
    ],
)
def test_odd_bodies(text: bytes) -> None:
    """What no serializer of the vendor's would write, but a signature could be on."""
    same(text)
