"""An answer about a thing of which something is missing says so, and no other answer does."""

from collections.abc import Mapping
from typing import Any

import pytest

from eventlog.log import Partition, Record
from handlers.understand import Understood, refused, understand
from query.keys import ApiKey
from state.sqlite import SqliteState
from state.sqlite_clock import wall_clock_ms
from state.store import GAP_WAIT_MS, Batch, DeadLetter
from tests.factories import CAMPAIGN, CARD, CUSTOMER, PROJECT, body, card, transaction, webhook
from tests.query import everything
from tests.query.world import World, campaign, client, customer, publication, redemption

OTHER = "v_other"
HEADER = "voucherify-sync-incomplete"

TOLD = (
    webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold")}),
    webhook("customer.created", {"customer": customer()}),
    webhook("voucher.created", {"voucher": card(5)}),
    webhook("voucher.created", {"voucher": card(7) | {"id": OTHER, "code": "OTHER"}}),
    webhook(
        "voucher.loyalty_card.transaction.created", {"transaction": transaction("t_1", 1, 5, 5)}
    ),
    publication("pub_1", [CARD]),
    webhook("redemption.succeeded", {"redemption": redemption("r_1")}),
)


def dead(event: Mapping[str, Any], offset: int = 0) -> DeadLetter:
    """The dead letter that an event becomes if the state can't take what it tells."""
    topic = "voucherify.v2024-01-01.loyalty"
    source = (("ce_source", f"/projects/{event['project_id']}".encode()),)
    record = Record(Partition("lost", 0), offset, topic, b"", body(dict(event)), source)
    understood = understand(record, 0)
    assert isinstance(understood, Understood)
    return refused(understood, KeyError("x"), 0)


async def fail(world: World, *events: Mapping[str, Any]) -> list[DeadLetter]:
    """Let events fail."""
    letters = [dead(event, offset) for offset, event in enumerate(events)]
    await world.state.apply(Batch((), {}, letters))
    return letters


async def said(world: World, path: str) -> str | None:
    """Why the answer is incomplete, as it says."""
    header: str | None = (await world.ask(path)).headers.get(HEADER)
    return header


ADDED = webhook(
    "voucher.loyalty_card.points_added", {"voucher": card(9, updated=9)}, event_id="evt_lost"
)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/loyalties/members/{CARD}",
        "/v1/loyalties/members/CODE-1",
        f"/v1/loyalties/{CAMPAIGN}/members/CODE-1",
        "/v1/loyalties/Gold/members/CODE-1",
        "/v1/loyalties/members/CODE-1/transactions",
        "/v1/loyalties/members/CODE-1/pending-points",
        "/v1/loyalties/members/CODE-1/points-expiration",
        "/v1/loyalties/members/CODE-1/tiers",
        f"/v1/loyalties/{CAMPAIGN}/members",
        "/v1/vouchers",
        "/v1/vouchers/CODE-1",
        "/v1/vouchers/CODE-1/transactions",
        f"/v1/vouchers?ids={CARD}",
        "/v1/vouchers?code=CODE-1",
        "/v1/publications",
        "/v1/publications?voucher=CODE-1",
        "/v1/loyalties/members/CODE-1/transactions?starting_after_id=none",
        f"/v1/loyalties/camp_other/members/{CARD}",
    ],
)
async def test_answers_about_the_thing(world: World, path: str) -> None:
    """By id and by code, alone and in lists, also where the answer is 404."""
    await world.tell(*TOLD)
    before = await said(world, path)
    await fail(world, ADDED)

    assert (None, "dead-letter") == (before, await said(world, path))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/loyalties/members/OTHER",
        f"/v1/loyalties/{CAMPAIGN}/members/OTHER",
        "/v1/loyalties/members/OTHER/transactions",
        f"/v1/vouchers?ids={OTHER}",
        "/v1/vouchers/none",
        f"/v1/customers/{CUSTOMER}",
        "/v1/redemptions",
        "/v1/nothing",
        "/v1/vouchers?limit=none",
    ],
)
async def test_answers_about_others(world: World, path: str) -> None:
    """They are complete, or no answers about anything."""
    await world.tell(*TOLD)
    await fail(world, ADDED)

    assert await said(world, path) is None


async def test_all_that_the_event_would_have_told_of(world: World) -> None:
    """A redemption also tells of its order and its customer, by id or source id."""
    await world.tell(*TOLD)
    told = {"redemption": redemption("r_2"), "order": {"id": "ord_1"}, "customer": customer()}
    await fail(world, webhook("redemption.succeeded", told))

    for path in ("redemptions/r_2", "orders/ord_1", f"customers/{CUSTOMER}%40example.com"):
        assert "dead-letter" == await said(world, f"/v1/{path}")
    assert "dead-letter" == await said(world, f"/v1/redemptions?customer={CUSTOMER}")
    assert await said(world, "/v1/loyalties/members/OTHER") is None


@pytest.mark.parametrize(
    ("told", "paths"),
    [
        (
            webhook(
                "customer.segment.left",
                {"customer": customer("cust_2"), "segment": {"id": "seg_1", "object": "segment"}},
            ),
            ("customers?segment_id=seg_1", "segments/seg_1", "customers/cust_2/segments"),
        ),
        (
            webhook(
                "campaign.promotion_tier.updated",
                {"promotion_tier": {"id": "promo_1"}, "campaign": {"id": everything.PROMOTION}},
            ),
            ("promotions/tiers", "promotions/tiers/promo_1", "promotions/camp_promotion/tiers"),
        ),
        (
            webhook(
                "business_validation_rule.assignment.deleted",
                {"assignment": {"id": "asgm_1", "rule_id": "val_1"}, "rule": {"id": "val_1"}},
            ),
            (
                "validation-rules/val_1",
                "validation-rules/val_1/assignments",
                "validation-rules-assignments?rule=val_1",
                "validation-rules-assignments?related_object_id=promo_1",
                "promotions/tiers/promo_1",
            ),
        ),
        (
            webhook("campaign.reward.assignment.deleted", {"reward_assignment": {"id": "rewa_1"}}),
            ("rewards/rew_1/assignments", "rewards/rew_1/assignments/rewa_1"),
        ),
    ],
)
async def test_definitions_and_what_refers_to_them(
    world: World, told: Mapping[str, Any], paths: tuple[str, ...]
) -> None:
    """Also where a thing is only asked for by, or only stands inside another."""
    await world.tell(*everything.TOLD)
    before = [await said(world, f"/v1/{path}") for path in paths]
    await fail(world, told)

    assert [None] * len(paths) == before
    assert ["dead-letter"] * len(paths) == [await said(world, f"/v1/{path}") for path in paths]
    assert await said(world, "/v1/promotions/stacks") is None


async def test_a_thing_of_which_nothing_else_was_told(world: World) -> None:
    """Its 404 may be wrong, and says so."""
    await world.tell(*TOLD)
    voucher = card(1) | {"id": "v_new"}
    await fail(world, webhook("voucher.created", {"voucher": voucher}))

    answer = await world.ask("/v1/vouchers/v_new")

    assert (404, "dead-letter") == (answer.status_code, answer.headers[HEADER])


async def test_other_projects_are_complete(world: World) -> None:
    """What is missing in one project is not missing in another with the same ids."""
    await world.tell(*TOLD, webhook("voucher.created", {"voucher": card(1)}, project="proj_2"))
    await fail(world, webhook("voucher.updated", {"voucher": card(1)}, project="proj_2"))
    keys = [ApiKey("1", "t", PROJECT), ApiKey("2", "t", "proj_2")]

    async with client(world.reader, *keys) as asking:
        path = "/v1/vouchers/CODE-1"
        answers = [
            await asking.get(path, headers={"X-App-Id": app_id, "X-App-Token": "t"})
            for app_id in ("1", "2")
        ]

    assert [None, "dead-letter"] == [answer.headers.get(HEADER) for answer in answers]


async def test_until_the_letter_is_settled_or_discarded(world: World) -> None:
    """Then the answer is complete, or as complete as somebody decided."""
    await world.tell(*TOLD)
    first, second = await fail(world, ADDED, ADDED)

    await world.state.apply(Batch((), {}, settled=[first.place]))
    assert "dead-letter" == await said(world, "/v1/vouchers/CODE-1")

    await world.state.discard([second.place])
    assert await said(world, "/v1/vouchers/CODE-1") is None


async def gap(world: World) -> None:
    """Let the card's ledger have a hole that is old enough to count."""
    earlier = SqliteState(world.path, now_ms=lambda: wall_clock_ms() - GAP_WAIT_MS)
    balance = webhook(
        "voucher.loyalty_card.transaction.created", {"transaction": transaction("t_9", 9, 1, 9)}
    )
    await world.tell(balance)
    while await earlier.check_ledgers(10):
        pass
    await earlier.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/v1/loyalties/members/{CARD}", "gap"),
        ("/v1/loyalties/members/CODE-1/transactions", "gap"),
        ("/v1/vouchers/CODE-1", "gap"),
        ("/v1/vouchers", "gap"),
        ("/v1/loyalties/members/OTHER", None),
        (f"/v1/customers/{CUSTOMER}", None),
    ],
)
async def test_a_hole_in_the_ledger(world: World, path: str, expected: str | None) -> None:
    """Answers about its card say so, those about others don't."""
    await world.tell(*TOLD)
    await gap(world)

    assert expected == await said(world, path)


async def test_a_hole_that_may_just_be_late(world: World) -> None:
    """It is not told of before it has been known for a while, and the balance is the newest."""
    await world.tell(*TOLD)
    await world.tell(
        webhook(
            "voucher.loyalty_card.transaction.created", {"transaction": transaction("t_9", 9, 1, 9)}
        )
    )
    while await world.state.check_ledgers(10):
        pass

    assert 1 == await world.state.count_gaps(known_for=0)
    answer = await world.ask("/v1/vouchers/CODE-1")
    assert (None, 9) == (answer.headers.get(HEADER), answer.json()["loyalty_card"]["balance"])


async def test_several_reasons(world: World) -> None:
    """The header is a list."""
    await world.tell(*TOLD)
    await gap(world)
    await fail(world, ADDED)

    assert "dead-letter, gap" == await said(world, "/v1/vouchers/CODE-1")
