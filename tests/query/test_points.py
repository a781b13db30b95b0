"""Pending points and points that will expire."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CARD, CUSTOMER, at, card, webhook
from tests.query.world import World

PENDING = f"/v1/loyalties/members/{CARD}/pending-points"
EXPIRATION = f"/v1/loyalties/members/{CARD}/points-expiration"
CARD_TOLD = webhook("voucher.created", {"voucher": card(0)})


def pending(id_: str, points: int = 5, **more: Any) -> dict[str, Any]:
    """Points that are not activated yet."""
    return {
        "id": id_,
        "voucher_id": CARD,
        "campaign_id": CAMPAIGN,
        "customer_id": CUSTOMER,
        "order_id": "ord_1",
        "points": points,
        "activates_at": "2025-03-09",
        "details": {"order": {"id": "ord_1", "source_id": None}},
        "created_at": at(1),
        **more,
    }


def told(what: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An event about pending points."""
    return webhook(f"voucher.loyalty_card.pending_points.{what}", {"pending_points": entry})


def bucket(id_: str, day: str | None, **more: Any) -> dict[str, Any]:
    """Points with the day they expire."""
    expires = {} if day is None else {"expires_at": day}
    return {
        "id": id_,
        "voucher_id": CARD,
        "campaign_id": CAMPAIGN,
        "bucket": {"total_points": 3},
        "status": "ACTIVE",
        "created_at": at(1),
        "object": "loyalty_points_bucket",
        **expires,
        **more,
    }


def expiring(*buckets: dict[str, Any], when: int = 1_000) -> dict[str, Any]:
    """`points_expired`, which tells of buckets."""
    return webhook("voucher.loyalty_card.points_expired", {"buckets": list(buckets)}, told=when)


async def test_pending_points_are_listed_until_they_are_activated_or_canceled(world: World) -> None:
    """What is on the card for good, or not at all, is not pending."""
    await world.tell(
        CARD_TOLD,
        *(told("added", pending(f"lopp_{number}")) for number in range(4)),
        told("activated", pending("lopp_1")),
        told("canceled", pending("lopp_2")),
    )

    assert {
        "object": "list",
        "data_ref": "data",
        "data": [pending("lopp_3"), pending("lopp_0")],
        "has_more": False,
    } == await world.get(PENDING)


async def test_pending_points_of_another_card_are_not_listed(world: World) -> None:
    """Each card has its own."""
    await world.tell(CARD_TOLD, told("added", pending("lopp_1", voucher_id="v_other")))

    assert [] == await world.ids(PENDING)


@pytest.mark.parametrize("limit", [1, 4, 5, 100])
async def test_all_pages_of_pending_points_together(world: World, limit: int) -> None:
    """In the order of their ids, in both directions."""
    names = [f"lopp_{number:02d}" for number in range(20)]
    await world.tell(CARD_TOLD, *(told("added", pending(name)) for name in names))

    assert names == await world.follow(f"{PENDING}?order=id", limit=limit)
    assert names[::-1] == await world.follow(f"{PENDING}?order=-id", limit=limit)
    assert names[::-1] == await world.follow(PENDING, limit=limit)


async def test_a_page_goes_on_behind_points_that_were_activated_meanwhile(world: World) -> None:
    """Nothing is skipped because the last entry of the page before is no longer pending."""
    await world.tell(CARD_TOLD, *(told("added", pending(f"lopp_{n}")) for n in range(4)))
    first = await world.get(f"{PENDING}?limit=2&order=id")

    await world.tell(told("activated", pending("lopp_1")))

    rest = await world.ids(f"{PENDING}?order=id&starting_after_id={first['more_starting_after']}")
    assert ["lopp_2", "lopp_3"] == rest


async def test_points_are_listed_by_the_day_they_expire_until_they_have(world: World) -> None:
    """Those that never expire come last."""
    await world.tell(
        CARD_TOLD,
        expiring(
            bucket("never", None),
            bucket("late", "2026-01-01"),
            bucket("soon", "2025-06-30"),
            bucket("gone", "2025-01-01", status="EXPIRED"),
            bucket("untold", "2025-07-01", status=None),
            bucket("other", "2025-01-01", voucher_id="v_other"),
        ),
    )

    answer = await world.get(EXPIRATION)

    assert ["soon", "untold", "late", "never"] == [one["id"] for one in answer["data"]]
    assert bucket("soon", "2025-06-30") == answer["data"][0]
    assert 4 == answer["total"]
    assert ["late"] == await world.ids(f"{EXPIRATION}?limit=1&page=3")
    assert sorted(["soon", "untold", "late", "never"]) == sorted(
        await world.walk(EXPIRATION, limit=3)
    )


async def test_a_bucket_leaves_when_it_expires(world: World) -> None:
    """The later telling counts."""
    await world.tell(CARD_TOLD, expiring(bucket("b", "2025-06-30"), when=1_000))
    assert ["b"] == await world.ids(EXPIRATION)

    await world.tell(expiring(bucket("b", "2025-06-30", status="EXPIRED"), when=2_000))
    assert [] == await world.ids(EXPIRATION)
    assert 0 == await world.total(EXPIRATION)


@pytest.mark.parametrize("path", [PENDING, EXPIRATION])
@pytest.mark.parametrize("query", ["limit=0", "limit=x", "order=points", "filters[id]=x"])
async def test_parameters_that_can_not_be_applied_are_refused(
    world: World, path: str, query: str
) -> None:
    """By name."""
    await world.tell(CARD_TOLD)

    assert 400 == await world.status(f"{path}?{query}")
