"""Bytes to an envelope, reading no more of a body than the receiving path needs.

Says the same as `envelope.read` about every body (`tests/schemas/test_glance.py`), but of the data
it holds only the ids that the message's key is made of: the rest of a payload, which is nearly all
of it, is passed over and never built. What is not a plain v2024-01-01 webhook goes the long way.
"""

from typing import Any, Final

import msgspec

from schemas import envelope, moment
from schemas.envelope import Envelope, Unreadable


class _Named(msgspec.Struct):
    id: str | None = None


class _OfVoucher(msgspec.Struct):
    voucher_id: str | None = None


class _Data(msgspec.Struct, omit_defaults=True):
    """What `topics.key` looks at."""

    voucher: _Named | None = None
    transaction: _OfVoucher | None = None
    pending_points: _OfVoucher | None = None
    vouchers: list[_Named] | None = None
    customer: _Named | None = None
    object: str | None = None
    id: str | None = None


class _Source(msgspec.Struct):
    object: str


class _Event(msgspec.Struct):
    id: str
    type: str
    created_at: str | None = None
    entity_id: str | None = None


class _Webhook(msgspec.Struct):
    project_id: str
    source: _Source
    event: _Event
    data: _Data
    id: str | None = None
    created_at: str | None = None


_decoder: Final = msgspec.json.Decoder(_Webhook)


def read(body: bytes) -> Envelope | Unreadable:
    """The envelope of a verified body, its data cut down. Never raises."""
    try:
        if not body.isascii():
            body.decode()  # what is passed over is not looked at, and may be no text
        webhook = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return envelope.read(body)
    event = webhook.event
    if not event.id or not event.type:
        return envelope.read(body)
    created_at = event.created_at or webhook.created_at
    return Envelope(
        "v2024-01-01",
        "distribution" if webhook.source.object == "distribution" else "webhook",
        event.id,
        event.type,
        webhook.project_id,
        webhook.id or None,
        event.entity_id or None,
        moment.parse(created_at) or 0,
        created_at or None,
        _data(webhook.data),
    )


def _data(found: _Data) -> dict[str, Any]:
    """The ids where they stood. Passing over is quick; so is this, where there are few."""
    data: dict[str, Any] = {}
    if found.voucher is not None:
        data["voucher"] = {"id": found.voucher.id}
    if found.transaction is not None:
        data["transaction"] = {"voucher_id": found.transaction.voucher_id}
    if found.pending_points is not None:
        data["pending_points"] = {"voucher_id": found.pending_points.voucher_id}
    if found.vouchers:
        data["vouchers"] = [{"id": found.vouchers[0].id}]
    if found.customer is not None:
        data["customer"] = {"id": found.customer.id}
    if found.object is not None:
        data |= {"object": found.object, "id": found.id}
    return data
