"""Promotion tiers and stacks, with their campaigns and validation rules as they are now."""

from typing import Any

import pytest

from tests.factories import at, webhook
from tests.query.world import World, campaign

SPRING = "camp_spring"
STACK = {
    "id": "stack_1",
    "name": "Both",
    "tiers": {"ids": ["promo_1", "promo_2"], "hierarchy_mode": "MANUAL"},
    "campaign_id": SPRING,
    "created_at": at(1),
    "object": "promotion_stack",
}
LONG_AGO, ONE_DAY = "2001-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"


def spring(**more: Any) -> dict[str, Any]:
    """A promotion campaign."""
    return campaign(SPRING, "Spring", "PROMOTION", **{"active": True, **more})


def tier(id_: str = "promo_1", made: int = 1, **more: Any) -> dict[str, Any]:
    """A tier of the campaign, as webhooks tell it."""
    return {
        "id": id_,
        "name": "Ten off",
        "action": {"discount": {"type": "PERCENT", "percent_off": 10}},
        "active": True,
        "hierarchy": 1,
        "campaign": {"id": SPRING, "active": True, "object": "campaign"},
        "campaign_id": SPRING,
        "created_at": at(made),
        "validation_rule_assignments": None,
        "object": "promotion_tier",
        **more,
    }


def made(what: str, told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A tier or stack was created."""
    return webhook(f"campaign.{what}.created", {what: told, **more})


def assigned(id_: str, to: str) -> dict[str, Any]:
    """A validation rule was assigned to a tier."""
    assignment = {
        "id": id_,
        "rule_id": "val_1",
        "related_object_id": to,
        "related_object_type": "promotion_tier",
        "created_at": at(3),
        "object": "validation_rules_assignment",
    }
    return webhook("business_validation_rule.assignment.created", {"assignment": assignment})


async def test_a_tier_is_answered_as_it_was_told(world: World) -> None:
    """By its id, in the list of all and in the list of its campaign."""
    await world.tell(made("promotion_tier", tier()))

    expected = {"object": "list", "data_ref": "tiers", "tiers": [tier()], "total": 1}
    assert tier() == await world.get("/v1/promotions/tiers/promo_1")
    assert expected | {"has_more": False} == await world.get("/v1/promotions/tiers")
    assert expected | {"has_more": False} == await world.get(f"/v1/promotions/{SPRING}/tiers")
    assert 404 == await world.status("/v1/promotions/tiers/promo_9")


async def test_a_tier_repeats_its_campaign_as_it_is_now(world: World) -> None:
    """Whatever was told with the tier."""
    await world.tell(
        made("promotion_tier", tier(), campaign=spring()),
        webhook("campaign.disabled", {"campaign": spring(active=False)}, told=2_000),
    )

    expected = {"id": SPRING, "active": False, "object": "campaign"}
    assert expected == (await world.get("/v1/promotions/tiers/promo_1"))["campaign"]


async def test_a_tier_has_the_rules_that_are_assigned_to_it(world: World) -> None:
    """Those told with it and those told since, until their assignment is deleted."""
    first, second = assigned("asgm_1", "promo_1"), assigned("asgm_2", "promo_1")
    others = assigned("asgm_3", "promo_2")
    told = first["data"]["assignment"]
    listed = {"object": "list", "data_ref": "data", "data": [told], "total": 1}
    await world.tell(
        made("promotion_tier", tier(validation_rule_assignments=listed)),
        made("promotion_tier", tier("promo_2")),
        second,
        others,
    )

    async def rules() -> list[str]:
        answered = await world.get("/v1/promotions/tiers/promo_1")
        found = answered["validation_rule_assignments"]
        assert found["total"] == len(found["data"])
        return [one["id"] for one in found["data"]]

    assert ["asgm_2", "asgm_1"] == await rules()
    for one in (first, second):
        await world.tell(webhook("business_validation_rule.assignment.deleted", one["data"]))
    assert [] == await rules()


async def test_tiers_go_with_their_campaign(world: World) -> None:
    """And alone."""
    await world.tell(
        made("promotion_tier", tier(), campaign=spring()),
        made("promotion_tier", tier("promo_2")),
        made("promotion_stack", STACK),
        webhook("campaign.promotion_tier.deleted", {"promotion_tier": tier("promo_2")}),
    )
    assert ["promo_1"] == await world.ids("/v1/promotions/tiers")
    assert ["promo_1"] == await world.ids("/v1/promotions/Spring/tiers")

    await world.tell(webhook("campaign.deleted", {"campaign": spring()}))

    for listed in ("tiers", "stacks"):
        assert [] == await world.ids(f"/v1/promotions/{listed}")
        assert 404 == await world.status(f"/v1/promotions/{SPRING}/{listed}")
    assert 404 == await world.status("/v1/promotions/tiers/promo_1")


AVAILABLE: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"active": False}, {}, False),
    ({"active": None}, {}, False),
    ({"start_date": LONG_AGO, "expiration_date": ONE_DAY}, {}, True),
    ({"start_date": ONE_DAY}, {}, False),
    ({"expiration_date": LONG_AGO}, {}, False),
    ({}, {"start_date": LONG_AGO, "expiration_date": ONE_DAY}, True),
    ({}, {"start_date": ONE_DAY}, False),
    ({}, {"expiration_date": LONG_AGO}, False),
    ({"expiration_date": "2999-01-01"}, {"expiration_date": None}, True),
]


@pytest.mark.parametrize(("told", "of_campaign", "expected"), AVAILABLE)
async def test_available_tiers(
    world: World, told: dict[str, Any], of_campaign: dict[str, Any], expected: bool
) -> None:
    """Active, begun and not expired, both the tier and its campaign."""
    await world.tell(
        webhook("campaign.created", {"campaign": spring(**of_campaign)}),
        made("promotion_tier", tier(**told)),
    )

    assert ["promo_1"] == await world.ids("/v1/promotions/tiers")
    assert ["promo_1"] == await world.ids("/v1/promotions/tiers?is_available=false")
    found = await world.ids("/v1/promotions/tiers?is_available=true")
    assert expected == (found == ["promo_1"])


async def test_a_tier_of_a_disabled_campaign_is_not_available(world: World) -> None:
    """Though the tier itself is on."""
    await world.tell(
        made("promotion_tier", tier(), campaign=spring()),
        webhook("campaign.disabled", {"campaign": spring(active=False)}, told=2_000),
    )

    assert [] == await world.ids("/v1/promotions/tiers?is_available=true")


async def test_tiers_are_listed_by_page(world: World) -> None:
    """Those of a campaign all at once, as the vendor's are."""
    ids = [f"promo_{number:02d}" for number in range(25)]
    await world.tell(*(made("promotion_tier", tier(id_, number)) for number, id_ in enumerate(ids)))

    assert ids[::-1] == await world.walk("/v1/promotions/tiers", limit=10)
    assert ids == await world.walk("/v1/promotions/tiers?order=created_at", limit=10)
    assert (await world.get("/v1/promotions/tiers"))["has_more"]
    assert ids[::-1] == await world.ids(f"/v1/promotions/{SPRING}/tiers")


STACKS = {
    "": ["stack_2", "stack_1"],
    "order=created_at": ["stack_1", "stack_2"],
    "order=name": ["stack_2", "stack_1"],
    "order=-updated_at": ["stack_1", "stack_2"],
    f"created_at[after]={at(1)}": ["stack_2"],
    f"[created_at][before]={at(2)}": ["stack_1"],
    f"updated_at[after]={at(1)}": ["stack_1"],
    f"[filters][created_at][conditions][$before][0]={at(2)}": ["stack_1"],
    f"filters[updated_at][conditions][$after]={at(1)}": ["stack_1"],
}


@pytest.mark.parametrize("query", STACKS)
async def test_stacks_are_listed(world: World, query: str) -> None:
    """Of all campaigns, with their filters."""
    one = STACK | {"updated_at": at(5)}
    two = STACK | {"id": "stack_2", "name": "A", "campaign_id": "camp_2", "created_at": at(2)}
    await world.tell(made("promotion_stack", one), made("promotion_stack", two))

    assert STACKS[query] == await world.ids(f"/v1/promotions/stacks?{query}")
    assert len(STACKS[query]) == await world.total(f"/v1/promotions/stacks?{query}")


async def test_a_stack_is_found_in_its_campaign(world: World) -> None:
    """And in no other, nor in a campaign that is no promotion."""
    await world.tell(
        made("promotion_stack", STACK),
        made("promotion_stack", STACK | {"id": "stack_2", "campaign_id": "camp_2"}),
        webhook("campaign.created", {"campaign": campaign("camp_gold", "Gold")}),
    )

    assert STACK == await world.get(f"/v1/promotions/{SPRING}/stacks/stack_1")
    assert ["stack_1"] == await world.ids(f"/v1/promotions/{SPRING}/stacks")
    for path in (f"{SPRING}/stacks/stack_2", "camp_gold/stacks", "camp_gold/tiers", "x/stacks"):
        assert 404 == await world.status(f"/v1/promotions/{path}")
