"""What a card is created with: where its ledger begins.

Told by the card's creation alone, and kept beside what changes. Without it nobody could tell that
the first entries of a ledger are missing.
"""

from collections.abc import Iterator

from handlers.telling import Object, Telling, Tells
from state import kinds
from state.facts import Fact, Observed, Rank, Stamp


def _opening(telling: Telling) -> Iterator[Fact]:
    for card in telling.objects("voucher"):
        balance = _balance(card)
        if balance is not None:
            told = Stamp(0, Rank.BEGUN, telling.told)
            opening = {kinds.OPENING: [balance, telling.told]}
            yield Observed(telling.thing(kinds.VOUCHER, card["id"]), told, opening)


def _balance(card: Object) -> object:
    for struct in (card.get("loyalty_card"), card.get("gift")):
        if isinstance(struct, dict) and struct.get("balance") is not None:
            return struct["balance"]
    return None


OPENING = Tells("voucher", kinds.VOUCHER, _opening, says="what it begins with")
