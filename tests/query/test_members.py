"""Members are loyalty cards, found by code or voucher id, alone or in their programme."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, transaction, webhook
from tests.query.world import World, campaign, customer

MEMBERS = f"/v1/loyalties/{CAMPAIGN}/members"


def made(number: int, **more: Any) -> dict[str, Any]:
    """`voucher.created` of a card with this number."""
    voucher = {"id": f"v_{number}", "code": f"CODE-{number:02d}", "created_at": at(number)}
    return webhook("voucher.created", {"voucher": card(number) | voucher | more})


def programme(name: str = "Gold", type_: str = "LOYALTY_PROGRAM") -> dict[str, Any]:
    """`campaign.created` of the cards' campaign."""
    return webhook("campaign.created", {"campaign": campaign(CAMPAIGN, name, type_)})


@pytest.mark.parametrize("member", ["CODE-1", CARD])
@pytest.mark.parametrize("prefix", ["", f"/{CAMPAIGN}", "/Gold"])
async def test_a_member_is_found_by_code_or_id_in_its_campaign(
    world: World, member: str, prefix: str
) -> None:
    """The card as it was told, whichever of its names and its campaign's names the path has."""
    await world.tell(programme(), webhook("voucher.created", {"voucher": card(7, points=9)}))
    path = f"/v1/loyalties{prefix}/members/{member}"

    assert card(7, points=9) == await world.get(path)
    for of_it in ("transactions", "pending-points", "points-expiration", "tiers"):
        assert "list" == (await world.get(f"{path}/{of_it}"))["object"]


@pytest.mark.parametrize("prefix", ["camp_other", "Silver"])
async def test_a_member_is_not_in_another_campaign(world: World, prefix: str) -> None:
    """A card asked for in another campaign is not there, and neither is what belongs to it."""
    await world.tell(
        programme(),
        webhook("campaign.created", {"campaign": campaign("camp_other", "Silver")}),
        made(1),
    )

    for of_it in ("", "/transactions", "/pending-points", "/points-expiration", "/tiers"):
        assert 404 == await world.status(f"/v1/loyalties/{prefix}/members/CODE-01{of_it}")


async def test_a_campaigns_name_is_the_one_it_has_now(world: World) -> None:
    """A card still carries the old name of a campaign that was renamed."""
    renamed = campaign(CAMPAIGN, "Platinum", updated_at=at(2_000))
    await world.tell(
        programme(),
        made(1, campaign="Gold"),
        webhook("campaign.updated", {"campaign": renamed}, told=2_000),
    )

    assert 200 == await world.status("/v1/loyalties/Platinum/members/v_1")
    assert 404 == await world.status("/v1/loyalties/Gold/members/v_1")
    assert ["v_1"] == await world.ids("/v1/loyalties/Platinum/members")


async def test_a_campaign_that_nobody_told_of_is_known_from_its_cards(world: World) -> None:
    """By its id everywhere, by its name where the card itself tells it."""
    await world.tell(made(1, campaign="Gold"))

    assert ["v_1"] == await world.ids(MEMBERS)
    assert 200 == await world.status("/v1/loyalties/Gold/members/v_1")
    assert 200 == await world.status(f"/v1/loyalties/{CAMPAIGN}/tiers")
    assert 404 == await world.status("/v1/loyalties/Gold/members")


@pytest.mark.parametrize(
    ("told", "is_member"),
    [
        pytest.param({"type": "LOYALTY_CARD"}, True, id="a loyalty card"),
        pytest.param({"type": "GIFT_VOUCHER", "gift": {"balance": 1}}, False, id="a gift card"),
        pytest.param({"type": "DISCOUNT_VOUCHER", "loyalty_card": None}, False, id="a coupon"),
        pytest.param({"loyalty_card": {"points": 1}}, True, id="a card whose type was not told"),
        pytest.param({"gift": {"balance": 1}}, False, id="a gift card whose type was not told"),
    ],
)
async def test_only_loyalty_cards_are_members(
    world: World, told: dict[str, Any], is_member: bool
) -> None:
    """A voucher of another type is no member, alone or in the list; it is a voucher still."""
    voucher = {"id": "v_1", "code": "A", "campaign_id": CAMPAIGN, "created_at": at(1), **told}
    await world.tell(webhook("voucher.created", {"voucher": voucher}))

    assert (200 if is_member else 404) == await world.status("/v1/loyalties/members/A")
    assert (["v_1"] if is_member else []) == await world.ids(MEMBERS)
    assert 200 == await world.status("/v1/vouchers/A")


async def test_vouchers_of_a_loyalty_programme_are_members(world: World) -> None:
    """Its campaign says what a voucher is of which hardly anything was told."""
    bare = {"id": "v_1", "code": "A", "campaign_id": CAMPAIGN}
    await world.tell(webhook("voucher.updated", {"voucher": bare}))
    assert 404 == await world.status("/v1/loyalties/members/A")

    await world.tell(programme())

    assert 200 == await world.status("/v1/loyalties/members/A")
    assert ["v_1"] == await world.ids(MEMBERS)


async def test_a_campaign_of_another_type_has_no_members(world: World) -> None:
    """It is not there as a loyalty programme."""
    await world.tell(programme(type_="DISCOUNT_COUPONS"), made(1, type="DISCOUNT_VOUCHER"))

    assert 404 == await world.status(MEMBERS)
    assert 200 == await world.status(f"/v1/campaigns/{CAMPAIGN}")


async def test_the_balance_is_the_end_of_the_chain(world: World) -> None:
    """Of an accrual and the redemption it triggers in one millisecond, the last balance counts."""
    entries = (("b", 50, 50), ("a", -50, 0), ("c", 7, 7))
    await world.tell(
        made(1),
        *(
            webhook(
                "voucher.loyalty_card.transaction.created",
                {"transaction": transaction(id_, 2_000, points, balance, voucher_id="v_1")},
            )
            for id_, points, balance in entries
        ),
    )

    assert 7 == (await world.get("/v1/loyalties/members/v_1"))["loyalty_card"]["balance"]
    assert ["b", "a", "c"] == await world.ids("/v1/loyalties/members/v_1/transactions?order=id")


async def test_a_deleted_card_is_not_there(world: World) -> None:
    """Neither alone nor in the list, and nothing that belongs to it."""
    await world.tell(
        made(1), made(2), webhook("voucher.deleted", {"voucher": {"id": "v_1", "code": "CODE-01"}})
    )

    for name in ("CODE-01", "v_1"):
        assert 404 == await world.status(f"/v1/loyalties/members/{name}")
        assert 404 == await world.status(f"/v1/loyalties/members/{name}/transactions")
        assert 404 == await world.status(f"/v1/vouchers/{name}")
    assert ["v_2"] == await world.ids(MEMBERS)


async def test_the_cards_of_a_deleted_campaign_are_not_there(world: World) -> None:
    """They went with it, whether their deletion was told or not."""
    await world.tell(
        programme(), made(1), webhook("campaign.deleted", {"campaign": {"id": CAMPAIGN}})
    )

    for path in (MEMBERS, "/v1/loyalties/Gold/members", "/v1/loyalties/members/v_1"):
        assert 404 == await world.status(path)
    assert 404 == await world.status(f"/v1/loyalties/{CAMPAIGN}/members/v_1")
    assert [] == await world.ids("/v1/vouchers")


ORDERS = {
    "": ["v_4", "v_3", "v_2", "v_1"],
    "order=-created_at": ["v_4", "v_3", "v_2", "v_1"],
    "order=created_at": ["v_1", "v_2", "v_3", "v_4"],
    "order=updated_at": ["v_2", "v_1", "v_3", "v_4"],
    "order=-updated_at": ["v_1", "v_2", "v_4", "v_3"],
    "order=code": ["v_1", "v_2", "v_3", "v_4"],
    "order=-code": ["v_4", "v_3", "v_2", "v_1"],
    "code=CODE-03": ["v_3"],
    "code=CODE-99": [],
    "ids=v_1&ids=v_4": ["v_4", "v_1"],
    "ids[]=v_1&ids[]=v_9": ["v_1"],
    "ids%5B0%5D=v_2": ["v_2"],
    "customer=cust_2": ["v_2"],
    "customer=cust_2%40example.com": ["v_2"],
    "customer=cust_9": [],
    f"created_at[after]={at(2)}": ["v_4", "v_3"],
    f"created_at[before]={at(2)}": ["v_1"],
    f"[created_at][after]={at(1)}&created_at[before]={at(4)}": ["v_3", "v_2"],
    "created_at[after]=2025-03-02": [],
    f"updated_at[after]={at(50)}": ["v_1"],
    f"updated_at[before]={at(90)}": ["v_2"],
    "unheard_of=1": ["v_4", "v_3", "v_2", "v_1"],
}


@pytest.mark.parametrize("query", ORDERS)
async def test_the_list_is_ordered_and_filtered(world: World, query: str) -> None:
    """By everything that the vendor documents; what was never told is last, and in no period."""
    await world.tell(
        made(1, updated_at=at(90), holder_id=CUSTOMER),
        made(2, updated_at=at(20), holder_id="cust_2"),
        made(3, updated_at=None),
        made(4),
        webhook("customer.created", {"customer": customer("cust_2")}),
        webhook("voucher.created", {"voucher": card(0, campaign_id="camp_other")}),
    )

    assert ORDERS[query] == await world.ids(f"{MEMBERS}?{query}")
    assert len(ORDERS[query]) == await world.total(f"{MEMBERS}?{query}")


async def test_all_pages_together_are_the_list(world: World) -> None:
    """No card is lost or shown twice, though many were made in one millisecond."""
    await world.tell(*(made(number, created_at=at(number // 9)) for number in range(40)))
    everyone = {f"v_{number}" for number in range(40)}

    for order in ("created_at", "-created_at", "updated_at", "-updated_at", "code", "-code"):
        walked = await world.walk(f"{MEMBERS}?order={order}", limit=7)
        assert everyone == set(walked)
        assert len(everyone) == len(walked)
    assert 40 == await world.total(f"{MEMBERS}?limit=7&page=3")
    assert 40 == await world.total(f"{MEMBERS}?limit=7&page=100")
    assert [] == await world.ids(f"{MEMBERS}?limit=7&page=100")
    assert 10 == len(await world.ids(MEMBERS))
