"""What a loyalty campaign offers: tiers, earning rules, rewards, and their forms."""

from dataclasses import dataclass, field

from voucherify_sync.simulator.campaigns import Campaign
from voucherify_sync.simulator.moments import At, optional
from voucherify_sync.simulator.wire import Json


@dataclass(slots=True)
class Tier:
    """A loyalty tier: the balances from `low` to `high`, both included."""

    id: str
    name: str
    campaign: Campaign
    low: int
    high: int
    created_at: int
    earning_rules: Json
    metadata: Json = field(default_factory=dict)
    updated_at: int | None = None

    def brief(self) -> Json:
        """Id and name, as a transaction's details tell it."""
        return {"id": self.id, "name": self.name}

    def form(self, expiration: Json | None = None) -> Json:
        """The tier, with how long one customer keeps it where that is told."""
        points = {"from": self.low, "to": self.high}
        form = {
            "id": self.id,
            "name": self.name,
            "campaign_id": self.campaign.id,
            "metadata": self.metadata,
            "created_at": At(self.created_at),
            "updated_at": optional(self.updated_at),
            "earning_rules": self.earning_rules,
            "rewards": {},
            "config": {"points": points},
            "points": points,
        }
        if expiration is not None:
            form["expiration"] = expiration
        return {**form, "object": "loyalty_tier"}


@dataclass(frozen=True, slots=True)
class EarningRule:
    """How orders earn points: some for each 100 spent, or a fixed number."""

    id: str
    banner: str
    campaign: Campaign
    created_at: int
    points: int
    proportional: bool

    def earned(self, amount: int) -> int:
        """The points for an order of this amount (in the smallest currency unit)."""
        return max(1, amount * self.points // 100) if self.proportional else self.points

    def _loyalty(self) -> Json:
        if not self.proportional:
            return {"type": "FIXED", "points": self.points}
        per_amount = {"total_amount": {"every": 100, "points": self.points}}
        return {
            "type": "PROPORTIONAL",
            "calculation_type": "ORDER_TOTAL_AMOUNT",
            "order": per_amount,
        }

    def source(self) -> Json:
        """Id and banner, as details tell it."""
        return {"id": self.id, "source": {"banner": self.banner}}

    def simple(self) -> Json:
        """The form beside a transaction."""
        return {
            "id": self.id,
            "campaign_id": self.campaign.id,
            "validation_rule_id": None,
            "parameters": {
                "event": "order.paid",
                "banner": self.banner,
                "loyalty": self._loyalty(),
            },
            "automation_id": f"auto_{self.id[4:]}",
            "active": True,
            "metadata": {},
        }

    def full(self) -> Json:
        """The form beside the points that a customer was rewarded."""
        return {
            "id": self.id,
            "created_at": At(self.created_at),
            "updated_at": None,
            "validation_rule_id": None,
            "loyalty": self._loyalty(),
            "event": "order.paid",
            "source": {
                "banner": self.banner,
                "object_id": self.campaign.id,
                "object_type": "campaign",
            },
            "active": True,
            "object": "earning_rule",
            "automation_id": f"auto_{self.id[4:]}",
            "metadata": {},
        }


@dataclass(frozen=True, slots=True)
class Reward:
    """What points buy: a thing, or a coupon of a campaign.

    In each campaign that it can be bought in it has an assignment of its own.
    """

    id: str
    assignment_stem: str
    name: str
    price: int
    created_at: int
    coupons: Campaign | None = None

    def assignment_id(self, campaign: Campaign) -> str:
        """The id of its assignment in a campaign."""
        return f"{self.assignment_stem}{campaign.id[-8:]}"

    def brief(self) -> Json:
        """Id and name, as a transaction's details tell it."""
        return {"id": self.id, "name": self.name}

    def _kind(self) -> str:
        return "MATERIAL" if self.coupons is None else "CAMPAIGN"

    def _parameters(self) -> Json:
        if self.coupons is None:
            return {"product": {"id": f"prod_{self.id[4:]}", "sku_id": None}}
        return {"campaign": {"id": self.coupons.id, "type": self.coupons.kind}}

    def simple(self, campaign: Campaign) -> Json:
        """The form beside a redemption in a campaign."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self._kind(),
            "object": "reward",
            "assignment_id": self.assignment_id(campaign),
            "parameters": self._parameters(),
            "created_at": At(self.created_at),
            "updated_at": None,
        }

    def full(self) -> Json:
        """The form beside a transaction."""
        return {
            "id": self.id,
            "name": self.name,
            "stock": None,
            "redeemed": None,
            "attributes": {"description": f"{self.name}, for {self.price} points"},
            "metadata": {},
            "type": self._kind(),
            "parameters": self._parameters(),
            "created_at": At(self.created_at),
            "updated_at": None,
            "object": "reward",
        }

    def assignment(self, campaign: Campaign) -> Json:
        """What the reward costs in a campaign."""
        return {
            "id": self.assignment_id(campaign),
            "reward_id": self.id,
            "created_at": At(self.created_at),
            "updated_at": None,
            "object": "reward_assignment",
            "related_object_id": campaign.id,
            "related_object_type": "campaign",
            "parameters": {"loyalty": {"points": self.price}},
        }
