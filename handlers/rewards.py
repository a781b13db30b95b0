"""Rewards: what a marketer offers, apart from what one customer got of it.

`reward` of an event is both in one object: the reward as it is defined, and beside its fields the
assignment that gave it and the voucher or product that came out.
"""

from collections.abc import Iterator

from handlers.telling import Left, Telling, Tells, observed
from state import kinds
from state.facts import Fact, Rank

_OUTCOME = frozenset({"customer", "assignment_id", "voucher", "product", "sku", "loyalty_tier_id"})


def _definition(telling: Telling) -> Iterator[Fact]:
    for reward in telling.objects("reward"):
        defined = {name: value for name, value in reward.items() if name not in _OUTCOME}
        yield from observed(telling, kinds.REWARD, defined, Rank.MENTIONED)


def _outcome(telling: Telling) -> Iterator[Left]:
    reward = telling.object("reward") or {}
    outcome = {name: value for name, value in reward.items() if name in _OUTCOME}
    if outcome:
        yield Left({"reward": outcome})


MENTION = Tells("reward", kinds.REWARD, _definition)
OUTCOME = Tells("reward", kinds.EVENT, _outcome, says="what came out of it")
