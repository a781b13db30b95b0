"""Publications: vouchers handed to a customer, and the forms in which that is told."""

from dataclasses import dataclass

from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.wire import Json


@dataclass(frozen=True, slots=True)
class Publication:
    """One or several vouchers, handed to a customer at a moment. It never changes."""

    id: str
    customer: Customer
    vouchers: tuple[Voucher, ...]
    channel: str
    source_id: str | None
    metadata: Json
    at: int

    def form(self) -> Json:
        """The publication, with a customer of whom most is left empty."""
        return {
            "id": self.id,
            "object": "publication",
            "created_at": At(self.at),
            "customer_id": self.customer.id,
            "tracking_id": self.customer.source_id,
            "metadata": self.metadata,
            "channel": self.channel,
            "source_id": self.source_id,
            "result": "SUCCESS",
            "customer": self.customer.placeholder(),
            "vouchers_id": [voucher.id for voucher in self.vouchers],
        }

    def with_voucher(self, voucher: Voucher) -> Json:
        """The form that has the voucher inside."""
        return {**self.form(), "voucher": voucher.full()}
