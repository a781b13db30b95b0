"""Ledgers of the small world: how an entry moves a card's balance, and the forms it is told in."""

from tests.proof.things import At, Entry, Json, Thing
from tests.proof.world import CARD, Project


def post(project: Project, card: Thing, type_: str, points: int) -> Entry:
    """Move a card's balance now."""
    now, fields = project.clock.now, card.fields
    struct = "gift" if "gift.balance" in fields else "loyalty_card"
    left = fields[f"{struct}.balance"] + points
    changes: Json = {f"{struct}.balance": left}
    counter, grows = _counter(struct, type_)
    if counter in fields:
        changes[counter] = fields[counter] + grows * points
    card.change(now, changes)
    # Ids of entries mean nothing: the later one may well be the smaller.
    entry = Entry(f"x{project.entries ^ 1}", type_, now, points, left)
    project.entries += 1
    project.ledgers[card.id].append(entry)
    return entry


def _counter(struct: str, type_: str) -> tuple[str, int]:
    """What of a card counts the entries of a type, and which way it grows with their points."""
    if "REDEMPTION" in type_ or "REFUND" in type_:
        return ("redemption.redeemed_points" if struct == "loyalty_card" else ""), -1
    if type_ == "POINTS_EXPIRATION":
        return "loyalty_card.expired_points", -1
    if type_ == "POINTS_TRANSFER_OUT":
        return "loyalty_card.subtracted_points", -1
    return ("gift.amount" if struct == "gift" else "loyalty_card.points"), 1


def tell_entry(
    project: Project, card: Thing, entry: Entry, late: int = 0, **beside: Json | None
) -> None:
    """`transaction.created`: the entry in full, the card as it left it."""
    gift = "gift.balance" in card.fields
    data: Json = {
        "transaction": full(card, entry),
        CARD: card.form(),
        "campaign": project.campaigns[card.fields["campaign_id"]].form(),
        "holder": None,
        **beside,
    }
    type_ = f"voucher.{'gift' if gift else 'loyalty_card'}.transaction.created"
    project.tell(type_, data, late=late, about=[card])


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
