"""A person of whom every kind of event tells, in every form, also in ones that failed."""

from typing import Any

from eventlog.log import Partition, Record
from handlers.understand import Understood, refused, understand
from schemas import envelope, topics
from schemas.envelope import Envelope
from state.store import DeadLetter
from tests.factories import CAMPAIGN, CARD, at, body, card, legacy, transaction, webhook

ID = "cust_ann"
ANN = {
    "id": ID,
    "source_id": "ann-4711@crm.example",
    "name": "Ann Byway",
    "email": "ann@mail.example",
    "phone": "+48 600 700 800",
    "birthdate": "1979-08-17",
    "description": "prefers the side door",
    "address": {"line_1": "5 Hidden Lane", "city": "Nether Wallop", "postal_code": "SO20"},
    "metadata": {"shoe": "size forty-one", "pets": ["Bello the dog"]},
    "object": "customer",
}
SECRETS = {
    "ann-4711@crm.example",
    "ann-old@crm.example",
    "Ann Byway",
    "ann@mail.example",
    "+48 600 700 800",
    "1979-08-17",
    "prefers the side door",
    "5 Hidden Lane",
    "Nether Wallop",
    "size forty-one",
    "Bello the dog",
    "rang the bell twice",
    "Dear Ann Byway, happy birthday",
}
"""What is Ann's; her id is not."""

BOB = {"id": "cust_bob", "name": "Bob", "source_id": "bob@crm.example", "object": "customer"}
SAFE = {"Bob", "bob@crm.example", "CODE-1", "fragile", "for the shop", CARD}
"""What stays, whatever becomes of Ann."""

ORDER = {"id": "ord_1", "object": "order", "metadata": {"parcel": "fragile"}, "created_at": at(5)}
BESIDE = {"id": ID, "object": "customer"}
HELD = card(70, updated=9, metadata={"note": "for the shop"}, holder_id=ID)


def _publication(id_: str, tracking_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "customer_id": ID,
        "tracking_id": tracking_id,
        "created_at": at(6),
        "object": "publication",
        **more,
    }


def _redemption(id_: str, tracking_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "customer_id": ID,
        "tracking_id": tracking_id,
        "date": at(7),
        "object": "redemption",
        **more,
    }


def _custom_event(id_: str) -> dict[str, Any]:
    happened = {"note": "rang the bell twice"}
    return {"id": id_, "object": "event", "type": "bell", "customer": BESIDE, "metadata": happened}


DELETED = webhook("customer.deleted", {"customer": ANN}, told=500, event_id="evt_deleted")

_TOLD: list[tuple[str, dict[str, Any]]] = [
    ("customer.created", {"customer": ANN}),
    ("customer.updated", {"customer": {**ANN, "referrer": {**BOB, "object": "customer"}}}),
    ("customer.updated", {"customer": {**BOB, "referrer": ANN}}),
    ("customer.confirmed", {"customer": BESIDE, "unconfirmed_customer": ANN}),
    ("customer.segment.entered", {"customer": ANN, "segment": {"id": "seg_1", "name": "Shoes"}}),
    ("customer.consents.given", {"customer": ANN, "consents": ["c_1", "c_2"]}),
    ("customer.custom_event", {"event": _custom_event("event_1"), "customer": ANN}),
    ("customer.rewarded", {"custom_event": _custom_event("event_2"), "holder": ANN}),
    (
        "publication.succeeded",
        {
            "publication": _publication("pub_1", "ann-4711@crm.example", customer=ANN),
            "voucher": HELD,
        },
    ),
    (
        "publication.succeeded",
        {"publication": _publication("pub_2", "ann-old@crm.example"), "customer": ANN},
    ),
    (
        "customer.publication.succeeded",
        {"publication": _publication("pub_3", "track_1", customer=ANN, voucher=HELD)},
    ),
    (
        "redemption.succeeded",
        {
            "redemption": _redemption("r_1", "ann-4711@crm.example", customer=ANN),
            "voucher": {**HELD, "holder": ANN},
        },
    ),
    (
        "redemption.failed",
        {"redemption": _redemption("r_2", "ann-old@crm.example"), "customer": ANN, "order": ORDER},
    ),
    (
        "customer.order.created",
        {"order": {**ORDER, "customer": BOB, "referrer": ANN}, "customer": BOB},
    ),
    ("customer.referred", {"customer": BOB, "referrer": ANN, "referral": {"referrer": ANN}}),
    (
        "customer.rewarded",
        {"customer": ANN, "reward": {"id": "rew_1", "customer": ANN, "sku": {"id": "sku_1"}}},
    ),
    (
        "voucher.loyalty_card.transaction.created",
        {
            "transaction": transaction("vtx_1", 9, 70, 70),
            "voucher": HELD,
            "holder": ANN,
            "event": _custom_event("event_3"),
        },
    ),
    ("voucher.updated", {"buyer": ANN, "voucher": HELD}),
    ("voucher.updated", {"customer": BESIDE, "greeting": "Dear Ann Byway, happy birthday"}),
    ("voucher.updated", {"voucher": HELD, "greeting": "Dear Ann Byway, happy birthday"}),
    ("campaign.updated", {"campaign": {"id": CAMPAIGN, "name": "Gold", "object": "campaign"}}),
]


def events() -> list[dict[str, Any]]:
    """What is told of Ann and of things beside her, except that she is deleted.

    The last one does not say whose it is, of which another form does: it tells of her without
    naming her.
    """
    told = [
        webhook(
            type_, data, told=10 + number, event_id=f"evt_{number}", distribution=number % 2 > 0
        )
        for number, (type_, data) in enumerate(_TOLD)
    ]
    for event in told:
        if event["event"]["type"].startswith("customer."):
            event["event"]["entity_id"] = "ann-4711@crm.example" if "3" in event["id"] else ID
    unsaid = webhook("customer.rewarded", {"card_of": "Ann Byway"}, told=12, event_id="evt_15")
    unsaid["event"]["entity_id"] = "cust_bob"
    return [*told, legacy("customer.updated", ANN, told=40), unsaid]


def letter(event: dict[str, Any], offset: int) -> DeadLetter:
    """The event as a dead letter, because the state refused its facts."""
    read = envelope.read(body(event))
    assert isinstance(read, Envelope)
    name = topics.topic(read)
    record = Record(
        Partition(name, 0), offset, name, topics.key(read), body(event), topics.headers(read, 0)
    )
    understood = understand(record, 0)
    assert isinstance(understood, Understood), understood
    return refused(understood, KeyError("no"), 0)
