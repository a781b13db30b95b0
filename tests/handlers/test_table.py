"""Each event type's row, and the situations in which order and tellings could mislead."""

import itertools
from typing import Any

import pytest

from handlers import table
from handlers.loyalty import membership_id
from schemas import registry
from state import kinds
from state.facts import Gone
from tests.factories import (
    CAMPAIGN,
    CARD,
    CUSTOMER,
    at,
    card,
    facts,
    known,
    known_in_any_order,
    legacy,
    transaction,
    webhook,
)

TRANSACTION_CREATED = "voucher.loyalty_card.transaction.created"


def moved(id_: str, when: int, points: int, balance: int, **more: Any) -> dict[str, Any]:
    """`transaction.created` with the card as it was after the movement."""
    told_card = card(balance, points=more.pop("ever", 0), updated=when)
    entry = transaction(id_, when, points, balance)
    return webhook(
        TRANSACTION_CREATED,
        {"transaction": entry, "voucher": told_card, **more},
        told=when,
        event_id=f"evt_{id_}",
    )


def test_every_documented_type_has_a_row() -> None:
    """No event type of the registry is forgotten in the table."""
    assert {registry.canonical_type(name) for name in registry.FAMILY_OF_TYPE} == set(table.TABLE)


def test_accrual_and_redemption_in_one_millisecond() -> None:
    """The chain orders what the clock cannot: the balance is the one that the redemption left."""
    events = [
        moved("vtx_1", 10, 40, 40, ever=40),
        moved("vtx_3", 20, 100, 140, ever=140),
        moved("vtx_2", 20, -140, 0, ever=140),
    ]

    found = known_in_any_order(events)[kinds.VOUCHER, CARD]

    assert {"points": 140, "balance": 0} == found["loyalty_card"]


def test_transfer() -> None:
    """The other card of a transfer is told as it was before; that must not undo the transfer."""
    out = transaction("vtx_out", 50, -30, 70, type_="POINTS_TRANSFER_OUT")
    into = transaction("vtx_in", 50, 30, 35, type_="POINTS_TRANSFER_IN", voucher_id="v_other")
    before = {"id": "v_other", "code": "OTHER", "loyalty_card": {"points": 5, "balance": 5}}
    source = card(100, points=100, updated=40)
    after = card(35, points=35, updated=50) | {"id": "v_other", "code": "OTHER"}
    events = [
        webhook(
            TRANSACTION_CREATED,
            {
                "transaction": out,
                "voucher": card(70, points=100, updated=50),
                "destination_voucher": before,
            },
            told=51,
        ),
        webhook(
            TRANSACTION_CREATED,
            {"transaction": into, "voucher": after, "source_voucher": source},
            told=50,
        ),
        webhook("voucher.created", {"voucher": card(0, updated=None)}, told=1),
    ]

    found = known_in_any_order(events)

    assert {"points": 100, "balance": 70} == found[kinds.VOUCHER, CARD]["loyalty_card"]
    assert {"points": 35, "balance": 35} == found[kinds.VOUCHER, "v_other"]["loyalty_card"]


def test_the_other_card_as_before_with_the_moment_of_the_transfer() -> None:
    """Even with equal `updated_at`, the card that the event is about outranks the one beside it."""
    stale = card(5, points=5, updated=50) | {"id": "v_other"}
    fresh = card(35, points=35, updated=50) | {"id": "v_other"}
    events = [
        webhook(TRANSACTION_CREATED, {"destination_voucher": stale}, told=60),
        webhook("voucher.loyalty_card.points_added", {"voucher": fresh}, told=50),
    ]

    found = known_in_any_order(events)

    assert {"points": 35, "balance": 35} == found[kinds.VOUCHER, "v_other"]["loyalty_card"]


def test_late_older_update() -> None:
    """An older `voucher.updated` that comes late adds what is unknown and changes nothing else."""
    newer = card(7, updated=20, metadata={"seat": "new"})
    older = card(3, updated=10, metadata={"seat": "old"}, additional_info="first")
    events = [
        webhook("voucher.updated", {"voucher": newer}, told=20),
        webhook("voucher.updated", {"voucher": older}, told=10),
    ]

    found = known_in_any_order(events)[kinds.VOUCHER, CARD]

    assert ({"seat": "new"}, "first", 7) == (
        found["metadata"],
        found["additional_info"],
        found["loyalty_card"]["balance"],
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kinds.VOUCHER, "voucher"), (kinds.CUSTOMER, "customer"), (kinds.CAMPAIGN, "campaign")],
)
def test_late_update_after_a_delete(kind: str, name: str) -> None:
    """What was deleted does not come back, whatever is told of it later or late."""
    thing = {"id": "x_1", "updated_at": at(5), "object": name}
    events = [
        webhook(f"{name}.deleted", {name: thing}, told=10),
        webhook(f"{name}.updated", {name: thing | {"updated_at": at(20)}}, told=20),
        webhook(f"{name}.created", {name: thing}, told=1),
    ]

    assert (kind, "x_1") not in known_in_any_order(events)


def test_tier_event_before_its_customer_is_known() -> None:
    """A tier move tells the customer and the tier too, and the newest move is where one is."""

    def tier(id_: str) -> dict[str, Any]:
        return {"id": id_, "name": id_, "campaign_id": CAMPAIGN, "created_at": at(0)}

    campaign = {"id": CAMPAIGN, "object": "campaign", "created_at": at(0)}
    customer = {"id": CUSTOMER, "object": "customer", "name": "Örs"}
    who = {"customer": customer, "campaign": campaign}
    events = [
        webhook(
            "customer.loyalty.tier.joined",
            {**who, "loyalty_tier": tier("ltr_a"), "created_at": at(10)},
            told=10,
            distribution=True,
            top_type="Welcome!",
        ),
        webhook(
            "customer.loyalty.tier.upgraded",
            {
                **who,
                "loyalty_tier_from": tier("ltr_a"),
                "loyalty_tier_to": tier("ltr_b"),
                "created_at": at(20),
            },
            told=20,
            distribution=True,
        ),
        webhook("customer.updated", {"customer": customer | {"email": "a@b.example"}}, told=5),
    ]

    found = known_in_any_order(events)

    assert "ltr_b" == found[kinds.MEMBERSHIP, membership_id(CUSTOMER, CAMPAIGN)]["tier_id"]
    assert {"ltr_a", "ltr_b"} <= {id_ for kind, id_ in found if kind == kinds.LOYALTY_TIER}
    assert "Örs" == found[kinds.CUSTOMER, CUSTOMER]["name"]


def test_leaving_a_programme() -> None:
    """Who left is in no tier, whatever older move comes late."""
    who = {"customer": {"id": CUSTOMER}, "campaign": {"id": CAMPAIGN}}
    tier = {"id": "ltr_a", "campaign_id": CAMPAIGN}
    events = [
        webhook("customer.loyalty.tier.left", {**who, "loyalty_tier": tier}, told=20),
        webhook("customer.loyalty.tier.joined", {**who, "loyalty_tier": tier}, told=10),
    ]

    membership = known_in_any_order(events)[kinds.MEMBERSHIP, membership_id(CUSTOMER, CAMPAIGN)]

    assert membership["tier_id"] is None


def test_the_holders_tier_told_beside_a_transaction() -> None:
    """Where no tier event is delivered, transactions tell the tier; a tier event outranks them."""
    tier = {
        "id": "ltr_a",
        "campaign_id": CAMPAIGN,
        "expiration": {"customer_id": CUSTOMER, "tier_id": "ltr_a"},
    }
    before = moved("vtx_1", 10, 5, 5, holder_loyalty_tier=tier, campaign={"id": CAMPAIGN})
    place = kinds.MEMBERSHIP, membership_id(CUSTOMER, CAMPAIGN)

    assert "ltr_a" == known([before])[place]["tier_id"]
    assert "expiration" not in known([before])[kinds.LOYALTY_TIER, "ltr_a"]

    upgraded = webhook(
        "customer.loyalty.tier.upgraded",
        {
            "customer": {"id": CUSTOMER},
            "campaign": {"id": CAMPAIGN},
            "loyalty_tier_to": {"id": "ltr_b"},
        },
        told=10,
    )
    assert "ltr_b" == known_in_any_order([before, upgraded])[place]["tier_id"]


def test_one_movement_told_in_many_ways_is_one_entry() -> None:
    """`points_added` (null details), the distribution's twin and `transaction.created` are one."""
    short = {"id": "vtx_1", "type": "POINTS_ACCRUAL", "details": None, "created_at": at(10)}
    balance = {
        "points": 5,
        "balance": 15,
        "total": 15,
        "related_object": {"id": CARD, "type": "voucher"},
    }
    told = {"transaction": short, "balance": balance, "voucher": card(15, points=15, updated=10)}
    events = [
        webhook("voucher.loyalty_card.points_added", told, told=11),
        webhook(
            "customer.voucher.loyalty_card.points_added",
            {"transaction": short, "balance": balance},
            told=12,
            distribution=True,
            top_type="",
        ),
        moved("vtx_1", 10, 5, 15, ever=15),
        legacy("voucher.loyalty_card.points_added", told, told=11),
    ]

    found = known_in_any_order(events)

    assert [(kinds.TRANSACTION, "vtx_1")] == [key for key in found if key[0] == kinds.TRANSACTION]
    entry = found[kinds.TRANSACTION, "vtx_1"]
    assert (5, 15, "API", CARD) == (
        entry["details"]["balance"]["points"],
        entry["details"]["balance"]["balance"],
        entry["source"],
        entry["voucher_id"],
    )
    assert 15 == found[kinds.VOUCHER, CARD]["loyalty_card"]["balance"]


def test_a_balance_told_beside_the_card_as_it_was_before() -> None:
    """`customer.rewarded.loyalty_points` is newer than its card, older than any newer telling."""
    rewarded = webhook(
        "customer.rewarded.loyalty_points",
        {
            "voucher": card(0, updated=10),
            "balance": {"points": 9, "balance": 9, "related_object": {"id": CARD}},
        },
        told=30,
    )
    newer = moved("vtx_2", 20, -9, 0, ever=9)

    assert 9 == known([rewarded])[kinds.VOUCHER, CARD]["loyalty_card"]["balance"]
    assert (
        0 == known_in_any_order([rewarded, newer])[kinds.VOUCHER, CARD]["loyalty_card"]["balance"]
    )


@pytest.mark.parametrize("end", ["activated", "canceled"])
def test_pending_points(end: str) -> None:
    """Points pend, change, and pend no more; a late `updated` does not bring them back."""

    def pending(points: int, updated: int | None) -> dict[str, Any]:
        return {
            "id": "lopp_1",
            "voucher_id": CARD,
            "points": points,
            "created_at": at(1),
            "updated_at": None if updated is None else at(updated),
        }

    prefix = "voucher.loyalty_card.pending_points"
    added = webhook(f"{prefix}.added", {"pending_points": pending(5, None)}, told=1)
    updated = webhook(f"customer.{prefix}.updated", {"pending_points": pending(8, 9)}, told=9)
    spelt = webhook(
        "loyalty_card.pending_points.updated", {"pending_points": pending(8, 9)}, told=9
    )
    ended = webhook(f"{prefix}.{end}", {"pending_points": pending(8, 9)}, told=20)

    key = kinds.PENDING_POINTS, "lopp_1"
    assert 8 == known_in_any_order([added, updated, spelt])[key]["points"]
    assert key not in known_in_any_order([added, updated, ended])


def test_an_activation_told_by_its_transaction_only() -> None:
    """A transaction that activates pending points says that they pend no more."""
    entry = transaction("vtx_1", 20, 5, 5, type_="PENDING_POINTS_ACTIVATION")
    entry["details"]["pending_points"] = {"id": "lopp_1", "points": 5}

    told = facts(webhook(TRANSACTION_CREATED, {"transaction": entry}))

    assert ["lopp_1"] == [fact.thing.id for fact in told if isinstance(fact, Gone)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_events_tell_one_publication(order: tuple[int, ...]) -> None:
    """A publication told by three events, each with its voucher elsewhere, is one publication."""
    publication = {
        "id": "pub_1",
        "customer_id": CUSTOMER,
        "channel": "API",
        "created_at": at(5),
        "tracking_id": "ann@example.com",
        "customer": {"id": CUSTOMER, "source_id": "ann@example.com", "address": None},
        "object": "publication",
    }
    voucher = card(0, updated=5)
    customer = {"id": CUSTOMER, "source_id": "ann@example.com", "object": "customer"}
    events = [
        webhook(
            "publication.succeeded",
            {"data": {"publication": publication, "vouchers": [voucher], "customer": customer}},
        ),
        webhook("voucher.published", {"publication": publication, "voucher": voucher}),
        webhook(
            "customer.publication.succeeded",
            {"publication": {**publication, "voucher": voucher}},
            distribution=True,
        ),
    ]

    found = known([events[index] for index in order])

    assert [CARD] == found[kinds.PUBLICATION, "pub_1"]["vouchers_id"]
    assert "ann@example.com" not in str(found[kinds.PUBLICATION, "pub_1"])
    assert "address" not in found[kinds.CUSTOMER, CUSTOMER]
    assert "CODE-1" == found[kinds.VOUCHER, CARD]["code"]


def test_a_publication_of_several_vouchers_told_beside_one() -> None:
    """A telling that lost `vouchers_id` and has one voucher beside it does not drop the others."""
    publication = {"id": "pub_1", "created_at": at(5), "object": "publication"}
    several = webhook(
        "publication.succeeded",
        {"publication": {**publication, "vouchers_id": ["v_1", "v_2"]}},
        told=5,
    )
    one = webhook(
        "voucher.published", {"publication": publication, "voucher": {"id": "v_2"}}, told=9
    )
    key = kinds.PUBLICATION, "pub_1"

    assert ["v_1", "v_2"] == known_in_any_order([several, one])[key]["vouchers_id"]
    assert ["v_2"] == known([one])[key]["vouchers_id"]


def test_people_are_kept_in_one_place() -> None:
    """Orders, redemptions and publications keep a customer's id, never the customer."""
    customer = {"id": CUSTOMER, "name": "Ann Nonymous", "email": "ann@example.com"}
    order = {
        "id": "ord_1",
        "customer": customer,
        "items": [{"product": {"id": "p"}}],
        "metadata": {},
    }
    redemption = {
        "id": "r_1",
        "date": at(3),
        "customer": customer,
        "order": order,
        "reward": {"customer": customer, "name": "Mug"},
        "metadata": {"customer": {"id": "kept"}},
        "voucher": {"id": CARD, "holder": customer},
    }
    event = webhook("redemption.succeeded", {"redemption": redemption, "order": order})

    found = known([event])

    customer = found.pop((kinds.CUSTOMER, CUSTOMER))
    assert "Ann Nonymous" == customer["name"]
    assert "Ann" not in str(found)
    kept = found[kinds.REDEMPTION, "r_1"]
    assert (CUSTOMER, {"customer": {"id": "kept"}}) == (kept["customer_id"], kept["metadata"])
    assert CUSTOMER == found[kinds.ORDER, "ord_1"]["customer_id"]


def test_a_rollback_keeps_both_redemptions() -> None:
    """The rollback is kept beside the redemption, which stays as it was when made."""
    original = {"id": "r_1", "date": at(3), "status": "SUCCEEDED", "object": "redemption"}
    events = [
        webhook("redemption.succeeded", {"redemption": original}, told=3),
        webhook(
            "redemption.rollback.succeeded",
            {
                "redemption": original,
                "redemption_rollback": {"id": "rr_1", "date": at(9), "redemption": "r_1"},
            },
            told=9,
        ),
    ]

    found = known_in_any_order(events)

    assert "r_1" == found[kinds.REDEMPTION, "rr_1"]["redemption"]
    assert "SUCCEEDED" == found[kinds.REDEMPTION, "r_1"]["status"]


def test_a_holding_is_no_customer() -> None:
    """`holder` of an assignment event is the holding itself, not a person."""
    for holding in (
        {"id": "rh_1", "object": "redeemable_holder"},
        {"id": "rh_1", "redeemable_id": "v_1"},
    ):
        event = webhook("customer.holder.assignment.created", {"holder": holding})
        assert (kinds.CUSTOMER, "rh_1") not in known([event])


def test_a_legacy_payload_that_is_the_object_itself() -> None:
    """Older payloads may be the object, where newer ones hold it under its name."""
    found = known([legacy("voucher.created", card(0, updated=1))])

    assert "CODE-1" == found[kinds.VOUCHER, CARD]["code"]


def test_unknown_types_and_reshaped_payloads_tell_nothing_wrong() -> None:
    """What is not documented, or not in its place, is no fact and no failure."""
    odd: list[dict[str, Any]] = [
        {"voucher": "CODE-1"},
        {"voucher": None, "transaction": []},
        {"voucher": {"id": 7}},
        {"transaction": {"id": "vtx_1"}},
        {"transaction": {"id": "vtx_1", "details": "none"}, "balance": 5},
        {"balance": {"balance": 5}},
        {"publication": {"id": ""}, "customer": {"name": "no id"}},
        {"loyalty_tier": {"id": "ltr_1"}, "holder_loyalty_tier": {"id": "ltr_1"}},
    ]
    for data in odd:
        for type_ in registry.FAMILY_OF_TYPE:
            found = known([webhook(type_, data)])
            assert not any(kind in (kinds.VOUCHER, kinds.TRANSACTION) for kind, _ in found)

    assert [] == facts(webhook("voucher.teleported", {"voucher": card()}))


def test_an_entry_without_a_moment_is_listed_by_when_it_was_told() -> None:
    """A re-shaped payload may lack the entry's moment; the entry is kept all the same."""
    entry = transaction("vtx_1", 0, 5, 5) | {"created_at": None}

    found = known(
        [webhook(TRANSACTION_CREATED, {"transaction": entry, "voucher": card(1)}, told=70)]
    )

    assert 5 == found[kinds.VOUCHER, CARD]["loyalty_card"]["balance"]


@pytest.mark.parametrize("lags", [(1, 1), (40, 0), (0, 40)])
@pytest.mark.parametrize("version", [None, 10])
def test_the_event_of_a_movement_is_younger_than_the_movement(
    lags: tuple[int, int], version: int | None
) -> None:
    """A card without `updated_at` is as its ledger entry left it, not as young as the event."""

    def told(entry: dict[str, Any], lag: int, balance: int, redeemed: int) -> dict[str, Any]:
        voucher = card(balance, points=118, updated=version)
        voucher["redemption"] = {"redeemed_points": redeemed}
        if version is None:
            del voucher["updated_at"]
        data = {"transaction": entry, "voucher": voucher}
        return webhook(TRANSACTION_CREATED, data, told=10 + lag, event_id=entry["id"])

    events = [
        told(transaction("vtx_1", 10, 118, 118), lags[0], 118, 0),
        told(transaction("vtx_2", 10, -40, 78), lags[1], 78, 40),
        webhook("voucher.created", {"voucher": card(0, updated=None)}, told=5),
    ]

    found = known_in_any_order(events)[kinds.VOUCHER, CARD]

    assert {"points": 118, "balance": 78} == found["loyalty_card"]
    assert {"redeemed_points": 40} == found["redemption"]


def test_a_reward_right_after_the_card_was_made() -> None:
    """A balance told beside a card that has no version yet is newer than the card's creation."""
    fresh = {name: value for name, value in card(0).items() if name != "updated_at"}
    events = [
        webhook("voucher.created", {"voucher": fresh}, told=1),
        webhook(
            "customer.rewarded.loyalty_points",
            {"voucher": fresh, "balance": {"balance": 10, "related_object": {"id": CARD}}},
            told=5,
        ),
    ]

    found = known_in_any_order(events)[kinds.VOUCHER, CARD]

    assert 10 == found["loyalty_card"]["balance"]


@pytest.mark.parametrize("end", ["upgraded", "left"])
def test_tier_moves_of_one_millisecond(end: str) -> None:
    """What an event says orders what the clock cannot: one joins first and leaves last."""
    who = {"customer": {"id": CUSTOMER}, "campaign": {"id": CAMPAIGN}}
    events = [
        webhook("customer.loyalty.tier.joined", {**who, "loyalty_tier": {"id": "ltr_z"}}),
        webhook("customer.loyalty.tier.upgraded", {**who, "loyalty_tier_to": {"id": "ltr_a"}}),
    ]
    if end == "left":
        events.append(webhook("customer.loyalty.tier.left", {**who, "loyalty_tier": {"id": "x"}}))

    membership = known_in_any_order(events)[kinds.MEMBERSHIP, membership_id(CUSTOMER, CAMPAIGN)]

    assert (None if end == "left" else "ltr_a") == membership["tier_id"]


def test_created_and_updated_in_one_millisecond() -> None:
    """What was updated was created before, whichever value is the greater."""
    pending = {"id": "lopp_1", "created_at": at(1_000), "updated_at": None, "voucher_id": CARD}
    events = [
        webhook("customer.created", {"customer": {"id": CUSTOMER, "name": "Zoë"}}),
        webhook("customer.updated", {"customer": {"id": CUSTOMER, "name": "Ada"}}),
        webhook(
            "voucher.loyalty_card.pending_points.added", {"pending_points": pending | {"points": 9}}
        ),
        webhook(
            "voucher.loyalty_card.pending_points.updated",
            {"pending_points": pending | {"points": 7, "updated_at": at(1_000)}},
        ),
    ]

    found = known_in_any_order(events)

    assert "Ada" == found[kinds.CUSTOMER, CUSTOMER]["name"]
    assert 7 == found[kinds.PENDING_POINTS, "lopp_1"]["points"]


def test_pending_points_and_buckets_that_lost_their_card() -> None:
    """A re-shaped payload that keeps the card only beside the entry still tells whose it is."""
    beside = {"voucher": card(5, updated=1), "customer": {"id": CUSTOMER}}
    events = [
        webhook(
            "customer.voucher.loyalty_card.pending_points.added",
            {**beside, "pending_points": {"id": "lopp_1", "points": 5}},
            distribution=True,
        ),
        webhook(
            "customer.voucher.loyalty_card.points_expired",
            {**beside, "buckets": [{"id": "lopb_1", "bucket": {"total_points": 5}}]},
            distribution=True,
        ),
    ]

    found = known_in_any_order(events)

    assert (CARD, CUSTOMER) == (
        found[kinds.PENDING_POINTS, "lopp_1"]["voucher_id"],
        found[kinds.PENDING_POINTS, "lopp_1"]["customer_id"],
    )
    assert CARD == found[kinds.POINTS_BUCKET, "lopb_1"]["voucher_id"]
    assert "customer_id" not in found[kinds.POINTS_BUCKET, "lopb_1"]


def test_several_vouchers_told_beside_a_publication_only() -> None:
    """Of publications that lost `vouchers_id`, the one with the most vouchers knows best."""
    publication = {"id": "pub_1", "created_at": at(5)}
    events = [
        webhook(
            "publication.succeeded",
            {"publication": publication, "vouchers": [{"id": f"v_{n}"} for n in range(3)]},
            told=5,
        ),
        *(
            webhook(
                "voucher.published",
                {"publication": publication, "voucher": {"id": f"v_{n}"}},
                told=9,
            )
            for n in range(3)
        ),
    ]

    found = known_in_any_order(events)[kinds.PUBLICATION, "pub_1"]

    assert ["v_0", "v_1", "v_2"] == found["vouchers_id"]


@pytest.mark.parametrize("person", [{"source_id": "ann"}, {"id": None}, {"id": 7}, None])
def test_a_person_without_an_id_erases_nobody(person: dict[str, Any] | None) -> None:
    """An embedded customer that lost its id says nothing of who it is."""
    redemption = {"id": "r_1", "date": at(3)}
    events = [
        webhook("redemption.succeeded", {"redemption": {**redemption, "customer_id": CUSTOMER}}),
        webhook(
            "customer.redemption.succeeded",
            {"redemption": {**redemption, "customer": person}},
            told=2_000,
        ),
    ]

    assert CUSTOMER == known_in_any_order(events)[kinds.REDEMPTION, "r_1"]["customer_id"]


@pytest.mark.parametrize(
    ("tracking_id", "kept"), [("ann@example.com", False), ("track_0Ff+==", True), (None, True)]
)
def test_a_tracking_id_is_somebodys_source_id(tracking_id: str | None, kept: bool) -> None:
    """Without a customer beside it, too: only what the vendor made up is kept."""
    publication = {"id": "pub_1", "customer_id": CUSTOMER, "tracking_id": tracking_id}

    found = known([webhook("publication.succeeded", {"publication": publication})])

    assert kept == ("tracking_id" in found[kinds.PUBLICATION, "pub_1"])
