"""Deliveries of about 5 KB, the size of a ledger movement told in full, and their signatures."""

import json
import random
from typing import Any

from benchmarks.processes import SECRET
from receiver.signature import sign
from schemas import moment

START = 1_750_000_000_000
NUMBERS = 10**8
"""Cards have numbers below this."""
CAMPAIGN = "camp_" + "0" * 24
TYPE = "voucher.loyalty_card.transaction.created"
_SIZE = 5_000


def movement(number: int, cards: int = 1_000) -> bytes:
    """The `number`th movement: each adds one point to the next of so many cards."""
    card, turn = number % cards, number // cards + 1
    at = moment.to_text(START + number)
    id_, customer, campaign = f"v_{card:032d}", f"cust_{card:024d}", CAMPAIGN
    balance = {
        "type": "loyalty_card",
        "object": "balance",
        "points": 1,
        "total": turn,
        "balance": turn,
        "related_object": {"id": id_, "type": "voucher"},
    }
    data: dict[str, Any] = {
        "transaction": {
            "id": f"vtx_{number:020d}",
            "voucher_id": id_,
            "campaign_id": campaign,
            "source": "Automation",
            "reason": None,
            "type": "POINTS_ACCRUAL",
            "details": {"balance": balance, "order": {"id": f"ord_{number:024d}"}},
            "related_transaction_id": None,
            "created_at": at,
        },
        "voucher": _card(id_, customer, campaign, turn, at),
        "campaign": _campaign(campaign),
        "holder": _customer(customer, card),
        "balance": balance,
        "order": _order(number, customer, at),
    }
    return _fill(_envelope(number, at, data))


def delivery_headers(body: bytes) -> dict[str, str]:
    """The headers that a delivery of this body has."""
    return {
        "content-type": "application/json",
        "x-voucherify-signature": sign(SECRET.encode(), body).decode(),
    }


def _card(id_: str, customer: str, campaign: str, points: int, at: str) -> dict[str, Any]:
    return {
        "id": id_,
        "code": f"BENCH-{id_[-8:]}",
        "campaign": "Benchmark programme",
        "campaign_id": campaign,
        "category": None,
        "categories": [],
        "type": "LOYALTY_CARD",
        "discount": None,
        "gift": None,
        "loyalty_card": {"points": points, "balance": points},
        "start_date": None,
        "expiration_date": None,
        "active": True,
        "metadata": {},
        "is_referral_code": False,
        "created_at": moment.to_text(START - NUMBERS + int(id_[-8:])),
        "updated_at": at,
        "holder_id": customer,
        "redemption": {"quantity": None, "redeemed_quantity": 0, "redeemed_points": 0},
        "publish": {"object": "list", "count": 1},
        "object": "voucher",
    }


def _campaign(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "name": "Benchmark programme",
        "campaign_type": "LOYALTY_PROGRAM",
        "type": "AUTO_UPDATE",
        "voucher": {"type": "LOYALTY_CARD", "loyalty_card": {"points": 0}},
        "auto_join": False,
        "join_once": True,
        "active": True,
        "metadata": {},
        "created_at": moment.to_text(START - 2),
        "object": "campaign",
    }


def _customer(id_: str, number: int) -> dict[str, Any]:
    return {
        "id": id_,
        "source_id": f"member-{number:08d}",
        "name": f"Member {number:08d}",
        "email": f"member-{number:08d}@bench.example",
        "metadata": {"region": "north"},
        "object": "customer",
    }


def _order(number: int, customer: str, at: str) -> dict[str, Any]:
    item = {"object": "order_item", "quantity": 1, "amount": 1_500, "price": 1_500}
    return {
        "id": f"ord_{number:024d}",
        "source_id": None,
        "status": "PAID",
        "customer_id": customer,
        "amount": 4_500,
        "total_amount": 4_500,
        "items": [{**item, "product_id": f"prod_{line:020d}"} for line in range(3)],
        "metadata": {},
        "created_at": at,
        "object": "order",
    }


def _envelope(number: int, at: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"whs_{number:024d}",
        "project_id": "proj_bench",
        "created_at": at,
        "type": TYPE,
        "data": data,
        "source": {"object": "webhook", "id": "wh_1", "target_url": "https://sync.example"},
        "event": {
            "id": f"evvou_{number:020d}",
            "type": TYPE,
            "created_at": at,
            "entity_id": data["voucher"]["id"],
            "group_id": f"v-{number:018d}",
            "event_source": {"channel": "API"},
        },
    }


def _fill(event: dict[str, Any]) -> bytes:
    """The event's text, its order's note as long as it takes to reach the size.

    The note is words of a small language, no two notes alike: they compress as texts do.
    """
    text = json.dumps(event, separators=(",", ":"))
    chance = random.Random(event["id"])
    note = " ".join(chance.choices(_WORDS, k=_SIZE // 11))
    event["data"]["order"]["metadata"]["note"] = note[: max(0, _SIZE - len(text) - 12)]
    return json.dumps(event, separators=(",", ":")).encode()


def _words() -> list[str]:
    chance = random.Random(7)
    letters = "etaoinshrdlucmfwyp"
    return ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(500)]


_WORDS = _words()
