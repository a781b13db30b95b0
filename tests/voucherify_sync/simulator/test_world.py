"""Worlds are consistent, and what they tell can be put into order by anybody."""

from collections import Counter, defaultdict
from itertools import groupby, pairwise
from typing import Any

import pytest

from tests.voucherify_sync.simulator.telling import Json, objects, project, simulated, told
from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.happenings import desk, transfers
from voucherify_sync.simulator.history import HAPPENINGS
from voucherify_sync.simulator.ledger import ACCRUAL, Movement, post
from voucherify_sync.simulator.likeness import same
from voucherify_sync.simulator.moments import parse
from voucherify_sync.simulator.world import World

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_ledger_is_a_chain_that_ends_at_the_balance(seed: int) -> None:
    """Balance before + points = balance after, from the first entry to the last."""
    truth = project(simulated(seed))
    assert sum(len(entries) for entries in truth["ledgers"].values()) > 200
    for id_, entries in truth["ledgers"].items():
        card = truth["cards"].get(id_) or truth["gifts"][id_]
        for before, entry in pairwise(entries):
            assert entry["balance"] == before["balance"] + entry["points"]
        if entries and not card["deleted"]:
            assert card["balance"] == entries[-1]["balance"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_card_adds_up(seed: int) -> None:
    """Balance = points - expired - subtracted - redeemed, and what is pending adds up too."""
    truth = project(simulated(seed))
    for id_, card in truth["cards"].items():
        if card["deleted"]:
            continue
        gone = sum(card[name] or 0 for name in ("expired_points", "subtracted_points"))
        assert card["balance"] == card["points"] - gone - card["redeemed_points"] >= 0
        pending = sum(one["points"] for one in truth["pending_points"][id_].values())
        assert pending == (card["pending_points"] or 0)


def test_entries_of_one_millisecond_have_one_order() -> None:
    """Some milliseconds hold several entries of a card; their balances say in which order."""
    several = 0
    for seed in SEEDS:
        for entries in project(simulated(seed))["ledgers"].values():
            before = 0
            for _, group in groupby(entries, key=lambda entry: str(entry["created_at"])):
                together = list(group)
                several += len(together) > 1
                starts = [entry["balance"] - entry["points"] for entry in together]
                assert len(starts) == len(set(starts))
                assert len(together) == 1 or starts[0] == before or before == 0
                before = together[-1]["balance"]
    assert several > 20


def test_no_two_tellings_of_one_version_of_a_voucher_contradict_each_other() -> None:
    """Same voucher, same moment: same fields, but for entries that share the moment.

    Those tell counters that only grow, and a balance that the chain decides; a transfer tells the
    other card as it was.
    """
    for seed in SEEDS:
        made = simulated(seed)
        moved = {
            (id_, parse(entry["created_at"]))
            for id_, entries in project(made)["ledgers"].items()
            for entry in entries
        }
        known: dict[tuple[str, int], Json] = defaultdict(dict)
        for type_, _, data in told(seed):
            for name, voucher in objects(data):
                if voucher.get("object") != "voucher" or not voucher.get("updated_at"):
                    continue
                version = voucher["id"], parse(voucher["updated_at"])
                if version in moved or name in ("source_voucher", "destination_voucher"):
                    _expect_growth(known[version], voucher, name)
                else:
                    _expect_equality(known[version], _flat(voucher), type_)


def _flat(voucher: Json) -> Json:
    """Fields that both forms have; moments as moments, lists' urls aside."""
    flat: Json = {}
    for name, value in voucher.items():
        if name in ("loyalty_card", "gift", "redemption", "publish") and isinstance(value, dict):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        elif value is not None and name not in ("discount", "assets", "categories", "category"):
            flat[name] = parse(value) if name.endswith("_at") else value
    return flat


def _expect_equality(known: Json, flat: Json, type_: str) -> None:
    for name, value in flat.items():
        assert known.setdefault(name, value) == value, (type_, name)


def _expect_growth(known: Json, voucher: Json, name: str) -> None:
    """Within one moment what was told before may only be less, told in the order it happened."""
    flat = _flat(voucher)
    for counter in ("loyalty_card.points", "redemption.redeemed_points", "gift.amount"):
        if counter in flat and name not in ("source_voucher", "destination_voucher"):
            assert flat[counter] >= known.get(counter, 0) or "REFUND" in name
            known[counter] = flat[counter]


def test_no_two_tellings_of_one_moment_of_a_customer_contradict_each_other() -> None:
    """A customer has no version but the event's moment, so one moment tells one thing."""
    for seed in SEEDS:
        known: dict[tuple[str, int, str], Any] = {}
        for type_, at, data in told(seed):
            for name in ("customer", "holder"):
                customer = data.get(name)
                if type_ != "customer.deleted" and isinstance(customer, dict):
                    for field, value in customer.items():
                        key = customer["id"], at, field
                        assert same(known.setdefault(key, value), value), key


def test_nothing_is_told_of_what_is_gone() -> None:
    """A deletion is the last that happens to a thing."""
    gone: set[str] = set()
    for type_, _, data in (one for seed in SEEDS for one in told(seed)):
        subject = data.get("voucher")
        if isinstance(subject, dict):
            assert subject["id"] not in gone
        if type_ == "voucher.deleted":
            gone.add(data["voucher"]["id"])
        if type_ == "customer.deleted":
            assert "_deleted20" in data["customer"]["source_id"]
            gone.add(data["customer"]["id"])
    assert len(gone) > 5


def test_every_kind_of_movement_and_every_shape_occurs() -> None:
    """A simulation of the default size shows what there is to show."""
    made = simulated(1)
    movements = Counter(
        entry["type"] for entries in project(made)["ledgers"].values() for entry in entries
    )
    assert {
        *("POINTS_ACCRUAL", "POINTS_ADDITION", "POINTS_REMOVAL", "POINTS_REDEMPTION"),
        *("POINTS_REFUND", "POINTS_EXPIRATION", "PENDING_POINTS_ACTIVATION"),
        *("POINTS_TRANSFER_IN", "POINTS_TRANSFER_OUT"),
        *("CREDITS_ADDITION", "CREDITS_REDEMPTION"),
    } <= movements.keys()
    types = {type_ for type_, _, _ in told(1)}
    assert {f"customer.loyalty.tier.{move}" for move in ("joined", "upgraded", "left")} <= types
    text = b"".join(one.body for one in made.deliveries)
    for odd in ("\u0301", "🦊", "\u202e", "מרים"):
        assert odd.encode() in text
    assert b"\\u0000" in b"".join(one.body for seed in SEEDS for one in simulated(seed).deliveries)
    assert b"\\ud83d" in b"".join(one.body for seed in SEEDS for one in simulated(seed).deliveries)


def test_a_transfer_tells_both_cards_as_they_were() -> None:
    """Two entries of one moment, each naming the other; the other card has its balance before."""
    balances: dict[str, int] = {}
    seen = 0
    for type_, _, data in told(1):
        if type_ != "voucher.loyalty_card.transaction.created":
            continue
        transaction, card = data["transaction"], data["voucher"]
        for other in (data["source_voucher"], data["destination_voucher"]):
            if other is not None:
                seen += 1
                assert transaction["related_transaction_id"].startswith("vtx_")
                points = transaction["details"]["balance"]["points"]
                before = balances.get(other["id"])
                told_in = data["source_voucher"] is not None
                expected = before if not told_in or before is None else before + points
                assert before is None or other["loyalty_card"]["balance"] == expected
        balances[card["id"]] = transaction["details"]["balance"]["balance"]
    assert seen > 4


def test_points_rewarded_tells_the_card_as_it_was_before() -> None:
    """Old moment, old balance, and beside it the balance after."""
    seen = 0
    for type_, _, data in told(1):
        if type_ == "customer.rewarded.loyalty_points" and "loyalty_card" in (
            data.get("voucher") or {}
        ):
            seen += 1
            before, after = data["voucher"]["loyalty_card"]["balance"], data["balance"]
            assert before <= after["balance"] - after["points"]
    assert seen > 50


@pytest.mark.parametrize("happening", [happening for happening, _ in HAPPENINGS])
def test_what_an_empty_world_does_not_allow_changes_nothing(happening: Any) -> None:
    """A happening that says False has told nothing."""
    world = World("empty", cards=1)
    if not happening(world):
        assert [] == world.teller.webhooks


def test_a_balance_never_falls_below_zero() -> None:
    """The ledger refuses it."""
    world = World("empty", cards=1)
    assert not transfers.transfer(world)
    assert not desk.update_customer(world)
    coupon_like = desk_card(world)
    with pytest.raises(ValueError, match="overdrawn"):
        post(coupon_like, Movement("vtx_1", "POINTS_REMOVAL", -1), world.clock.now)
    coupon_like.points = None
    with pytest.raises(ValueError, match="no balance"):
        post(coupon_like, Movement("vtx_1", ACCRUAL, 1), world.clock.now)
    with pytest.raises(ValueError, match="nobody's"):
        world.holder_of(coupon_like)


def desk_card(world: World) -> Any:
    """A loyalty card that nobody holds."""
    from voucherify_sync.simulator.happenings.joining import make_voucher

    return make_voucher(world, world.programme.clubs[0])


def test_chance_picks_by_weight_and_gives_up_when_nothing_fits() -> None:
    """A weight of nothing is never picked."""
    chance = Chance("x")
    assert {"a"} == {chance.weighted((("a", 1.0), ("b", 0.0))) for _ in range(50)}
    assert chance.find([1, 2, 3], lambda _: False) is None
    assert chance.find([], lambda _: True) is None
