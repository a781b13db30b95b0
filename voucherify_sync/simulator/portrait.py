"""One member as the query API tells of them: the one with the most to tell."""

from dataclasses import dataclass

from voucherify_sync.simulator.api import Api, items
from voucherify_sync.simulator.wire import Json

_WORTH = {
    "POINTS_TRANSFER_IN": 4,
    "POINTS_TRANSFER_OUT": 4,
    "POINTS_REFUND": 2,
    "PENDING_POINTS_ACTIVATION": 2,
    "POINTS_EXPIRATION": 2,
    "POINTS_ADDITION": 1,
    "POINTS_REMOVAL": 1,
}
SHOWN = 12
"""How many entries, the newest, a portrait shows."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A customer, their card, its ledger (oldest first), what is pending, and the tier."""

    customer: Json
    card: Json
    ledger: list[Json]
    pending: list[Json]
    tier: str | None


def interesting_card(project: Json) -> str | None:
    """The id of the card whose ledger shows the most kinds of movement."""
    scored = [
        (_interest(project["ledgers"][id_][-SHOWN:]), id_)
        for id_, card in project["cards"].items()
        if not card["deleted"] and _can_be_shown(project, card)
    ]
    return max(scored)[1] if scored else None


def _interest(entries: list[Json]) -> int:
    """Kinds of movement, and points that were spent in the millisecond that brought them."""
    kinds = {entry["type"] for entry in entries}
    earned = {entry["created_at"] for entry in entries if entry["points"] > 0}
    spent = {entry["created_at"] for entry in entries if entry["type"] == "POINTS_REDEMPTION"}
    return min(len(earned & spent), 2) * 5 + sum(_WORTH.get(kind, 0) for kind in kinds)


def _can_be_shown(project: Json, card: Json) -> bool:
    """Whether the holder is there and has a name that any terminal can write."""
    customer = project["customers"].get(card["holder_id"], {"deleted": True})
    return not customer["deleted"] and customer["told"]["name"].isprintable()


async def portrait(api: Api, card_id: str) -> Portrait:
    """What the query API says of a card and its holder."""
    path = f"/v1/loyalties/members/{card_id}"
    card = (await api.get(path)).body
    ledger: list[Json] = []
    async for answer in api.cursor(f"{path}/transactions"):
        ledger += items(answer.body, "data")
    pending = items((await api.get(f"{path}/pending-points")).body, "data")
    tiers = items((await api.get(f"{path}/tiers")).body, "data")
    customer = (await api.get(f"/v1/customers/{card.get('holder_id')}")).body
    tier = str(tiers[0].get("name")) if tiers else None
    return Portrait(customer, card, ledger, pending, tier)
