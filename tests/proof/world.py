"""One project of a small vendor's world: what there is in it, and how it is told.

Steps change it (`steps/`). What a step needs is made where it is missing, so that every step means
something by itself and a failing history shrinks to a few of them. Ids are the same in every kind
and every project.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.proof.telling import Teller
from tests.proof.things import Entry, Json, Says, Thing, private

CARD: Final = "voucher"
BEGINNINGS: Final = (20, 0, 20, 0)
"""What each card is created with."""


@dataclass(slots=True)
class Clock:
    """The vendor's clock: it may stand still, and it may step back."""

    now: int = 1_000


@dataclass(slots=True)
class Project:
    """All there is in a project; things by their ids, kind by kind."""

    id: str
    clock: Clock
    teller: Teller
    campaigns: dict[str, Thing] = field(default_factory=dict)
    customers: dict[str, Thing] = field(default_factory=dict)
    cards: dict[str, Thing] = field(default_factory=dict)
    orders: dict[str, Thing] = field(default_factory=dict)
    publications: dict[str, Thing] = field(default_factory=dict)
    redemptions: dict[str, Thing] = field(default_factory=dict)
    redeemed: dict[str, Thing] = field(default_factory=dict)
    pending: dict[str, Thing] = field(default_factory=dict)
    buckets: dict[str, Thing] = field(default_factory=dict)
    segments: dict[str, Thing] = field(default_factory=dict)
    belonging: dict[tuple[str, str], Thing] = field(default_factory=dict)
    tiers: dict[str, Thing] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Thing] = field(default_factory=dict)
    ledgers: dict[str, list[Entry]] = field(default_factory=dict)
    entries: int = 0
    custom_events: dict[str, Thing] = field(default_factory=dict)

    # What steps need.

    def campaign(self, number: int) -> Thing:
        """The campaign of this number; number 2 is of gift cards."""
        id_ = f"x{number}"
        if id_ not in self.campaigns:
            type_ = "GIFT_VOUCHERS" if number == 2 else "LOYALTY_PROGRAM"
            fields: Json = {"name": f"Campaign {number}", "campaign_type": type_, "active": True}
            made = self.make(self.campaigns, "campaign", id_, fields | {"metadata": {}})
            self.tell("campaign.created", {"campaign": made.form()}, begins=[made])
        return self.campaigns[id_]

    def customer(self, number: int) -> Thing:
        """The customer of this number."""
        id_ = f"x{number}"
        if id_ not in self.customers:
            fields: Json = {
                "source_id": private(id_, "s"),
                "name": private(id_, "Ada"),
                "email": private(id_, "@mail.example"),
                "address": {"city": private(id_, "Wallop")},
                "metadata": {},
            }
            made = self.make(self.customers, "customer", id_, fields)
            self.tell("customer.created", {"customer": made.form()}, begins=[made])
        return self.customers[id_]

    def card(self, number: int) -> Thing:
        """The card of this number; number 2 is a gift card, 3 is in the campaign of number 0."""
        id_ = f"x{number}"
        if id_ not in self.cards:
            campaign = self.campaign(number % 3)
            begins_with = BEGINNINGS[number]
            fields: Json = {
                "code": f"C{number}",
                "campaign_id": campaign.id,
                "campaign": campaign.fields["name"],
                "active": True,
                "metadata": {},
                "holder_id": None,
                "redemption.redeemed_quantity": 0,
            }
            if number == 2:
                worth: Json = {
                    "type": "GIFT_VOUCHER",
                    "gift.amount": begins_with,
                    "gift.balance": begins_with,
                }
            else:
                worth = {
                    "type": "LOYALTY_CARD",
                    "loyalty_card.points": begins_with,
                    "loyalty_card.balance": begins_with,
                    "loyalty_card.expired_points": 0,
                    "loyalty_card.subtracted_points": 0,
                }
                worth["redemption.redeemed_points"] = 0
            made = self.make(self.cards, CARD, id_, fields | worth)
            self.ledgers[id_] = []
            data: Json = {CARD: {**made.form(), **_empty(made)}, "campaign": campaign.form()}
            made.form().note(self.clock.now, Says.BEGINS)
            self.tell("voucher.created", data)
        return self.cards[id_]

    def order(self, number: int, customer: Thing) -> Thing:
        """The order of this number, of whoever came first."""
        id_ = f"x{number}"
        if id_ not in self.orders:
            fields: Json = {"source_id": f"o{number}", "status": "CREATED", "amount": 100}
            made = self.make(self.orders, "order", id_, fields | {"customer_id": customer.id})
            self.tell_order("created", made, customer, 0, begins=True)
        return self.orders[id_]

    def holder(self, card: Thing) -> Thing | None:
        """Whose card it is, if anybody's who is still there."""
        holder = self.customers.get(card.fields["holder_id"] or "")
        return None if holder is None or holder.gone else holder

    # How it is told.

    def tell(self, type_: str, data: Json, *, late: int = 0, **ranks: Sequence[Thing]) -> None:
        """By the project's webhook; its event may be some milliseconds late."""
        self.teller.project(self.id, self.clock.now + late, type_, data, **ranks)

    def distribute(self, type_: str, data: Json, design: int, **ranks: Sequence[Thing]) -> None:
        """By a distribution, too."""
        self.teller.distribution(self.id, self.clock.now, type_, data, design, **ranks)

    def make(self, things: dict[str, Thing], kind: str, id_: str, fields: Json) -> Thing:
        things[id_] = Thing(kind, id_, self.clock.now, fields)
        return things[id_]

    def tell_order(
        self, what: str, order: Thing, customer: Thing, design: int, *, begins: bool = False
    ) -> None:
        data = {"customer": customer.form(), "order": order.form()}
        ranks = {"begins" if begins else "about": [order]}
        self.distribute(f"customer.order.{what}", data, design % 2, **ranks)


def _empty(card: Thing) -> Json:
    """What the full form says that the card is not."""
    empty: Json = {"discount": None, "gift": None, "loyalty_card": None}
    return {name: value for name, value in empty.items() if name not in card.form()}


def alive(*things: Thing | None) -> bool:
    """Whether all of them are there."""
    return all(thing is not None and not thing.gone for thing in things)


def usable(project: Project, card: Thing) -> bool:
    """Whether a card and its campaign are there."""
    return alive(card, project.campaigns[card.fields["campaign_id"]])


def stub(card: Thing) -> Json:
    """The card inside a redemption or publication: nearly nothing, and `active` null."""
    return {"id": card.id, "code": card.fields["code"], "active": None, "object": "voucher"}


def beginning(card: Thing) -> int:
    """The balance that a card was created with."""
    return BEGINNINGS[int(card.id.removeprefix("x"))]
