"""Campaigns and categories, and the forms in which they are told."""

from dataclasses import dataclass, field

from voucherify_sync.simulator.moments import At, optional
from voucherify_sync.simulator.wire import Json

LOYALTY = "LOYALTY_PROGRAM"
COUPONS = "DISCOUNT_COUPONS"
GIFTS = "GIFT_VOUCHERS"

VOUCHER_TYPES = {LOYALTY: "LOYALTY_CARD", COUPONS: "DISCOUNT_VOUCHER", GIFTS: "GIFT_VOUCHER"}
DISCOUNT = {"type": "PERCENT", "percent_off": 15, "amount_limit": 4000, "effect": "APPLY_TO_ORDER"}


@dataclass(frozen=True, slots=True)
class Category:
    """A label for vouchers and campaigns."""

    id: str
    name: str
    hierarchy: int
    created_at: int

    def form(self) -> Json:
        """The only form there is."""
        return {
            "id": self.id,
            "name": self.name,
            "hierarchy": self.hierarchy,
            "created_at": At(self.created_at),
            "object": "category",
        }


@dataclass(slots=True)
class Campaign:
    """A campaign; its name is constant, because vouchers repeat it without a moment."""

    id: str
    name: str
    kind: str
    prefix: str
    created_at: int
    welcome_points: int = 0
    active: bool = True
    description: str | None = None
    metadata: Json = field(default_factory=dict)
    updated_at: int | None = None
    deleted: bool = False

    def stub(self) -> Json:
        """Just which campaign it is, as `voucher.updated` tells it."""
        return {"id": self.id, "name": self.name, "object": "campaign"}

    def simple(self) -> Json:
        """The form beside vouchers and members."""
        form = {
            "id": self.id,
            "name": self.name,
            "campaign_type": self.kind,
            "type": "AUTO_UPDATE",
            "is_referral_code": False,
            "voucher": {
                **self._voucher(),
                "redemption": {"quantity": None, "redeemed_quantity": 0},
            },
            "auto_join": False,
            "join_once": self.kind == LOYALTY,
            "active": self.active,
            "category_id": None,
            "category": None,
            "metadata": self.metadata,
            "start_date": None,
            "expiration_date": None,
            "description": self.description,
            "created_at": At(self.created_at),
        }
        if self.updated_at is not None:
            form["updated_at"] = At(self.updated_at)
        return {**form, "object": "campaign"}

    def full(self) -> Json:
        """The form in events about the campaign."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "campaign_type": self.kind,
            "type": "AUTO_UPDATE",
            "voucher": {
                **self._voucher(),
                "redemption": {"quantity": None},
                "is_referral_code": False,
            },
            "auto_join": False,
            "join_once": self.kind == LOYALTY,
            "use_voucher_metadata_schema": False,
            "vouchers_count": 0,
            "start_date": None,
            "expiration_date": None,
            "active": self.active,
            "metadata": self.metadata,
            "created_at": At(self.created_at),
            "updated_at": optional(self.updated_at),
            "creation_status": "DONE",
            "vouchers_generation_status": "DONE",
            "protected": False,
            "category": None,
            "category_id": None,
            "categories": [],
            "object": "campaign",
        }

    def _voucher(self) -> Json:
        rules = {"period_type": "MONTH", "period_value": 1}
        loyalty = {"points": self.welcome_points, "expiration_rules": rules}
        return {
            "type": VOUCHER_TYPES[self.kind],
            "discount": DISCOUNT if self.kind == COUPONS else None,
            "gift": {"amount": 0, "effect": "APPLY_TO_ORDER"} if self.kind == GIFTS else None,
            "loyalty_card": loyalty if self.kind == LOYALTY else None,
            "code_config": {
                "length": 8,
                "charset": "0123456789",
                "prefix": self.prefix,
                "pattern": "########",
                "postfix": "",
            },
        }
