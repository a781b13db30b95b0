"""One project's world: all there is in it. Happenings change it, announcements tell of it."""

from voucherify_sync.simulator import ledger, moments
from voucherify_sync.simulator.cards import Voucher
from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.incentives import Tier
from voucherify_sync.simulator.ledger import Entry, Movement
from voucherify_sync.simulator.moments import Clock
from voucherify_sync.simulator.orders import Order
from voucherify_sync.simulator.pending import PendingPoints
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.programme import Programme, founded
from voucherify_sync.simulator.publications import Publication
from voucherify_sync.simulator.redemptions import Redemption, Rollback
from voucherify_sync.simulator.teller import Teller
from voucherify_sync.simulator.wire import Json


class World:
    """The things of a project, as lists in the order in which they came to be."""

    def __init__(self, seed: str, *, cards: int, start: int = moments.START) -> None:
        self.most_cards = cards
        self.chance = Chance(seed)
        self.clock = Clock(start)
        self.teller = Teller(f"proj_{self.chance.letters(24)}", self.chance, self.clock)
        self.programme: Programme = founded(self.chance, start)
        self.zone = self.chance.pick((-5, 0, 1, 2)) * moments.HOUR
        self.customers: list[Customer] = []
        self.cards: list[Voucher] = []
        self.gifts: list[Voucher] = []
        self.coupons: list[Voucher] = []
        self.orders: list[Order] = []
        self.pending: list[PendingPoints] = []
        self.redemptions: list[Redemption] = []
        self.rollbacks: list[Rollback] = []
        self.publications: list[Publication] = []
        self.ledgers: dict[str, list[Entry]] = {}
        self.tiers: dict[tuple[str, str], Tier | None] = {}
        self._owned: dict[str, list[Voucher]] = {}

    def id(self, prefix: str) -> str:
        """An id as the vendor makes those of things with a moment: no two alike.

        It begins with the time, but within one millisecond it says nothing about the order.
        """
        return f"{prefix}_{self.clock.now - 1_700_000_000_000:010x}{self.chance.hex(8)}"

    def tick(self, low: int, high: int) -> int:
        """Let some milliseconds pass; return the time."""
        return self.clock.tick(low, high, self.chance.share())

    def own(self, voucher: Voucher, customer: Customer) -> None:
        """Hand a voucher to a customer."""
        voucher.holder = customer
        self._owned.setdefault(customer.id, []).append(voucher)

    def holder_of(self, voucher: Voucher) -> Customer:
        """Whose it is. Raises ValueError for a voucher that was never published."""
        if voucher.holder is None:
            raise ValueError(f"{voucher.id} is nobody's")
        return voucher.holder

    def tier_of(self, card: Voucher) -> Tier | None:
        """The tier that the card's holder has in its campaign."""
        holder = self.holder_of(card)
        return self.tiers.get((holder.id, card.campaign.id))

    def post(self, card: Voucher, movement: Movement) -> Entry:
        """Move a card's balance now."""
        entry = ledger.post(card, movement, self.clock.now)
        self.ledgers.setdefault(card.id, []).append(entry)
        return entry

    def pick_card(self) -> Voucher | None:
        """A loyalty card on which something may happen; older members are the busier ones."""
        for _ in range(12 if self.cards else 0):
            skewed = self.chance.share() ** 2
            card = self.cards[int(skewed * len(self.cards))]
            if card.usable() and card.active:
                return card
        return None

    def pick_customer(self) -> Customer | None:
        """Anybody who has not left."""
        return self.chance.find(self.customers, lambda customer: not customer.deleted)

    def in_full(self, customer: Customer) -> Json:
        """The full form of a customer, with what the vendor counts for each."""
        owned = [voucher for voucher in self._owned.get(customer.id, []) if not voucher.deleted]
        cards = [voucher for voucher in owned if voucher.points]
        to_go = sum(card.balance() for card in cards)
        amount_to_go = sum(gift.balance() for gift in owned if gift.credits)
        loyalty: Json = {
            "points": to_go,
            "referred_customers": 0,
            "campaigns": {card.campaign.name: self._standing(card) for card in cards},
        }
        return customer.full(customer.spending.form(to_go, amount_to_go), loyalty)

    def _standing(self, card: Voucher) -> Json:
        standing: Json = {"points": card.balance(), "referred_customers": 0}
        tier = self.tier_of(card)
        if tier is not None:
            standing["loyalty_tier"] = tier.id
        return standing
