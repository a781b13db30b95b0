"""Deliveries that have to be harmless: authentic, and about nothing that anybody keeps."""

from collections.abc import Callable

from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.moments import At, Clock
from voucherify_sync.simulator.teller import Teller
from voucherify_sync.simulator.wire import Json

Noise = Callable[[Chance, Clock, Teller], None]

ZEROS = "0" * 24


def _raw(chance: Chance, _: Clock, teller: Teller) -> None:
    """A distribution whose designed payload is all there is."""
    payloads: tuple[Json, ...] = (
        {},
        {"text": "A member has joined", "channel": "#till"},
        {"customer": {"id": f"cust_{ZEROS}", "name": "Nobody"}, "points": 10},
        {"object": "event", "note": "looks like one and is none"},
        {"event": "signup", "source": "shop", "data": [1, 2, {"three": None}]},
        {"type": "voucher.deleted", "id": chance.letters(8)},
    )
    teller.raw(chance.pick(payloads), "(raw payload)")


def _unknown_type(chance: Chance, _: Clock, teller: Teller) -> None:
    """An event type that the vendor adds next year."""
    type_ = chance.pick(("voucher.sparkled", "customer.member.merged", "stamp.collected"))
    voucher_id = f"v_{ZEROS}"
    thing: Json = {"id": voucher_id, "balance": {"balance": -1}, "object": "voucher"}
    teller.webhook(type_, voucher_id, {"voucher": thing, "stamp": {"colour": "teal"}})


def _test_webhook(_: Chance, clock: Clock, teller: Teller) -> None:
    """What the dashboard sends to try the address out: placeholder ids, in no project."""
    project = f"proj_{ZEROS}"
    payload: Json = {
        "id": f"whs_{ZEROS}",
        "project_id": project,
        "created_at": At(clock.now),
        "type": "voucher.created",
        "data": {"voucher": {"id": f"v_{ZEROS}", "code": "TEST", "object": "voucher"}},
        "source": {"object": "webhook", "id": f"wh_{ZEROS}", "target_url": "https://sync.example"},
        "event": {
            "id": f"evvou_{ZEROS}",
            "type": "voucher.created",
            "created_at": At(clock.now),
            "entity_id": f"v_{ZEROS}",
            "group_id": f"v-{ZEROS}",
            "event_source": {"channel": "USER_PORTAL"},
        },
    }
    teller.raw(payload, "(test webhook)")


def _next_version(chance: Chance, clock: Clock, teller: Teller) -> None:
    """An envelope of a version that does not exist yet."""
    payload: Json = {
        "specversion": "2031-01-01",
        "id": chance.letters(12),
        "project_id": teller.project_id,
        "type": "voucher.updated",
        "created_at": At(clock.now),
        "data": {"voucher": {"id": f"v_{ZEROS}", "updated_at": At(clock.now)}},
    }
    teller.raw(payload, "(unknown version)")


_NOISES: tuple[Noise, ...] = (_raw, _unknown_type, _test_webhook, _next_version)


def make(chance: Chance, clock: Clock, teller: Teller) -> None:
    """Send one of them."""
    chance.pick(_NOISES)(chance, clock, teller)
