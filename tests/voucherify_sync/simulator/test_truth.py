"""The truth equals what a simple reader makes of the webhooks, and survives a file."""

import json
from pathlib import Path

import pytest

from tests.voucherify_sync.simulator.telling import Json, objects, project, simulated, told
from voucherify_sync.simulator import truth
from voucherify_sync.simulator.likeness import same
from voucherify_sync.simulator.moments import parse

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_ledger_entry_and_no_other_was_told_in_full(seed: int) -> None:
    """All entries of all ledgers, with their points and balances, stand in the webhooks."""
    found: dict[str, Json] = {}
    for _, _, data in told(seed):
        for name, transaction in objects(data):
            if name == "transaction" and transaction.get("details"):
                found[transaction["id"]] = transaction
    expected = {
        entry["id"]: entry
        for entries in project(simulated(seed))["ledgers"].values()
        for entry in entries
    }
    assert expected.keys() == found.keys()
    for id_, entry in expected.items():
        balance = found[id_]["details"]["balance"]
        assert entry["balance"] == balance["balance"]
        assert entry["points"] == balance.get("points", balance.get("amount"))
        assert parse(entry["created_at"]) == parse(found[id_]["created_at"])


@pytest.mark.parametrize("seed", SEEDS)
def test_cards_are_as_last_told(seed: int) -> None:
    """The newest telling of each card by its own moment has the truth's counters."""
    newest: dict[str, Json] = {}
    deleted = set()
    for type_, _, data in told(seed):
        card = data.get("voucher")
        if isinstance(card, dict) and "updated_at" in card and card["updated_at"]:
            known = newest.get(card["id"])
            if known is None or parse(card["updated_at"]) >= parse(known["updated_at"]):
                newest[card["id"]] = {**(known or {}), **card}
        if type_ == "voucher.deleted":
            deleted.add(data["voucher"]["id"])
    for id_, card in project(simulated(seed))["cards"].items():
        assert card["deleted"] == (id_ in deleted)
        if not card["deleted"]:
            assert card["points"] == newest[id_]["loyalty_card"]["points"]
            assert same(card["metadata"], newest[id_]["metadata"])
            assert card["active"] == newest[id_]["active"]
            assert same(card["updated_at"], newest[id_]["updated_at"])


@pytest.mark.parametrize("seed", SEEDS)
def test_tiers_are_as_last_told(seed: int) -> None:
    """The last tier event of each customer in each campaign."""
    found: dict[tuple[str, str], str | None] = {}
    for type_, _, data in told(seed):
        customer, campaign = data.get("customer"), data.get("campaign")
        tier = data.get("loyalty_tier") or data.get("loyalty_tier_to")
        if type_.startswith("customer.loyalty.tier.") and isinstance(customer, dict) and tier:
            left = type_.endswith("left")
            key = customer["id"], (campaign or {}).get("id", tier["campaign_id"])
            found[key] = None if left else tier["id"]
    expected = {
        (one["customer_id"], one["campaign_id"]): one["tier_id"]
        for one in project(simulated(seed))["tiers"]
    }
    assert expected == found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_publication_redemption_and_order_was_told(seed: int) -> None:
    """Nothing is in the truth that no webhook told."""
    found: dict[str, set[str]] = {"publication": set(), "redemption": set(), "order": set()}
    for _, _, data in told(seed):
        for name, thing in objects(data):
            kind = "redemption" if name in ("redemption_rollback", "rollback") else name
            if kind in found and "id" in thing:
                found[kind].add(thing["id"])
    expected = project(simulated(seed))
    assert expected["publications"].keys() == found["publication"]
    assert expected["redemptions"].keys() == found["redemption"]
    assert expected["orders"].keys() == found["order"]


def test_a_truth_survives_its_file(tmp_path: Path) -> None:
    """Whatever names hold, lone surrogates among them."""
    expected = simulated(2).truth
    path = tmp_path / "truth.json"
    truth.write(path, expected)
    assert expected == truth.read(path)
    assert path.read_text(encoding="ascii")


def test_another_file_is_no_truth(tmp_path: Path) -> None:
    """It says so, rather than find no differences in it."""
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"projects": {}}), encoding="ascii")
    with pytest.raises(ValueError, match="no truth"):
        truth.read(path)
