"""Rewards: what a marketer offers, apart from what one customer got of it.

`reward` of an event is both in one object: the reward as it is defined, and beside its fields the
assignment that gave it and the voucher or product that came out.
"""

from collections.abc import Iterator

from handlers import happenings
from handlers.telling import Telling, Tells, observed
from state import kinds
from state.facts import Fact, Rank

_OUTCOME = frozenset({"customer", "assignment_id", "voucher", "product", "sku", "loyalty_tier_id"})


def _definition(telling: Telling) -> Iterator[Fact]:
    for reward in telling.objects("reward"):
        defined = {name: value for name, value in reward.items() if name not in _OUTCOME}
        yield from observed(telling, kinds.REWARD, defined, Rank.MENTIONED)


def _outcome(telling: Telling) -> Iterator[Fact]:
    reward = telling.object("reward") or {}
    outcome = {name: reward[name] for name in ("id", *sorted(_OUTCOME)) if name in reward}
    if outcome.keys() - {"id"}:
        yield from happenings.event(telling, {"reward": outcome})


MENTION = Tells("reward", kinds.REWARD, _definition)
OUTCOME = Tells("reward", kinds.EVENT, _outcome, says="what came out of it")
