"""A project's programme: all that it offers, and how a new one is founded."""

from dataclasses import dataclass

from voucherify_sync.simulator.campaigns import COUPONS, GIFTS, LOYALTY, Campaign, Category
from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.incentives import EarningRule, Reward, Tier


@dataclass(slots=True)
class Programme:
    """All that one project offers."""

    clubs: list[Campaign]
    tiers: dict[str, list[Tier]]
    rules: dict[str, list[EarningRule]]
    rewards: list[Reward]
    automatic: Reward
    coupons: Campaign
    gifts: Campaign
    passing: Campaign
    categories: list[Category]

    def campaigns(self) -> list[Campaign]:
        """Every campaign, also one that has been deleted."""
        return [*self.clubs, self.coupons, self.gifts, self.passing]

    def tier_for(self, campaign: Campaign, balance: int) -> Tier | None:
        """The tier that a balance qualifies for; none below the lowest."""
        for tier in self.tiers[campaign.id]:
            if tier.low <= balance <= tier.high:
                return tier
        return None


_NAMES = (
    ("Harbour Club", "Night Market Card", "Autumn Tenner", "Lantern Gift"),
    ("Lighthouse Circle", "Sunday Stamp Book", "Rainy Day Coupon", "Paper Boat Gift"),
    ("Copper Kettle Club", "Back Room Card", "Second Cup", "Tea for Two"),
)
_TOP = 10_000_000


def founded(chance: Chance, now: int) -> Programme:
    """A new project's programme, all of it made at this moment."""
    first, second, coupons, gifts = chance.pick(_NAMES)
    clubs = [
        _campaign(chance, first, LOYALTY, "", now),
        _campaign(chance, second, LOYALTY, "NM-", now, welcome_points=25),
    ]
    coupon_campaign = _campaign(chance, coupons, COUPONS, "TEN-", now)
    rules = {club.id: _rules(chance, club, now) for club in clubs}
    return Programme(
        clubs=clubs,
        tiers={
            clubs[0].id: _tiers(
                chance, clubs[0], rules, (("Pebble", 100), ("Wave", 400), ("Tide", 1_000)), now
            ),
            clubs[1].id: _tiers(
                chance,
                clubs[1],
                rules,
                (("Paper", 0), ("Tin", 150), ("Brass", 450), ("Silk", 1_200)),
                now,
            ),
        },
        rules=rules,
        rewards=[
            _reward(chance, "Tin mug", 60, now),
            _reward(chance, "Canvas bag", 150, now),
            _reward(chance, "A coupon", 90, now, coupon_campaign),
        ],
        automatic=_reward(chance, "Sticker sheet", 40, now),
        coupons=coupon_campaign,
        gifts=_campaign(chance, gifts, GIFTS, "GIFT-", now),
        passing=_campaign(chance, "One Week Only", COUPONS, "WEEK-", now),
        categories=[
            Category(f"cat_{chance.hex(18)}", name, rank, now)
            for rank, name in enumerate(("Early birds", "Night owls", "Überraschung"), 1)
        ],
    )


def _campaign(
    chance: Chance, name: str, kind: str, prefix: str, now: int, welcome_points: int = 0
) -> Campaign:
    return Campaign(f"camp_{chance.letters(24)}", name, kind, prefix, now, welcome_points)


def _rules(chance: Chance, club: Campaign, now: int) -> list[EarningRule]:
    return [
        EarningRule(f"ern_{chance.letters(24)}", "A point a unit", club, now, 1, True),
        EarningRule(f"ern_{chance.letters(24)}", "Thank you bonus", club, now, 40, False),
    ]


def _tiers(
    chance: Chance,
    club: Campaign,
    rules: dict[str, list[EarningRule]],
    steps: tuple[tuple[str, int], ...],
    now: int,
) -> list[Tier]:
    highs = [low - 1 for _, low in steps[1:]] + [_TOP]
    first = rules[club.id][0].id
    return [
        Tier(
            id=f"ltr_{chance.hex(18)}",
            name=name,
            campaign=club,
            low=low,
            high=high,
            created_at=now,
            earning_rules={first: {"type": "MULTIPLY", "multiplier": 1 + number / 2}},
        )
        for number, ((name, low), high) in enumerate(zip(steps, highs, strict=True))
    ]


def _reward(
    chance: Chance, name: str, price: int, now: int, coupons: Campaign | None = None
) -> Reward:
    ids = f"rew_{chance.letters(24)}", f"rewa_{chance.letters(24)[:16]}"
    return Reward(*ids, name, price, now, coupons)
