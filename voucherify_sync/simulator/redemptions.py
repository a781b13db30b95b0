"""Redemptions, their rollbacks, and the forms of both."""

from dataclasses import dataclass

from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.incentives import Reward
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.wire import Json


@dataclass(slots=True)
class Redemption:
    """Points for a reward, money for an order, or a coupon for a discount; it may have failed."""

    id: str
    tracking_id: str
    at: int
    voucher: Voucher
    customer: Customer
    amount: int | None
    reward: Reward | None = None
    order: Order | None = None
    failure: str | None = None
    automatic: bool = False
    rollback: "Rollback | None" = None
    then: Json | None = None
    """Customer and order as they were; rollbacks repeat them so."""

    @property
    def result(self) -> str:
        """`SUCCESS` or `FAILURE`."""
        return "SUCCESS" if self.failure is None else "FAILURE"

    @property
    def status(self) -> str:
        """As told in every event, also in those of its rollback."""
        return "SUCCEEDED" if self.failure is None else "FAILED"

    def can_be_rolled_back(self) -> bool:
        """Whether it succeeded, stands, and its voucher and people are there."""
        return self.failure is None and self.rollback is None and self.voucher.usable()

    def _core(self) -> Json:
        form: Json = {
            "id": self.id,
            "customer_id": self.customer.id,
            "tracking_id": self.tracking_id,
            "date": At(self.at),
            "result": self.result,
            "status": self.status,
            "metadata": {},
            "object": "redemption",
        }
        if self.amount is not None:
            form["amount"] = self.amount
        if self.failure is not None:
            form["failure_code"] = self.failure
            form["failure_message"] = f"This did not work: {self.failure}"
        return form

    def form(self) -> Json:
        """The redemption in its own event."""
        form = {
            **self._core(),
            "customer": self.customer.simple(),
            "voucher": self.voucher.simple(),
        }
        if self.order is not None:
            form["order"] = self.order.simple()
        if self.reward is not None:
            form["reward"] = self.reward.simple(self.voucher.campaign)
            form["channel"] = {
                "channel_id": self.reward.assignment_id(self.voucher.campaign),
                "channel_type": "AUTO_REDEEM" if self.automatic else "API",
            }
        return form

    def remember(self) -> None:
        """Keep customer and order as they are now, for later tellings."""
        self.then = {"customer": self.customer.simple()}
        if self.order is not None:
            self.then["order"] = self.order.simple()

    def stale(self) -> Json:
        """The redemption inside its rollback's event: as it was, with next to no voucher."""
        return {**self._core(), **(self.then or {}), "voucher": self.voucher.stale_stub()}

    def internal(self) -> Json:
        """The redemption in `customer.rewarded`, where it is told in yet another form."""
        form: Json = {
            "id": self.id,
            "object": "redemption",
            "created_at": At(self.at),
            "tracking_id": self.tracking_id,
            "metadata": {},
            "result": self.result,
            "status": self.status,
            "customer_id": self.customer.id,
            "related_object_type": "voucher",
            "related_object_id": self.voucher.id,
        }
        if self.amount is not None:
            form["amount"] = self.amount
        return form


@dataclass(slots=True)
class Rollback:
    """What undoes a redemption, or fails to."""

    id: str
    redemption: Redemption
    at: int
    reason: str | None
    failure: str | None = None

    @property
    def result(self) -> str:
        """`SUCCESS` or `FAILURE`."""
        return "SUCCESS" if self.failure is None else "FAILURE"

    @property
    def status(self) -> str:
        """`SUCCEEDED` or `FAILED`."""
        return "SUCCEEDED" if self.failure is None else "FAILED"

    def form(self) -> Json:
        """The rollback in its own event and beside a transaction."""
        redemption = self.redemption
        form: Json = {
            "id": self.id,
            "date": At(self.at),
            "object": "redemption_rollback",
            "reason": self.reason,
            "result": self.result,
            "status": self.status,
            "voucher": redemption.voucher.simple(),
            "customer": redemption.customer.simple(),
            "metadata": {},
            "redemption": redemption.id,
            "customer_id": redemption.customer.id,
            "tracking_id": redemption.tracking_id,
        }
        if redemption.amount is not None:
            form["amount"] = -redemption.amount
        if redemption.order is not None:
            form["order"] = redemption.order.simple()
        if self.failure is not None:
            form["failure_code"] = self.failure
            form["failure_message"] = f"This did not work: {self.failure}"
        return form
