"""The tiers of a programme, and the one that a member is in."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, webhook
from tests.query.world import World, campaign, customer

MINE = f"/v1/loyalties/members/{CARD}/tiers"
CARD_TOLD = webhook("voucher.created", {"voucher": card(0)})


def tier(id_: str = "ltr_gold", **more: Any) -> dict[str, Any]:
    """The definition of a tier."""
    return {
        "id": id_,
        "name": id_.removeprefix("ltr_"),
        "campaign_id": CAMPAIGN,
        "metadata": {},
        "points": {"from": 1, "to": 9},
        "created_at": at(1),
        "updated_at": at(2),
        "object": "loyalty_tier",
        **more,
    }


def expiration(id_: str = "ltr_gold") -> dict[str, Any]:
    """How long a customer is in a tier."""
    return {
        "customer_id": CUSTOMER,
        "campaign_id": CAMPAIGN,
        "tier_id": id_,
        "start_date": "2025-03-01",
        "expiration_date": "2025-12-31",
    }


def moved(what: str, when: int, **tiers: dict[str, Any]) -> dict[str, Any]:
    """An event about the customer's tier."""
    data = {
        "customer": customer(),
        "campaign": campaign(CAMPAIGN, "Gold"),
        "created_at": at(when),
        **tiers,
    }
    return webhook(f"customer.loyalty.tier.{what}", data, told=when)


JOINED = moved("joined", 2_000, loyalty_tier=tier(expiration=expiration()))


async def test_a_member_is_in_the_tier_of_its_holder(world: World) -> None:
    """With the holder's own expiration, and the definition as it is now."""
    renamed = tier(name="Gold!", updated_at=at(9_000))
    await world.tell(
        CARD_TOLD, JOINED, webhook("campaign.loyalty_tier.updated", {"loyalty_tier": renamed})
    )

    assert {
        "object": "list",
        "data_ref": "data",
        "data": [{**renamed, "expiration": expiration()}],
        "total": 1,
    } == await world.get(MINE)
    assert ["ltr_gold"] == await world.ids("/v1/loyalties/Gold/members/CODE-1/tiers")


async def test_a_member_is_in_one_tier_at_a_time(world: World) -> None:
    """The one moved to last; an expiration told with an earlier tier says nothing of this one."""
    await world.tell(
        CARD_TOLD,
        moved("upgraded", 3_000, loyalty_tier_from=tier(), loyalty_tier_to=tier("ltr_black")),
        JOINED,
    )

    assert [tier("ltr_black")] == (await world.get(MINE))["data"]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([CARD_TOLD], id="never joined"),
        pytest.param([CARD_TOLD, JOINED, moved("left", 3_000, loyalty_tier=tier())], id="left"),
        pytest.param(
            [webhook("voucher.created", {"voucher": card(0, holder_id=None)}), JOINED],
            id="nobody holds the card",
        ),
        pytest.param(
            [webhook("voucher.created", {"voucher": card(0, holder_id="cust_2")}), JOINED],
            id="another holds the card",
        ),
        pytest.param(
            [webhook("voucher.created", {"voucher": card(0, campaign_id="camp_2")}), JOINED],
            id="in another programme",
        ),
    ],
)
async def test_a_member_may_be_in_no_tier(world: World, events: list[dict[str, Any]]) -> None:
    """Then the list is empty."""
    await world.tell(*events)

    assert {"object": "list", "data_ref": "data", "data": [], "total": 0} == await world.get(MINE)


async def test_a_tier_of_which_only_the_id_was_told(world: World) -> None:
    """Its id and what is certain of any tier."""
    await world.tell(CARD_TOLD, moved("joined", 2_000, loyalty_tier={"id": "ltr_x"}))

    assert [{"id": "ltr_x", "campaign_id": CAMPAIGN, "object": "loyalty_tier"}] == (
        await world.get(MINE)
    )["data"]


async def test_a_programmes_tiers_are_listed(world: World) -> None:
    """Newest first, without what holds for one customer only, and without deleted ones."""
    tiers = [tier(f"ltr_{n}", created_at=at(n)) for n in range(4)]
    await world.tell(
        JOINED,
        *(webhook("campaign.loyalty_tier.created", {"loyalty_tier": one}) for one in tiers),
        webhook("campaign.loyalty_tier.deleted", {"loyalty_tier": {"id": "ltr_2"}}),
        webhook(
            "campaign.loyalty_tier.created",
            {"loyalty_tier": tier("ltr_other", campaign_id="camp_2")},
        ),
    )
    path = f"/v1/loyalties/{CAMPAIGN}/tiers"

    answer = await world.get(path)
    assert [tiers[3], tier(), tiers[1], tiers[0]] == answer["data"]
    assert 4 == answer["total"]
    assert ["ltr_0", "ltr_1"] == await world.ids(
        "/v1/loyalties/Gold/tiers?order=created_at&limit=2"
    )
    assert 400 == await world.status(f"{path}?order=name")


async def test_tiers_go_with_their_campaign(world: World) -> None:
    """Of a deleted campaign nothing is there, of an unknown one neither."""
    await world.tell(JOINED, webhook("campaign.deleted", {"campaign": {"id": CAMPAIGN}}))

    assert 404 == await world.status(f"/v1/loyalties/{CAMPAIGN}/tiers")
    assert 404 == await world.status("/v1/loyalties/camp_9/tiers")
