"""Ledger entries (`vtx_…`): the only way in which a balance moves.

Each entry leaves a balance, so a card's entries form a chain: balance before + points = after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voucherify_sync.simulator.cards import Credits, Points, Voucher
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.wire import Json

ACCRUAL = "POINTS_ACCRUAL"
ADDITION = "POINTS_ADDITION"
ACTIVATION = "PENDING_POINTS_ACTIVATION"
REMOVAL = "POINTS_REMOVAL"
REDEMPTION = "POINTS_REDEMPTION"
REFUND = "POINTS_REFUND"
EXPIRATION = "POINTS_EXPIRATION"
TRANSFER_IN = "POINTS_TRANSFER_IN"
TRANSFER_OUT = "POINTS_TRANSFER_OUT"
GIFT_ADDITION = "CREDITS_ADDITION"
GIFT_REMOVAL = "CREDITS_REMOVAL"
GIFT_REDEMPTION = "CREDITS_REDEMPTION"
GIFT_REFUND = "CREDITS_REFUND"


@dataclass(frozen=True, slots=True)
class Movement:
    """What moves: signed points (or money), why, and what the transaction's details tell."""

    id: str
    type: str
    points: int
    source: str | None = "API"
    reason: str | None = None
    operation: str | None = None
    details: Json = field(default_factory=dict)
    related: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement on a card at a moment, with the balance it left."""

    movement: Movement
    card: Voucher
    at: int
    balance: int
    total: int

    @property
    def id(self) -> str:
        """The entry's `vtx_…` id."""
        return self.movement.id

    def balance_form(self) -> Json:
        """`balance`, beside a transaction and in its details."""
        gift = self.card.credits is not None
        form: Json = {
            "type": "gift_voucher" if gift else "loyalty_card",
            "total": self.total,
            "object": "balance",
            "amount" if gift else "points": self.movement.points,
            "balance": self.balance,
            "related_object": {"type": "voucher", "id": self.card.id},
        }
        if self.movement.operation or gift:
            form["operation_type"] = self.movement.operation or "MANUAL"
        return form

    def full(self) -> Json:
        """The transaction as `transaction.created` tells it."""
        return {
            "id": self.id,
            "source_id": None,
            "voucher_id": self.card.id,
            "campaign_id": self.card.campaign.id,
            "source": self.movement.source,
            "reason": self.movement.reason,
            "type": self.movement.type,
            "details": {"balance": self.balance_form(), **self.movement.details},
            "related_transaction_id": self.movement.related,
            "created_at": At(self.at),
        }

    def brief(self) -> Json:
        """The transaction as `points_added` tells it: without details, without its voucher."""
        return {
            "id": self.id,
            "campaign_id": self.card.campaign.id,
            "type": self.movement.type,
            "details": None,
            "created_at": At(self.at),
        }


def _add(account: Points, points: int) -> None:
    account.ever += points


def _expire(account: Points, points: int) -> None:
    account.expired -= points
    account.spend(-points)


def _subtract(account: Points, points: int) -> None:
    account.subtracted -= points
    account.spend(-points)


def _redeem(account: Points, points: int) -> None:
    account.redeemed -= points
    account.spend(-points)


def _refund(account: Points, points: int) -> None:
    account.redeemed -= points


def _load(account: Credits, amount: int) -> None:
    account.loaded += amount


def _unload(account: Credits, amount: int) -> None:
    account.removed -= amount


def _use(account: Credits, amount: int) -> None:
    account.redeemed -= amount


_POINTS: Mapping[str, Callable[[Points, int], None]] = {
    ACCRUAL: _add,
    ADDITION: _add,
    ACTIVATION: _add,
    TRANSFER_IN: _add,
    REDEMPTION: _redeem,
    REFUND: _refund,
    EXPIRATION: _expire,
    REMOVAL: _subtract,
    TRANSFER_OUT: _subtract,
}
_CREDITS: Mapping[str, Callable[[Credits, int], None]] = {
    GIFT_ADDITION: _load,
    GIFT_REMOVAL: _unload,
    GIFT_REDEMPTION: _use,
    GIFT_REFUND: _use,
}


def post(card: Voucher, movement: Movement, at: int) -> Entry:
    """Move a card's balance. Raises ValueError rather than leave one below zero."""
    if card.points is not None:
        _POINTS[movement.type](card.points, movement.points)
        total = card.points.ever
    elif card.credits is not None:
        _CREDITS[movement.type](card.credits, movement.points)
        total = card.credits.loaded
    else:
        raise ValueError(f"{card.id} has no balance")
    if card.balance() < 0:
        raise ValueError(f"{card.id} would be overdrawn by {movement.type}")
    card.updated_at = at
    return Entry(movement, card, at, card.balance(), total)
