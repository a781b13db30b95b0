"""Makes events as Voucherify sends them, with defaults for all that a test does not care about."""

import json
from itertools import permutations
from typing import Any

from handlers import table
from schemas import envelope
from schemas.envelope import Envelope
from state import kinds, ledger
from state.facts import Fact, ThingKey
from state.merge import Row, join, view

PROJECT = "proj_test"
CARD = "v_card"
CAMPAIGN = "camp_loyalty"
CUSTOMER = "cust_1"


def at(milliseconds: int) -> str:
    """A moment as Voucherify writes it, counted from an arbitrary day."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"2025-03-01T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{rest:03d}Z"


def webhook(
    event_type: str,
    data: dict[str, Any],
    *,
    told: int = 1_000,
    event_id: str = "evt_1",
    project: str = PROJECT,
    distribution: bool = False,
    top_type: str | None = None,
) -> dict[str, Any]:
    """A v2024-01-01 webhook."""
    source = "distribution" if distribution else "webhook"
    return {
        "id": f"whs_{event_id}",
        "project_id": project,
        "created_at": at(told),
        "type": event_type if top_type is None else top_type,
        "data": data,
        "source": {"object": source, "id": f"{source}_1", "target_url": "https://sync.example"},
        "event": {
            "id": event_id,
            "type": event_type,
            "created_at": at(told),
            "entity_id": "entity_1",
            "group_id": "v-1",
            "event_source": {"channel": "API"},
        },
    }


def legacy(event_type: str, data: dict[str, Any], *, told: int = 1_000) -> dict[str, Any]:
    """A v2018-08-01 event."""
    return {
        "id": "ev_1",
        "object": "event",
        "webhook_id": "whs_1",
        "project_id": PROJECT,
        "created_at": at(told),
        "type": event_type,
        "data": data,
        "metadata": {},
    }


def body(event: dict[str, Any]) -> bytes:
    """The compact text that is signed and sent."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def card(
    balance: int | None = 0, *, points: int = 0, updated: int | None = None, **more: Any
) -> dict[str, Any]:
    """A loyalty card in its simple form."""
    return {
        "id": CARD,
        "code": "CODE-1",
        "type": "LOYALTY_CARD",
        "campaign_id": CAMPAIGN,
        "holder_id": CUSTOMER,
        "loyalty_card": {"points": points, "balance": balance},
        "created_at": at(0),
        "updated_at": None if updated is None else at(updated),
        "object": "voucher",
        **more,
    }


def transaction(
    id_: str, when: int, points: int, balance: int, *, type_: str = "POINTS_ACCRUAL", **more: Any
) -> dict[str, Any]:
    """A ledger entry in full."""
    return {
        "id": id_,
        "voucher_id": more.pop("voucher_id", CARD),
        "campaign_id": CAMPAIGN,
        "type": type_,
        "source": "API",
        "reason": None,
        "details": {"balance": {"points": points, "balance": balance, "type": "loyalty_card"}},
        "created_at": at(when),
        **more,
    }


def facts(event: dict[str, Any]) -> list[Fact]:
    """What an event tells."""
    read = envelope.read(body(event))
    assert isinstance(read, Envelope), read
    return list(table.facts(read))


Known = dict[tuple[str, str], dict[str, Any]]


def known(events: list[dict[str, Any]]) -> Known:
    """All that is there after these events: objects by kind and id, cards with their balance."""
    rows: dict[ThingKey, Row] = {}
    for event in events:
        for fact in facts(event):
            join(rows.setdefault(fact.thing, Row()), fact)
    entries = {
        thing.id: (row.fields["voucher_id"], ledger.entry(thing.id, _moment(row), row.fields))
        for thing, row in rows.items()
        if thing.kind == kinds.TRANSACTION
    }
    found: Known = {}
    for thing, row in rows.items():
        if row.gone:
            continue
        if thing.kind == kinds.VOUCHER:
            mine = [entry for voucher, entry in entries.values() if voucher == thing.id]
            last = max((entry.at for entry in mine), default=0)
            seen = ledger.with_balance(row, [entry for entry in mine if entry.at == last])
        else:
            seen = view(kinds.KINDS[thing.kind], row)
        found[thing.kind, thing.id] = seen
    return found


def _moment(row: Row) -> int:
    from state.things import lookups

    return lookups(kinds.TRANSACTION, row).created


def known_in_any_order(events: list[dict[str, Any]], *, at_most: int = 720) -> Known:
    """What is there after these events; fails where it depends on their order or repetition."""
    expected = known(events)
    for number, order in enumerate(permutations(events)):
        if number == at_most:
            break
        assert expected == known([*order, order[0]]), [event["type"] for event in order]
    return expected
