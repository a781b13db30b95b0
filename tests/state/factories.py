"""Makes facts and dead letters, with defaults for all that a test does not care about."""

from typing import Any

from state import kinds
from state.facts import Entered, Fact, Observed, Rank, Stamp, ThingKey
from state.store import Batch, DeadLetter, LetterPlace, StateWriter

PROJECT = "proj_1"
LOG = ("embedded", 0)


def observed(kind: str, id_: str, /, version: int = 1, project: str = PROJECT, **told: Any) -> Fact:
    """A telling of a thing by itself."""
    return Observed(
        ThingKey(project, kind, id_), Stamp(version, Rank.SUBJECT, version), {"id": id_, **told}
    )


def entered(id_: str, when: str, points: int, balance: int, card: str = "v_1") -> Fact:
    """An entry of a card's ledger."""
    details = {"balance": {"points": points, "balance": balance}}
    told = {"id": id_, "voucher_id": card, "created_at": when, "details": details}
    return Entered(ThingKey(PROJECT, kinds.TRANSACTION, id_), told)


def letter(offset: int, **more: Any) -> DeadLetter:
    """A dead letter of one partition."""
    told: dict[str, Any] = {
        "place": LetterPlace("voucherify.v2024-01-01.loyalty", 3, offset),
        "topic": "voucherify.v2024-01-01.loyalty",
        "reason": "KeyError in somewhere (line 7)",
        "key": b"k",
        "value": b"\xff\0v",
        "headers": (("a", b"\xff\0"), ("b", b"")),
        "recorded_at": 1_740_787_200_123,
        "project": PROJECT,
        "about": ("v_1",),
    }
    return DeadLetter(**(told | more))


async def tell(writer: StateWriter, *facts: Fact) -> None:
    """Apply facts wherever the position stands."""
    before = (await writer.positions()).get(LOG, 0)
    await writer.apply(Batch(facts, {LOG: (before, before + 1)}))
