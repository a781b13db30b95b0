"""Points and money come in: at once, or after they were pending."""

from collections.abc import Sequence

from tests.proof.ledgers import balance, brief, full, post, tell_entry
from tests.proof.things import Json, Says, Thing
from tests.proof.world import CARD, Project, alive, usable


def earn(project: Project, a: int, b: int, design: int) -> None:
    """Points or money are added: told by up to four webhooks, each in a form of its own."""
    card = project.card(a)
    if not usable(project, card):
        return
    campaign = project.campaigns[card.fields["campaign_id"]]
    gift = "gift.balance" in card.fields
    before = card.form()
    entry = post(project, card, "CREDITS_ADDITION" if gift else "POINTS_ADDITION", 5 + b)
    holder = project.holder(card)
    tell_entry(project, card, entry, late=design % 3)
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


def wait_for_points(project: Project, a: int, b: int, design: int) -> None:
    """Points are pending, are changed, and are activated or canceled."""
    card, customer = project.card(a % 2), project.customer(b % 2)
    if not usable(project, card) or not alive(customer):
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
    entry = post(project, card, "PENDING_POINTS_ACTIVATION", points.fields["points"])
    _tell_pending(project, "activated", card, points, design, transaction=full(card, entry))
    tell_entry(project, card, entry, late=design % 2)


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
