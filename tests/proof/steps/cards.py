"""What becomes of a card beside its points: it gets a holder, is switched off and on."""

from tests.proof.things import Json
from tests.proof.world import Project, alive, stub, usable


def publish(project: Project, a: int, b: int, design: int) -> None:
    """A card becomes somebody's: three webhooks tell of one publication."""
    card, customer = project.card(a), project.customer(b)
    if not usable(project, card) or not alive(customer):
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
    if design & 16:
        data["publication"]["tracking_id"] = customer.fields["source_id"]
    told = {**data, "vouchers": [data["voucher"]]} if design & 1 else data
    if design & 1:
        del told["voucher"]
    project.tell("publication.succeeded", told, about=[made])
    if design & 2:
        project.tell("voucher.published", data, about=[made, card])
    if design & 4:
        inside = made.form(without=("vouchers_id",) if design & 8 else ())
        inside["voucher"] = stub(card)
        data = {**data, "publication": inside}
        project.distribute("customer.publication.succeeded", data, design // 8, about=[made])


def change_card(project: Project, a: int, b: int, design: int) -> None:
    """A card is updated, disabled or enabled."""
    card = project.card(a)
    if not usable(project, card):
        return
    what = ("updated", "disabled", "enabled")[b]
    changes: Json = {"metadata": {"n": design}} if b == 0 else {"active": b == 2}
    card.change(project.clock.now, changes)
    shown = project.campaigns[card.fields["campaign_id"]].form(only=("name",))
    project.tell(f"voucher.{what}", {"voucher": card.form(), "campaign": shown}, about=[card])
