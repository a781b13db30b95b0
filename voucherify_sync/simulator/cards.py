"""Vouchers: loyalty cards, gift cards and coupons, and their forms.

Each change moves `updated_at`, so two tellings with the same moment tell the same, but for entries
of one millisecond: there the counters only grow, and the balance is settled by the chain.
"""

from dataclasses import dataclass, field

from voucherify_sync.simulator.campaigns import COUPONS, DISCOUNT, VOUCHER_TYPES, Campaign, Category
from voucherify_sync.simulator.moments import At, date, optional
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.wire import Json


@dataclass(slots=True)
class Bucket:
    """Points that expire together at the end of a day."""

    id: str
    points: int
    expires_at: int
    created_at: int

    def form(self, card: "Voucher") -> Json:
        """The bucket as `points_expired` tells it."""
        return {
            "id": self.id,
            "voucher_id": card.id,
            "campaign_id": card.campaign.id,
            "bucket": {"total_points": self.points},
            "status": "ACTIVE",
            "expires_at": date(self.expires_at),
            "created_at": At(self.created_at),
            "object": "loyalty_points_bucket",
        }


@dataclass(slots=True)
class Points:
    """A loyalty card's counters. A counter that was never needed is not told, so it is unknown."""

    ever: int = 0
    expired: int = 0
    subtracted: int = 0
    redeemed: int = 0
    pending: int | None = None
    buckets: list[Bucket] = field(default_factory=list)

    @property
    def balance(self) -> int:
        """Spendable now."""
        return self.ever - self.expired - self.subtracted - self.redeemed

    def spend(self, points: int) -> None:
        """Take points out of the buckets, those first that expire first."""
        while points and self.buckets:
            taken = min(points, self.buckets[0].points)
            self.buckets[0].points -= taken
            points -= taken
            if not self.buckets[0].points:
                self.buckets.pop(0)

    def form(self) -> Json:
        """`loyalty_card`."""
        form: Json = {"points": self.ever, "balance": self.balance}
        if self.buckets:
            form["next_expiration_date"] = date(self.buckets[0].expires_at)
            form["next_expiration_points"] = self.buckets[0].points
        if self.pending is not None:
            form["pending_points"] = self.pending
        if self.expired:
            form["expired_points"] = self.expired
        if self.subtracted:
            form["subtracted_points"] = self.subtracted
        return form


@dataclass(slots=True)
class Credits:
    """A gift card's money: ever loaded, taken back by hand, redeemed."""

    loaded: int = 0
    removed: int = 0
    redeemed: int = 0

    @property
    def balance(self) -> int:
        """Spendable now."""
        return self.loaded - self.removed - self.redeemed

    def form(self) -> Json:
        """`gift`."""
        return {"amount": self.loaded, "balance": self.balance, "effect": "APPLY_TO_ORDER"}


@dataclass(slots=True)
class Voucher:
    """A loyalty card, a gift card or a coupon."""

    id: str
    code: str
    campaign: Campaign
    created_at: int
    points: Points | None = None
    credits: Credits | None = None
    holder: Customer | None = None
    category: Category | None = None
    metadata: Json = field(default_factory=dict)
    additional_info: str | None = None
    active: bool = True
    publications: int = 0
    redeemed_quantity: int = 0
    updated_at: int | None = None
    deleted: bool = False
    generous: bool = False
    """Whether the automatic reward is taken as soon as there are points for it."""

    def balance(self) -> int:
        """Points or money to spend; 0 for a coupon."""
        account = self.points or self.credits
        return account.balance if account else 0

    def usable(self) -> bool:
        """Whether something may still happen to it: it and its holder are there."""
        return not self.deleted and self.holder is not None and not self.holder.deleted

    def simple(self) -> Json:
        """The form beside other things, and in most events about a card's points."""
        form: Json = {"id": self.id, "code": self.code, **self._worth()}
        form.update(
            {
                "type": VOUCHER_TYPES[self.campaign.kind],
                "campaign": self.campaign.name,
                "campaign_id": self.campaign.id,
                "is_referral_code": False,
                "category_id": self.category.id if self.category else None,
                "active": self.active,
                "created_at": At(self.created_at),
                "updated_at": optional(self.updated_at),
                "redemption": self._redemption(),
                "start_date": None,
                "expiration_date": None,
                "metadata": self.metadata,
            }
        )
        if self.holder is not None:
            form["holder_id"] = self.holder.id
        return {**form, "object": "voucher"}

    def full(self) -> Json:
        """The form in events about the voucher itself."""
        url = f"/v1/vouchers/{self.code}"
        worth = {"discount": None, "gift": None, "loyalty_card": None, **self._worth()}
        return {
            **self.simple(),
            **worth,
            "category": self.category.name if self.category else None,
            "categories": [self.category.form()] if self.category else [],
            "validity_timeframe": None,
            "validity_hours": None,
            "validity_day_of_week": None,
            "additional_info": self.additional_info,
            "assets": {
                "qr": {"id": f"qr-{self.id[2:10]}", "url": f"https://assets.example/{self.code}"},
                "barcode": {"id": f"bc-{self.id[2:10]}", "url": "https://assets.example/barcode"},
            },
            "redemption": {
                **self._redemption(),
                "object": "list",
                "url": f"{url}/redemptions?page=1&limit=10",
            },
            "publish": {
                "object": "list",
                "count": self.publications,
                "url": f"{url}/publications?page=1&limit=10",
            },
        }

    def stale_stub(self) -> Json:
        """The form inside an older redemption: nearly nothing, and `active` null for everybody."""
        return {
            "id": self.id,
            "code": self.code,
            "active": None,
            "object": "voucher",
            "campaign": self.campaign.name,
            "campaign_id": self.campaign.id,
        }

    def _worth(self) -> Json:
        if self.points:
            return {"loyalty_card": self.points.form()}
        if self.credits:
            return {"gift": self.credits.form()}
        return {"discount": DISCOUNT} if self.campaign.kind == COUPONS else {}

    def _redemption(self) -> Json:
        form: Json = {"quantity": None, "redeemed_quantity": self.redeemed_quantity}
        if self.points:
            form["redeemed_points"] = self.points.redeemed
        if self.credits:
            form["redeemed_amount"] = self.credits.redeemed
        return form
