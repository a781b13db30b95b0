"""The shapes in which webhooks arrive, and how far a marketer's design goes."""

import json

import pytest

from tests.voucherify_sync.simulator.telling import Json, bodies
from voucherify_sync.simulator import noise
from voucherify_sync.simulator.distributions import ESSENTIAL
from voucherify_sync.simulator.world import World

VOLATILE = ("loyalty_card", "gift", "redemption", "metadata", "active")


def sent() -> list[Json]:
    """What some simulations send."""
    return [body for seed in (1, 2, 3) for body in bodies(seed)]


def test_all_four_shapes_and_noise_occur() -> None:
    """Project webhooks, distributions, legacy events and payloads without an envelope."""
    found = sent()
    sources = {body["source"]["object"] for body in found if isinstance(body.get("source"), dict)}
    assert {"webhook", "distribution"} == sources
    legacy = [body for body in found if body.get("object") == "event" and "webhook_id" in body]
    assert legacy
    assert all("event" not in body and "source" not in body for body in legacy)
    assert {"voucher", "customer"} >= {
        body["data"].get("object", next(iter(body["data"]))) for body in legacy
    }
    assert any("event" not in body and "object" not in body for body in found)


def test_a_project_webhook_says_its_type_twice_a_distribution_says_anything() -> None:
    """The top-level type of a distribution is free text; the event's type is the real one."""
    labels = set()
    for body in sent():
        if isinstance(body.get("source"), dict) and isinstance(body.get("event"), dict):
            if body["source"]["object"] == "webhook":
                assert body["type"] == body["event"]["type"]
            else:
                labels.add(body["type"])
    assert "" in labels
    assert "customer.deleted" in labels
    assert not labels & set(ESSENTIAL)


def test_a_design_never_leaves_a_changing_voucher_without_its_moment() -> None:
    """Nobody could put such a telling into order."""
    for body in sent():
        data = body.get("data")
        voucher = data.get("voucher") if isinstance(data, dict) and "event" in body else None
        if isinstance(voucher, dict) and any(name in voucher for name in VOLATILE):
            assert "updated_at" in voucher or "0" * 24 in voucher["id"]


def test_the_only_webhooks_of_a_kind_keep_what_matters() -> None:
    """Tiers and orders are told by distributions alone: one of them tells them in full."""
    told: dict[str, int] = {}
    for body in sent():
        event = body.get("event")
        if isinstance(event, dict) and event["type"].startswith("customer.loyalty.tier."):
            data = body["data"]
            tier = data.get("loyalty_tier") or data.get("loyalty_tier_to")
            if isinstance(data.get("customer"), dict) and tier and "campaign" in data:
                told[event["type"]] = told.get(event["type"], 0) + 1
    assert len(told) == 5


@pytest.mark.parametrize("number", range(8))
def test_noise_is_json_and_about_nothing_that_exists(number: int) -> None:
    """Every kind of it, about zeros or about nothing."""
    world = World(f"noise/{number}", cards=1)
    for _ in range(20):
        noise.make(world.chance, world.clock, world.teller)
    assert 20 == len(world.teller.webhooks)
    for webhook in world.teller.webhooks:
        ids = [part for part in webhook.body.decode().split('"') if part.startswith("v_")]
        assert isinstance(json.loads(webhook.body), dict)
        assert all(set(id_[2:]) == {"0"} for id_ in ids)
