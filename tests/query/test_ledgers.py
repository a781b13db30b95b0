"""Ledgers are listed in the order of their chain, page by page, nothing twice and nothing lost."""

from itertools import pairwise
from typing import Any

import pytest

from tests.factories import CARD, at, card, transaction, webhook
from tests.query.world import World

LEDGER = f"/v1/loyalties/members/{CARD}/transactions"


def entered(id_: str, when: int, points: int, balance: int, **more: Any) -> dict[str, Any]:
    """`transaction.created` with this entry."""
    entry = transaction(id_, when, points, balance, **more)
    return webhook("voucher.loyalty_card.transaction.created", {"transaction": entry})


def ledger(*movements: tuple[int, int]) -> list[dict[str, Any]]:
    """Events of a chain of (moment, points), with ids that say nothing about their order."""
    balance, events = 0, []
    for number, (when, points) in enumerate(movements):
        balance += points
        events.append(entered(f"vtx_{(number * 7_919) % 1_009:04d}", when, points, balance))
    return events


def ids(events: list[dict[str, Any]]) -> list[str]:
    """The ids of the entries that events tell."""
    return [event["data"]["transaction"]["id"] for event in events]


CARD_TOLD = webhook("voucher.created", {"voucher": card(0, updated=0)})
DENSE = ledger(*((n // 24, (5, -5, 10, -10, 1)[(20 * n * n + 8 * n) // 7 % 5]) for n in range(120)))
"""Chosen because its pages disagree where each is linked without the balance before it."""


async def test_an_entry_is_answered_as_it_was_told(world: World) -> None:
    """With its balance in its details, wherever that was told."""
    told = transaction("vtx_1", 5, 10, 10)
    aside = {**transaction("vtx_2", 6, -3, 7), "details": None}
    await world.tell(
        CARD_TOLD,
        webhook("voucher.loyalty_card.transaction.created", {"transaction": told}),
        webhook(
            "voucher.loyalty_card.points_added",
            {"transaction": aside, "balance": {"points": -3, "balance": 7, "type": "loyalty_card"}},
        ),
    )

    answer = await world.get(LEDGER)

    expected = {**aside, "details": transaction("vtx_2", 6, -3, 7)["details"]}
    assert {
        "object": "list",
        "data_ref": "data",
        "data": [expected, told],
        "has_more": False,
    } == answer


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    "events",
    [
        pytest.param([], id="none"),
        pytest.param(ledger(*((10 * n, 5) for n in range(30))), id="apart in time"),
        pytest.param(ledger(*((1, 3 + n) for n in range(30))), id="all in one millisecond"),
        pytest.param(
            ledger(*((n // 2, 10 if n % 2 == 0 else -10) for n in range(40))),
            id="accruals with their redemptions",
        ),
        pytest.param(
            ledger(*((n // 4, (20, -5, -20, 9)[n % 4]) for n in range(40))), id="four at a time"
        ),
    ],
)
async def test_all_pages_together_are_the_chain(
    world: World, events: list[dict[str, Any]], limit: int
) -> None:
    """In both directions, whatever the order in which the entries were told."""
    scrambled = sorted(events, key=lambda event: event["data"]["transaction"]["id"])
    await world.tell(CARD_TOLD, *scrambled, *scrambled[:3])
    oldest_first = ids(events)

    assert oldest_first == await world.follow(f"{LEDGER}?order=id", limit=limit)
    assert oldest_first[::-1] == await world.follow(f"{LEDGER}?order=-id", limit=limit)
    assert oldest_first[::-1] == await world.follow(LEDGER, limit=limit)


@pytest.mark.parametrize("limit", [1, 3, 10])
async def test_pages_agree_where_a_millisecond_holds_more_than_a_page(
    world: World, limit: int
) -> None:
    """Several orders link up there; all pages and both directions show the same one."""
    await world.tell(CARD_TOLD, *DENSE)
    entries = {event["data"]["transaction"]["id"]: event["data"]["transaction"] for event in DENSE}

    oldest_first = await world.follow(f"{LEDGER}?order=id", limit=limit)

    assert sorted(entries) == sorted(oldest_first)
    assert oldest_first[::-1] == await world.follow(LEDGER, limit=limit)
    balances = [entries[id_]["details"]["balance"] for id_ in oldest_first]
    assert all(a["balance"] + b["points"] == b["balance"] for a, b in pairwise(balances))
    card_now = await world.get(f"/v1/vouchers/{CARD}")
    assert balances[-1]["balance"] == card_now["loyalty_card"]["balance"]


@pytest.mark.parametrize("first", [50, -50])
@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
async def test_a_circle_ends_where_the_chain_before_it_did(
    world: World, first: int, names: tuple[str, str]
) -> None:
    """What is given and taken back in one millisecond is ordered by the balance before it."""
    events = [entered("start", 1, 100, 100)]
    events += [entered(names[0], 2, first, 100 + first), entered(names[1], 2, -first, 100)]
    await world.tell(CARD_TOLD, *events)

    assert [names[1], names[0], "start"] == await world.ids(LEDGER)
    assert 100 == (await world.get(f"/v1/vouchers/{CARD}"))["loyalty_card"]["balance"]


async def test_ten_entries_are_a_page(world: World) -> None:
    """Unless another limit was asked for."""
    await world.tell(CARD_TOLD, *ledger(*((n, 1) for n in range(12))))

    answer = await world.get(LEDGER)

    assert 10 == len(answer["data"])
    assert answer["has_more"]
    assert 12 == len(await world.ids(f"{LEDGER}?limit=12"))


async def test_a_cursor_that_this_ledger_does_not_have_is_refused(world: World) -> None:
    """Also one that is another card's."""
    other = webhook("voucher.created", {"voucher": card(0) | {"id": "v_2", "code": "B"}})
    await world.tell(
        CARD_TOLD, other, entered("vtx_1", 1, 1, 1), entered("vtx_2", 1, 1, 1, voucher_id="v_2")
    )

    for cursor in ("vtx_2", "vtx_9", "a%00b", "%F0%9F%8E%81"):
        answer = await world.ask(f"{LEDGER}?starting_after_id={cursor}")
        assert 404 == answer.status_code
        assert "transaction" == answer.json()["resource_type"]
    assert [] == await world.ids(f"{LEDGER}?starting_after_id=vtx_1")


async def test_a_gift_cards_ledger_is_listed_under_its_voucher(world: World) -> None:
    """Its amounts are its points, and its balance is the chain's end."""
    gift = {
        "id": "v_gift",
        "code": "GIFT",
        "type": "GIFT_VOUCHER",
        "gift": {"amount": 900, "balance": 900},
        "updated_at": at(1),
    }
    entry = {
        "id": "vtx_g",
        "voucher_id": "v_gift",
        "type": "CREDITS_REDEMPTION",
        "details": {"balance": {"type": "gift_voucher", "amount": -400, "balance": 500}},
        "created_at": at(7),
    }
    await world.tell(
        webhook("voucher.created", {"voucher": gift}),
        webhook("voucher.gift.transaction.created", {"transaction": entry}),
    )

    assert [entry] == (await world.get("/v1/vouchers/GIFT/transactions"))["data"]
    assert 500 == (await world.get("/v1/vouchers/GIFT"))["gift"]["balance"]
    assert 404 == await world.status("/v1/loyalties/members/GIFT/transactions")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=",
        "limit=%D9%A3",
        "limit=1&limit=2",
        "order=created_at",
        "order=",
        "starting_after_id=",
        "starting_after_id=vtx_1&starting_after_id=vtx_2",
        "filters[type][conditions][$is]=POINTS_ACCRUAL",
        "filters[id][conditions][$after]=vtx_1",
        "filters[id]=vtx_1",
    ],
)
async def test_parameters_that_can_not_be_applied_are_refused(world: World, query: str) -> None:
    """By name, in the vendor's error object."""
    await world.tell(CARD_TOLD)

    answer = await world.ask(f"{LEDGER}?{query}")

    assert 400 == answer.status_code
    assert answer.json()["details"].startswith(query.split("=")[0].split("[")[0])
