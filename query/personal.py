"""Which paths can answer with personal data: all but those that are known not to.

What may be personal is stored by no cache on its way; campaigns and what defines them may be, and
are asked for again before they are used.
"""

from typing import Final

from query.paths import Path

NOT_PERSONAL: Final = frozenset(
    {
        "Campaign",
        "EarningRule",
        "LoyaltyReward",
        "LoyaltyTier",
        "PromotionStack",
        "PromotionTier",
        "Reward",
        "RewardAssignment",
    }
)
"""Objects that tell of no customer; rules and segments may name some. That a member has one of
these is personal all the same.
"""

_OF_SOMEBODY: Final = ("{memberId}", "{customerId}", "{code}", "{holderId}")


def is_personal(path: Path) -> bool:
    """Whether its answers can tell something of a customer."""
    if path.answers.schema not in NOT_PERSONAL:
        return True
    return any(name in path.template for name in _OF_SOMEBODY)
