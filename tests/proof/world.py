"""One project of a small vendor's world: steps change it, and each change is told.

What a step needs is made where it is missing, so that every step means something by itself and a
failing history shrinks to a few of them. Ids are the same in every kind and every project.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tests.proof.telling import Teller
from tests.proof.things import At, Entry, Json, Says, Thing

CARD: Final = "voucher"


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
    tiers: dict[str, Thing] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Thing] = field(default_factory=dict)
    ledgers: dict[str, list[Entry]] = field(default_factory=dict)
    entries: int = 0

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
            fields: Json = {"source_id": f"s{number}", "name": "Ada", "metadata": {}}
            made = self.make(self.customers, "customer", id_, fields)
            self.tell("customer.created", {"customer": made.form()}, begins=[made])
        return self.customers[id_]

    def card(self, number: int) -> Thing:
        """The card of this number; number 2 is a gift card."""
        id_ = f"x{number}"
        if id_ not in self.cards:
            campaign = self.campaign(number)
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
                worth: Json = {"type": "GIFT_VOUCHER", "gift.amount": 0, "gift.balance": 0}
            else:
                worth = {
                    "type": "LOYALTY_CARD",
                    "loyalty_card.points": 0,
                    "loyalty_card.balance": 0,
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

    # Ledgers.

    def post(self, card: Thing, type_: str, points: int) -> Entry:
        """Move a card's balance now."""
        now, fields = self.clock.now, card.fields
        struct = "gift" if "gift.balance" in fields else "loyalty_card"
        ever = "gift.amount" if struct == "gift" else "loyalty_card.points"
        balance = fields[f"{struct}.balance"] + points
        changes: Json = {f"{struct}.balance": balance}
        if "REDEMPTION" in type_ or "REFUND" in type_:
            if struct == "loyalty_card":
                changes["redemption.redeemed_points"] = (
                    fields["redemption.redeemed_points"] - points
                )
        elif points > 0:
            changes[ever] = fields[ever] + points
        card.change(now, changes)
        # Ids of entries mean nothing: the later one may well be the smaller.
        entry = Entry(f"x{self.entries ^ 1}", type_, now, points, balance)
        self.entries += 1
        self.ledgers[card.id].append(entry)
        return entry

    def tell_entry(self, card: Thing, entry: Entry, late: int = 0, **beside: Json) -> None:
        """`transaction.created`: the entry in full, the card as it left it."""
        gift = "gift.balance" in card.fields
        data: Json = {
            "transaction": full(card, entry),
            CARD: card.form(),
            "campaign": self.campaigns[card.fields["campaign_id"]].form(),
            "holder": None,
            **beside,
        }
        type_ = f"voucher.{'gift' if gift else 'loyalty_card'}.transaction.created"
        self.tell(type_, data, late=late, about=[card])


def balance(card: Thing, entry: Entry) -> Json:
    """`balance`, beside an entry and in its details."""
    gift = "gift.balance" in card.fields
    return {
        "type": "gift_voucher" if gift else "loyalty_card",
        "amount" if gift else "points": entry.points,
        "balance": entry.balance,
        "object": "balance",
        "related_object": {"type": "voucher", "id": card.id},
    }


def full(card: Thing, entry: Entry) -> Json:
    """The entry as `transaction.created` tells it."""
    return {
        "id": entry.id,
        "voucher_id": card.id,
        "campaign_id": card.fields["campaign_id"],
        "type": entry.type,
        "details": {"balance": balance(card, entry)},
        "created_at": At(entry.at),
    }


def brief(card: Thing, entry: Entry) -> Json:
    """The entry as `points_added` tells it: without details, without its voucher."""
    told = {name: value for name, value in full(card, entry).items() if name != "voucher_id"}
    return told | {"details": None}


def _empty(card: Thing) -> Json:
    """What the full form says that the card is not."""
    empty: Json = {"discount": None, "gift": None, "loyalty_card": None}
    return {name: value for name, value in empty.items() if name not in card.form()}


def alive(*things: Thing | None) -> bool:
    """Whether all of them are there."""
    return all(thing is not None and not thing.gone for thing in things)


# Steps: each takes the project, two small numbers and a design.

Step = Callable[[Project, int, int, int], None]


def earn(project: Project, a: int, b: int, design: int) -> None:
    """Points or money are added: told by up to four webhooks, each in a form of its own."""
    card = project.card(a)
    if not _usable(project, card):
        return
    campaign = project.campaigns[card.fields["campaign_id"]]
    gift = "gift.balance" in card.fields
    before = card.form()
    entry = project.post(card, "CREDITS_ADDITION" if gift else "POINTS_ADDITION", 5 + b)
    holder = project.holder(card)
    project.tell_entry(card, entry, late=design % 3)
    data: Json = {
        "voucher": card.form(without=("metadata", "holder_id")),
        "balance": balance(card, entry),
        "campaign": campaign.form(),
        "transaction": brief(card, entry),
    }
    type_ = "voucher.gift.balance_added" if gift else "voucher.loyalty_card.points_added"
    if design & 1:
        project.tell(type_, data, about=[card])
    if design & 2 and holder:
        data = {**data, "customer": holder.form()}
        project.distribute(f"customer.{type_}", data, design // 4, about=[card])
    if design & 4 and holder and not gift:
        told: Json = {
            "customer": holder.form(),
            "voucher": before,
            "campaign": campaign.form(),
            "balance": balance(card, entry),
        }
        # It tells a card as it was, and the balance that the entry left.
        left = Thing(CARD, card.id, card.made, {}, told=card.told)
        left.changed = before.get("updated_at")
        left.fields = {"loyalty_card.balance": entry.balance}
        left.form().note(project.clock.now, Says.LEFT_BY_AN_ENTRY)
        project.tell("customer.rewarded.loyalty_points", told)


def spend(project: Project, a: int, b: int, design: int) -> None:
    """A redemption, with the ledger entry that it makes."""
    card, customer = project.card(a), project.customer(b)
    struct = "gift" if "gift.balance" in card.fields else "loyalty_card"
    points = min(card.fields[f"{struct}.balance"], 5)
    if not _usable(project, card) or not alive(customer) or not points:
        return
    type_ = "CREDITS_REDEMPTION" if struct == "gift" else "POINTS_REDEMPTION"
    entry = project.post(card, type_, -points)
    fields: Json = {
        "object": "redemption",
        "date": At(project.clock.now),
        "customer_id": customer.id,
        "amount": points,
        "result": "SUCCESS",
        "status": "SUCCEEDED",
    }
    id_ = f"x{len(project.redemptions)}"
    made = project.make(project.redemptions, "redemption", id_, fields)
    project.redeemed[id_] = card
    project.tell_entry(card, entry, redemption=made.form())
    data: Json = {
        "customer": customer.form(),
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "voucher": card.form(),
        "redemption": {**made.form(), "customer": customer.form(), "voucher": _stub(card)},
    }
    made.form().note(project.clock.now, Says.ABOUT)
    project.tell("redemption.succeeded", data, about=[card])
    if design & 1:
        type_ = "customer.redemption.succeeded"
        project.distribute(type_, {**data, "redemption": made.form()}, design // 2, about=[card])


def roll_back(project: Project, a: int, b: int, design: int) -> None:  # noqa: ARG001
    """A redemption is rolled back: its points come back by an entry."""
    found = [one for one in project.redemptions.values() if _stands(project, one)]
    if not found:
        return
    redemption = found[(a + b) % len(found)]
    card = project.redeemed[redemption.id]
    customer = project.customers[redemption.fields["customer_id"]]
    type_ = "CREDITS_REFUND" if "gift.balance" in card.fields else "POINTS_REFUND"
    entry = project.post(card, type_, redemption.fields["amount"])
    fields: Json = {
        **redemption.fields,
        "object": "redemption_rollback",
        "date": At(project.clock.now),
        "amount": -redemption.fields["amount"],
        "redemption": redemption.id,
    }
    id_ = f"x{len(project.redemptions)}"
    made = project.make(project.redemptions, "redemption", id_, fields)
    project.tell_entry(card, entry)
    data: Json = {
        "voucher": card.form(),
        "redemption": redemption.form(),
        "redemption_rollback": made.form(),
    }
    if alive(customer):
        data["customer"] = customer.form()
    project.tell("redemption.rollback.succeeded", data, about=[card, made])


def publish(project: Project, a: int, b: int, design: int) -> None:
    """A card becomes somebody's: three webhooks tell of one publication."""
    card, customer = project.card(a), project.customer(b)
    if not _usable(project, card) or not alive(customer):
        return
    card.change(project.clock.now, {"holder_id": customer.id})
    fields: Json = {
        "customer_id": customer.id,
        "vouchers_id": [card.id],
        "channel": "API",
        "metadata": {"n": b},
        "source_id": None,
    }
    id_ = f"x{len(project.publications)}"
    made = project.make(project.publications, "publication", id_, fields)
    data: Json = {
        "customer": customer.form(),
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "publication": made.form(),
        "voucher": card.form(),
    }
    told = {**data, "vouchers": [data["voucher"]]} if design & 1 else data
    if design & 1:
        del told["voucher"]
    project.tell("publication.succeeded", told, about=[made])
    if design & 2:
        project.tell("voucher.published", data, about=[made, card])
    if design & 4:
        inside = made.form(without=("vouchers_id",) if design & 8 else ())
        inside["voucher"] = _stub(card)
        data = {**data, "publication": inside}
        project.distribute("customer.publication.succeeded", data, design // 8, about=[made])


def change_card(project: Project, a: int, b: int, design: int) -> None:
    """A card is updated, disabled or enabled."""
    card = project.card(a)
    if not _usable(project, card):
        return
    what = ("updated", "disabled", "enabled")[b]
    changes: Json = {"metadata": {"n": design}} if b == 0 else {"active": b == 2}
    card.change(project.clock.now, changes)
    shown = project.campaigns[card.fields["campaign_id"]].form(only=("name",))
    project.tell(f"voucher.{what}", {"voucher": card.form(), "campaign": shown}, about=[card])


def change_customer(project: Project, a: int, b: int, design: int) -> None:
    """A customer is updated."""
    customer = project.customer(a)
    if not alive(customer):
        return
    customer.change(project.clock.now, {"name": f"Ada {design}", "metadata": {"n": b}})
    project.tell("customer.updated", {"customer": customer.form()}, about=[customer])


def change_campaign(project: Project, a: int, b: int, design: int) -> None:
    """A campaign is updated, disabled or enabled."""
    campaign = project.campaign(a)
    if not alive(campaign):
        return
    what = ("updated", "disabled", "enabled")[b]
    changes: Json = {"metadata": {"n": design}} if b == 0 else {"active": b == 2}
    campaign.change(project.clock.now, changes)
    project.tell(f"campaign.{what}", {"campaign": campaign.form()}, about=[campaign])


def change_order(project: Project, a: int, b: int, design: int) -> None:
    """An order is placed, and then updated, paid or canceled."""
    customer = project.customer(b % 2)
    order = project.order(a, customer) if alive(customer) else project.orders.get(f"x{a}")
    placed_by = project.customers.get(order.fields["customer_id"]) if order else None
    if order is None or placed_by is None or not alive(placed_by):
        return
    what = ("updated", "paid", "canceled")[b]
    changes: Json = {"amount": 100 + design} if b == 0 else {"status": what.upper()}
    order.change(project.clock.now, changes)
    project.tell_order(what, order, placed_by, design)


def wait_for_points(project: Project, a: int, b: int, design: int) -> None:
    """Points are pending, are changed, and are activated or canceled."""
    card, customer = project.card(a % 2), project.customer(b % 2)
    if not _usable(project, card) or not alive(customer):
        return
    id_ = f"x{a}"
    if id_ not in project.pending:
        fields: Json = {
            "voucher_id": card.id,
            "campaign_id": card.fields["campaign_id"],
            "customer_id": customer.id,
            "points": 7,
            "activates_at": "2026-04-01",
        }
        made = project.make(project.pending, "pending_points", id_, fields)
        _tell_pending(project, "added", card, made, design, begins=[made])
        return
    points = project.pending[id_]
    if points.gone:
        return
    if b == 0:
        points.change(project.clock.now, {"points": 8 + design})
        _tell_pending(project, "updated", card, points, design, about=[points])
        return
    points.gone = True
    if b == 1:
        _tell_pending(project, "canceled", card, points, design)
        return
    entry = project.post(card, "PENDING_POINTS_ACTIVATION", points.fields["points"])
    _tell_pending(project, "activated", card, points, design, transaction=full(card, entry))
    project.tell_entry(card, entry, late=design % 2)


def move_tier(project: Project, a: int, b: int, design: int) -> None:
    """A customer joins a tier, moves to the other one, stays longer, or leaves."""
    campaign, customer = project.campaign(a % 2), project.customer(b % 2)
    if not alive(campaign, customer):
        return
    here = project.memberships.setdefault(
        (customer.id, campaign.id), Thing("membership", customer.id, 0, {"tier_id": None})
    )
    before = here.fields["tier_id"]
    tier = project_tier(project, campaign, design % 2)
    data: Json = {"customer": customer.form(), "campaign": campaign.form()}
    says = Says.ABOUT
    if before is None:
        what, says, after = "joined", Says.BEGINS, tier.id
        data["loyalty_tier"] = tier.form()
    elif b == 2:
        what, says, after = "left", Says.ENDS, None
        data["loyalty_tier"] = project.tiers[before].form()
    elif before == tier.id:
        what, after = "prolonged", before
        data["loyalty_tier"] = tier.form()
    else:
        what, after = ("upgraded", "downgraded")[design % 2], tier.id
        data["loyalty_tier_from"] = project.tiers[before].form()
        data["loyalty_tier_to"] = tier.form()
    here.made, here.changed = project.clock.now, None
    here.fields = {"tier_id": after}
    here.form().note(project.clock.now, says)
    data["created_at"] = At(project.clock.now)
    project.distribute(f"customer.loyalty.tier.{what}", data, 0)


def project_tier(project: Project, campaign: Thing, number: int) -> Thing:
    """A tier of a campaign."""
    id_ = f"{campaign.id}-{number}"
    if id_ not in project.tiers:
        fields: Json = {"name": f"Tier {number}", "campaign_id": campaign.id}
        made = project.make(project.tiers, "loyalty_tier", id_, fields)
        data: Json = {"campaign": campaign.form(), "loyalty_tier": made.form()}
        project.tell("campaign.loyalty_tier.created", data, begins=[made])
    return project.tiers[id_]


def delete(project: Project, a: int, b: int, design: int) -> None:  # noqa: ARG001
    """A card, a customer or a campaign is deleted."""
    id_ = f"x{a}"
    kind, things = (
        ("voucher", project.cards),
        ("customer", project.customers),
        ("campaign", project.campaigns),
    )[b]
    thing = things.get(id_)
    if thing is None or thing.gone:
        return
    thing.gone = True
    project.tell(f"{kind}.deleted", {kind: thing.form()})


def _usable(project: Project, card: Thing) -> bool:
    return alive(card, project.campaigns[card.fields["campaign_id"]])


def _stands(project: Project, redemption: Thing) -> bool:
    """It is a redemption of a card that is there, and no rollback names it."""
    card = project.redeemed.get(redemption.id)
    return card is not None and _usable(project, card) and not rollbacks(project, redemption)


def rollbacks(project: Project, redemption: Thing) -> list[Thing]:
    """What rolled a redemption back."""
    every = project.redemptions.values()
    return [one for one in every if one.fields.get("redemption") == redemption.id]


def _stub(card: Thing) -> Json:
    """The card inside a redemption or publication: nearly nothing, and `active` null."""
    return {"id": card.id, "code": card.fields["code"], "active": None, "object": "voucher"}


def _tell_pending(
    project: Project,
    what: str,
    card: Thing,
    points: Thing,
    design: int,
    *,
    about: Sequence[Thing] = (),
    begins: Sequence[Thing] = (),
    **more: Json,
) -> None:
    data: Json = {
        "voucher": card.form(),
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "pending_points": points.form(),
        **more,
    }
    subjects = [card, *about]
    type_ = f"voucher.loyalty_card.pending_points.{what}"
    project.tell(type_, data, about=subjects, begins=begins)
    if design & 1:
        drawn = (0, 1, 3)[design // 2 % 3]
        project.distribute(f"customer.{type_}", data, drawn, about=subjects, begins=begins)


STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "earn": earn,
        "spend": spend,
        "roll back": roll_back,
        "publish": publish,
        "change a card": change_card,
        "change a customer": change_customer,
        "change a campaign": change_campaign,
        "change an order": change_order,
        "wait for points": wait_for_points,
        "move between tiers": move_tier,
        "delete": delete,
    }
)
