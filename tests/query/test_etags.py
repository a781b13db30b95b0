"""Who has an answer already is told so, exactly as long as it would be the same."""

import pytest

from query import etags
from state.store import Batch, DeadLetter, LetterPlace
from tests.factories import CAMPAIGN, CARD, CUSTOMER, card, transaction, webhook
from tests.query.world import AS_OF, AS_OF_TEXT, World, campaign, customer, publication

MEMBER = f"/v1/loyalties/members/{CARD}"
"""The card, its ledger, and who holds it: each may change by itself."""


async def tag(world: World, path: str) -> str:
    """The tag of an answer, which is the same when asked again, and which 304 repeats."""
    answer = await world.ask(path)
    assert 200 == answer.status_code
    found: str = answer.headers["etag"]
    again = await world.ask(path, headers={"If-None-Match": found})
    assert (304, b"") == (again.status_code, again.content)
    assert found == again.headers["etag"]
    assert "content-type" not in again.headers
    return found


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (b'W/"a"', True),
        (b'"a"', True),
        (b'"b", W/"a"', True),
        (b'"b" ,"a"', True),
        (b" * ", True),
        (b"", False),
        (b'"b"', False),
        (b"a", False),
        (b'W/"A"', False),
        (b'"*"', False),
    ],
)
def test_which_tags_match(header: bytes, known: bool) -> None:
    """Weakly, as RFC 9110 compares them for If-None-Match."""
    assert known == etags.is_known(header, etags.tag("a"))


async def test_the_card_and_its_ledger_are_the_version(world: World) -> None:
    """Either changes the tag; another card's news do not."""
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    first = await tag(world, MEMBER)

    await world.tell(webhook("voucher.created", {"voucher": card(2) | {"id": "v_2", "code": "B"}}))
    assert first == await tag(world, MEMBER)

    await world.tell(
        webhook(
            "voucher.loyalty_card.transaction.created",
            {"transaction": transaction("vtx_1", 5, 10, 11)},
        )
    )
    second = await tag(world, MEMBER)
    assert first != second

    await world.tell(webhook("voucher.updated", {"voucher": card(3)}, told=9_000))
    assert second != await tag(world, MEMBER)


async def test_what_is_joined_is_a_part_of_the_version(world: World) -> None:
    """A publication's customer, say."""
    await world.tell(publication("pub_1", [CARD]))
    first = await tag(world, "/v1/publications")

    await world.tell(webhook("customer.updated", {"customer": customer(name="Eve")}, told=9_000))

    assert first != await tag(world, "/v1/publications")


async def test_head_is_told_the_same(world: World) -> None:
    """Its tag is that of GET, and so is its 304."""
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    found = await tag(world, MEMBER)

    head = await world.request("HEAD", MEMBER)
    known = await world.request("HEAD", MEMBER, headers={"If-None-Match": found})

    assert (200, found) == (head.status_code, head.headers["etag"])
    assert (304, found) == (known.status_code, known.headers["etag"])


async def test_other_questions_have_other_tags(world: World) -> None:
    """A page is not the next one."""
    await world.tell(
        *(
            webhook("voucher.created", {"voucher": card(n) | {"id": f"v_{n}", "code": f"C{n}"}})
            for n in range(4)
        )
    )

    pages = [await tag(world, f"/v1/vouchers?limit=2&page={page}") for page in (1, 2)]

    assert 2 == len(set(pages))


async def test_what_time_it_is_changes_no_version(world: World) -> None:
    """As long as the same things are found."""
    await tag(world, "/v1/promotions/tiers?is_available=true")


async def test_that_something_is_missing_is_a_part_of_the_version(world: World) -> None:
    """Else a 304 would leave the caller with what the header said before."""
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    before = await tag(world, MEMBER)
    letter = DeadLetter(
        LetterPlace("t", 0, 7), "topic", "KeyError", b"k", b"{}", (), AS_OF, None, (CARD,)
    )
    await world.state.apply(Batch((), {("other", 0): (0, 1)}, [letter]))

    incomplete = await world.ask(MEMBER, headers={"If-None-Match": before})
    known = await world.ask(MEMBER, headers={"If-None-Match": incomplete.headers["etag"]})

    assert (200, 304) == (incomplete.status_code, known.status_code)
    assert "dead-letter" == known.headers["voucherify-sync-incomplete"]
    assert AS_OF_TEXT == known.headers["voucherify-sync-as-of"]
    await world.state.discard([letter.place])
    assert before == await tag(world, MEMBER)


async def test_what_is_not_there_has_no_tag(world: World) -> None:
    """Whoever says that they have it is told that it is gone."""
    answer = await world.ask(MEMBER, headers={"If-None-Match": "*"})

    assert 404 == answer.status_code
    assert "etag" not in answer.headers


async def test_personal_data_is_stored_nowhere(world: World) -> None:
    """What tells of no customer may be, but is asked for again each time."""
    await world.tell(
        webhook("voucher.created", {"voucher": card(1)}),
        webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold")}),
        webhook("customer.created", {"customer": customer()}),
    )
    stored = {
        MEMBER: "no-store",
        f"{MEMBER}/tiers": "no-store",
        "/v1/vouchers": "no-store",
        f"/v1/customers/{CUSTOMER}": "no-store",
        f"/v1/campaigns/{CAMPAIGN}": "private, no-cache",
        f"/v1/loyalties/{CAMPAIGN}/tiers": "private, no-cache",
        "/v1/campaigns/unheard-of": "no-store",
        "/v1/campaigns?limit=0": "no-store",
    }

    assert stored == {path: (await world.ask(path)).headers["cache-control"] for path in stored}
