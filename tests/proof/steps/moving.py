"""Points leave a card without being spent: they expire, or move to another card."""

from tests.proof.ledgers import full, post, tell_entry
from tests.proof.things import At, Json, Thing
from tests.proof.world import Project, usable


def expire(project: Project, a: int, b: int, design: int) -> None:
    """Points of a bucket expire. What is told of its status is `ACTIVE` as often as not."""
    card = project.card(a % 2)
    points = min(card.fields["loyalty_card.balance"], 3)
    if not usable(project, card) or not points:
        return
    bucket = _bucket(project, card, b)
    left = {"total_points": bucket.fields["bucket"]["total_points"] - points}
    bucket.change(
        project.clock.now, {"bucket": left, "status": ("ACTIVE", "EXPIRED")[design // 2 % 2]}
    )
    entry = post(project, card, "POINTS_EXPIRATION", -points)
    holder = project.holder(card)
    data: Json = {
        "voucher": card.form(without=("metadata",)),
        "points": points,
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "buckets": [bucket.form()],
        "transaction": full(card, entry),
    }
    if holder:
        data["customer"] = holder.form()
    about = [card, bucket]
    project.tell("voucher.loyalty_card.points_expired", data, late=design % 3, about=about)
    if design & 1:
        type_ = "customer.voucher.loyalty_card.points_expired"
        project.distribute(type_, data, design // 2, about=about)
    if design & 8:
        tell_entry(project, card, entry)


def _bucket(project: Project, card: Thing, number: int) -> Thing:
    id_ = f"{card.id}-{number}"
    if id_ not in project.buckets:
        fields: Json = {
            "voucher_id": card.id,
            "campaign_id": card.fields["campaign_id"],
            "bucket": {"total_points": 50},
            "expires_at": f"2026-04-0{1 + number}",
            "status": "ACTIVE",
        }
        project.make(project.buckets, "loyalty_points_bucket", id_, fields)
    return project.buckets[id_]


def transfer(project: Project, a: int, b: int, design: int) -> None:
    """Points move between cards, as two entries of one moment.

    Each is told beside the other card as that was before; by one design it says of itself that it
    was so just now, and only who tells it says which is right.
    """
    source, destination = project.card(0), project.card(3)
    if a == 1:
        source, destination = destination, source
    points = min(source.fields["loyalty_card.balance"], 1 + b)
    if not usable(project, source) or not usable(project, destination) or not points:
        return
    before_out, before_in = source.form(), destination.form()
    if design & 1:
        now = At(project.clock.now)
        before_out, before_in = before_out.dated(now), before_in.dated(now)
    out = post(project, source, "POINTS_TRANSFER_OUT", -points)
    came = post(project, destination, "POINTS_TRANSFER_IN", points)
    tell_entry(project, source, out, late=design // 2 % 2, destination_voucher=before_in)
    tell_entry(project, destination, came, late=design // 4 % 2, source_voucher=before_out)
