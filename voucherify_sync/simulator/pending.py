"""Pending points (`lopp_…`): points that wait for a day before they count."""

from dataclasses import dataclass

from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.incentives import EarningRule, Tier
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.wire import Json


@dataclass(slots=True)
class PendingPoints:
    """Points of an order that activate at the start of a day (`activates_at`, a date)."""

    id: str
    card: Voucher
    order: Order
    rule: EarningRule
    tier: Tier | None
    points: int
    activates_at: str
    created_at: int
    updated_at: int | None = None
    open: bool = True

    def waits(self) -> bool:
        """Whether it is open on a card to which things may still happen."""
        return self.open and self.card.usable() and self.card.active

    def form(self) -> Json:
        """The only form there is."""
        details: Json = {
            "event": {
                "id": f"evcus_{self.id[5:]}",
                "type": "customer.order.paid",
                "group_id": f"v-{self.order.id[4:]}",
                "entity_id": self.order.customer.id,
                "created_at": At(self.created_at),
                "category": "EFFECT",
                "event_source": {"channel": "API"},
            },
            "earning_rule": self.rule.source(),
            "order": self.order.brief(),
        }
        if self.tier is not None:
            details["holder_loyalty_tier"] = self.tier.brief()
        form = {
            "id": self.id,
            "voucher_id": self.card.id,
            "campaign_id": self.card.campaign.id,
            "customer_id": self.order.customer.id,
            "order_id": self.order.id,
            "points": self.points,
            "activates_at": self.activates_at,
            "details": details,
            "created_at": At(self.created_at),
        }
        if self.updated_at is not None:
            form["updated_at"] = At(self.updated_at)
        return form

    def sum_form(self, change: int, operation: str) -> Json:
        """`voucher_pending_points_balance`: what waits on the card, which is not its balance."""
        points = self.card.points
        return {
            "points": change,
            "total": (points.pending or 0) if points else 0,
            "object": "balance",
            "related_object": {"type": "voucher", "id": self.card.id},
            "operation_type": operation,
        }
