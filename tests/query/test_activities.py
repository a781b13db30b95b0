"""What happened to customers and members, as far as events told of it."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, transaction, webhook
from tests.query.world import World, campaign, customer, redemption

CUSTOMERS = f"/v1/customers/{CUSTOMER}/activity"
MEMBERS = "/v1/loyalties/members/CODE-1/activity"


def happened(
    id_: str, type_: str, when: int = 1_000, *, whose: str = CUSTOMER, **data: Any
) -> dict[str, Any]:
    """An event of a customer."""
    return webhook(type_, {"customer": customer(whose), **data}, told=when, event_id=id_)


def added(id_: str, entry: str, when: int, *, distribution: bool = False) -> dict[str, Any]:
    """`points_added`, by a project's webhook or by a distribution."""
    made = transaction(entry, when, 5, 5)
    data = {"transaction": made, "voucher": card(5), "campaign": campaign(CAMPAIGN, "Club")}
    if distribution:
        data |= {"customer": customer()}
    prefix = "customer." if distribution else ""
    type_ = f"{prefix}voucher.loyalty_card.points_added"
    return webhook(type_, data, told=when, event_id=id_, distribution=distribution)


def ordered(number: int, when: int) -> dict[str, Any]:
    """An order of the customer was paid."""
    order = {"id": f"ord_{number}", "status": "PAID", "object": "order"}
    return happened(f"evt_{number}", "customer.order.paid", when, order=order)


async def test_an_activity_has_its_things_as_they_are_now(world: World) -> None:
    """The customer's new name, the entry of the ledger and the balance that it left."""
    await world.tell(
        added("evt_1", "vtx_1", 5, distribution=True),
        webhook("customer.updated", {"customer": customer(name="Ann")}, told=9, event_id="evt_2"),
    )

    (newest, oldest) = (await world.get(CUSTOMERS))["data"]

    assert ("evt_2", "customer.updated", at(9)) == tuple(
        newest[name] for name in ("id", "type", "created_at")
    )
    told = oldest["data"]["data"]
    assert ("evt_1", "customer.voucher.loyalty_card.points_added", "v-1") == tuple(
        oldest[name] for name in ("id", "type", "group_id")
    )
    assert ("Ann", "vtx_1", 5, "CODE-1", "Club") == (
        told["customer"]["name"],
        told["transaction"]["id"],
        told["balance"]["balance"],
        told["voucher"]["code"],
        told["campaign"]["name"],
    )


@pytest.mark.parametrize("first", [0, 1])
async def test_an_action_that_two_events_tell_is_listed_once(world: World, first: int) -> None:
    """A project's webhook and a distribution, in whatever order."""
    events = [added("evt_1", "vtx_1", 5), added("evt_2", "vtx_1", 6, distribution=True)]
    await world.tell(events[first], events[1 - first], events[first])

    assert ["evt_2"] == await world.ids(CUSTOMERS)
    assert ["evt_2"] == await world.ids(MEMBERS)


@pytest.mark.parametrize("order", ["created_at", "-created_at"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_go_on_behind_an_event(world: World, order: str, limit: int) -> None:
    """Also where several share a millisecond, and where one is kept by its action."""
    events = [ordered(n, n // 3) for n in range(5)] + [added("evt_x", "vtx_1", 1)]
    await world.tell(*events, webhook("voucher.created", {"voucher": card()}))

    found = await world.follow(f"{CUSTOMERS}?order={order}", limit=limit)

    whole = await world.ids(f"{CUSTOMERS}?order={order}&limit=100")
    assert whole == found
    assert {"evt_0", "evt_1", "evt_2", "evt_3", "evt_4", "evt_x"} == set(found)
    assert 404 == await world.status(f"{CUSTOMERS}?starting_after_id=evt_unknown")


async def test_what_is_gone_is_by_its_id(world: World) -> None:
    """And what belongs to no thing stays as it was told."""
    await world.tell(
        happened(
            "evt_1", "customer.rewarded.loyalty_points", voucher=card(), balance={"points": 3}
        ),
        webhook("voucher.deleted", {"voucher": card()}, event_id="evt_2"),
    )

    (activity,) = (await world.get(CUSTOMERS))["data"]

    told = activity["data"]["data"]
    assert ({"id": CARD, "object": "voucher"}, 3) == (told["voucher"], told["balance"]["points"])


async def test_pending_points_are_as_they_were_told(world: World) -> None:
    """They end by themselves, and nothing would be left to say of them."""
    points = {"id": "lopp_1", "voucher_id": CARD, "points": 7, "details": {"order": {"id": "o"}}}
    held: dict[str, Any] = {"voucher": card(), "pending_points": points}
    await world.tell(
        happened("evt_1", "voucher.loyalty_card.pending_points.added", 1, **held),
        happened("evt_2", "voucher.loyalty_card.pending_points.canceled", 2, **held),
    )

    found = (await world.get(CUSTOMERS))["data"]

    assert [points, points] == [one["data"]["data"]["pending_points"] for one in found]


async def test_a_member_has_what_is_of_the_card_and_of_its_holder(world: World) -> None:
    """Without the holder's other cards and campaigns, under the member's names of types."""
    other = {**card(), "id": "v_2", "code": "CODE-2"}
    here, elsewhere = campaign(CAMPAIGN, "Club"), campaign("camp_2", "Other")
    tier = {"id": "ltr_1", "name": "Gold"}
    await world.tell(
        webhook("voucher.created", {"voucher": card(), "campaign": here}),
        webhook("voucher.created", {"voucher": other}),
        happened("evt_1", "customer.loyalty.tier.joined", 1, campaign=here, loyalty_tier=tier),
        happened("evt_2", "customer.loyalty.tier.joined", 2, campaign=elsewhere, loyalty_tier=tier),
        happened("evt_3", "redemption.succeeded", 3, redemption=redemption("r_1"), voucher=card()),
        happened("evt_4", "redemption.succeeded", 4, redemption=redemption("r_2"), voucher=other),
        ordered(5, 5),
    )

    found = (await world.get(MEMBERS))["data"]

    assert [
        ("evt_3", "customer.redemption.succceeded"),
        ("evt_1", "customer.loyalty.tier.joined"),
    ] == [(one["id"], one["type"]) for one in found]
    assert 404 == await world.status("/v1/loyalties/camp_2/members/CODE-1/activity")
    assert 200 == await world.status(f"/v1/loyalties/{CAMPAIGN}/members/CODE-1/activity")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start_date=2025-03-01T00:00:00.002Z", ["evt_3", "evt_2"]),
        ("end_date=2025-03-01T00:00:00.002Z", ["evt_2", "evt_1"]),
        ("type=customer.order.paid", ["evt_1"]),
        (f"campaign_id={CAMPAIGN}", ["evt_2"]),
        ("campaign_type=LOYALTY_PROGRAM", ["evt_2"]),
        ("campaign_type=PROMOTION", ["evt_3"]),
        ("campaign_type=PROMOTION&type=customer.order.paid", []),
    ],
)
async def test_a_customers_activity_can_be_narrowed(
    world: World, query: str, expected: list[str]
) -> None:
    """By moments, both included, by the type and by the campaign or its type."""
    spring = campaign("camp_2", "Spring", "PROMOTION")
    tier = {"id": "ltr_1"}
    await world.tell(
        ordered(1, 1),
        happened(
            "evt_2",
            "customer.loyalty.tier.joined",
            2,
            campaign=campaign(CAMPAIGN, "Club"),
            loyalty_tier=tier,
        ),
        happened("evt_3", "customer.rewarded", 3, campaign=spring),
        webhook("voucher.updated", {"customer": customer(), "greeting": "Hi"}, event_id="evt_4"),
    )

    assert expected == await world.ids(f"{CUSTOMERS}?{query}")


@pytest.mark.parametrize(
    "query",
    [
        "category=ACTION",
        "type=customer.sms.sent",
        "campaign_type=OTHER",
        "start_date=soon",
        "order=id",
        "limit=0",
    ],
)
async def test_parameters_that_can_not_be_applied_are_refused(world: World, query: str) -> None:
    """By name."""
    await world.tell(ordered(1, 1))

    answer = await world.ask(f"{CUSTOMERS}?{query}")

    assert 400 == answer.status_code
    assert answer.json()["details"].startswith(query.split("=")[0])


async def test_nothing_is_left_of_a_deleted_customer(world: World) -> None:
    """Their activity goes with them, what they share with another one too."""
    await world.tell(
        happened("evt_1", "customer.referred", 1, referrer=customer("cust_2")),
        happened("evt_2", "customer.updated", 2, whose="cust_2"),
        webhook("customer.deleted", {"customer": customer()}, told=3, event_id="evt_3"),
    )

    assert 404 == await world.status(CUSTOMERS)
    assert ["evt_2"] == await world.ids("/v1/customers/cust_2/activity")
