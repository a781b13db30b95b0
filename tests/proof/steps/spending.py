"""Points and money are spent, and come back."""

from tests.proof.ledgers import post, tell_entry
from tests.proof.things import At, Json, Says, Thing
from tests.proof.world import Project, alive, stub, usable


def spend(project: Project, a: int, b: int, design: int) -> None:
    """A redemption, with the ledger entry that it makes."""
    card, customer = project.card(a), project.customer(b)
    struct = "gift" if "gift.balance" in card.fields else "loyalty_card"
    points = min(card.fields[f"{struct}.balance"], 5)
    if not usable(project, card) or not alive(customer) or not points:
        return
    type_ = "CREDITS_REDEMPTION" if struct == "gift" else "POINTS_REDEMPTION"
    entry = post(project, card, type_, -points)
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
    tell_entry(project, card, entry, redemption=made.form())
    data: Json = {
        "customer": customer.form(),
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "voucher": card.form(),
        "redemption": {**made.form(), "customer": customer.form(), "voucher": stub(card)},
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
    entry = post(project, card, type_, redemption.fields["amount"])
    fields: Json = {
        **redemption.fields,
        "object": "redemption_rollback",
        "date": At(project.clock.now),
        "amount": -redemption.fields["amount"],
        "redemption": redemption.id,
    }
    id_ = f"x{len(project.redemptions)}"
    made = project.make(project.redemptions, "redemption", id_, fields)
    tell_entry(project, card, entry)
    data: Json = {
        "voucher": card.form(),
        "redemption": redemption.form(),
        "redemption_rollback": made.form(),
    }
    if alive(customer):
        data["customer"] = customer.form()
    project.tell("redemption.rollback.succeeded", data, about=[card, made])


def _stands(project: Project, redemption: Thing) -> bool:
    """It is a redemption of a card that is there, and no rollback names it."""
    card = project.redeemed.get(redemption.id)
    return card is not None and usable(project, card) and not rollbacks(project, redemption)


def rollbacks(project: Project, redemption: Thing) -> list[Thing]:
    """What rolled a redemption back."""
    every = project.redemptions.values()
    return [one for one in every if one.fields.get("redemption") == redemption.id]
