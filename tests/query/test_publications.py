"""Publications are listed with their customers and vouchers as those are now."""

from typing import Any

import pytest

from tests.factories import CAMPAIGN, CUSTOMER, at, card, webhook
from tests.query.world import World, campaign, customer, publication

PUBLICATIONS = "/v1/publications"


def coupon(id_: str, code: str, **more: Any) -> dict[str, Any]:
    """`voucher.created` of a coupon."""
    voucher = {
        "id": id_,
        "code": code,
        "type": "DISCOUNT_VOUCHER",
        "campaign": "Spring",
        "campaign_id": "camp_spring",
        "discount": {"type": "AMOUNT", "amount_off": 200},
        "gift": None,
        "loyalty_card": None,
        "is_referral_code": False,
        "created_at": at(1),
        "object": "voucher",
        **more,
    }
    return webhook("voucher.created", {"voucher": voucher})


CARD_TOLD = webhook("voucher.created", {"voucher": card(5, points=5, campaign="Gold")})


async def test_a_publication_is_answered_with_its_customer_and_voucher(world: World) -> None:
    """In the vendor's form; the tracking id, which is the customer's source id, is back in it."""
    await world.tell(CARD_TOLD, publication("pub_1", ["v_card"], 7))

    assert {
        "object": "list",
        "data_ref": "publications",
        "publications": [
            {
                "id": "pub_1",
                "object": "publication",
                "created_at": at(7),
                "customer_id": CUSTOMER,
                "tracking_id": f"{CUSTOMER}@example.com",
                "metadata": {},
                "channel": "API",
                "source_id": None,
                "result": "SUCCESS",
                "customer": customer(),
                "voucher": {
                    "code": "CODE-1",
                    "object": "voucher",
                    "campaign": "Gold",
                    "loyalty_card": {"points": 5, "balance": 5},
                },
                "vouchers_id": ["v_card"],
            }
        ],
        "total": 1,
    } == await world.get(PUBLICATIONS)


async def test_a_customer_is_as_it_is_now(world: World) -> None:
    """What the publication told of it then is not kept."""
    changed = customer(name="Eve", source_id="eve@example.com", email=None, phone="1")
    await world.tell(
        publication("pub_1", ["v_1"]),
        webhook("customer.updated", {"customer": changed}, told=9_000),
    )

    (answered,) = (await world.get(PUBLICATIONS))["publications"]

    del changed["phone"]
    assert changed == answered["customer"]
    assert "eve@example.com" == answered["tracking_id"]


async def test_a_deleted_customer_leaves_nothing_but_its_id(world: World) -> None:
    """Also not its source id as the tracking id."""
    await world.tell(
        publication("pub_1", ["v_1"]),
        webhook("customer.deleted", {"customer": {"id": CUSTOMER}}, told=9_000),
    )

    answer = await world.ask(PUBLICATIONS)
    (answered,) = answer.json()["publications"]

    assert {"id": CUSTOMER, "object": "customer"} == answered["customer"]
    assert "tracking_id" not in answered
    assert "example.com" not in answer.text


async def test_a_tracking_id_of_its_own_is_answered_as_told(world: World) -> None:
    """It is not the customer's source id."""
    await world.tell(publication("pub_1", ["v_1"], publication={"tracking_id": "device-7"}))

    (answered,) = (await world.get(PUBLICATIONS))["publications"]

    assert "device-7" == answered["tracking_id"]


async def test_of_several_vouchers_the_codes_are_answered(world: World) -> None:
    """Those that are gone have none any more; the ids stay."""
    await world.tell(
        coupon("v_1", "A/1"),
        coupon("v_2", "B"),
        coupon("v_3", "C"),
        publication("pub_1", ["v_2", "v_1", "v_3"]),
        webhook("voucher.deleted", {"voucher": {"id": "v_3"}}),
    )

    (answered,) = (await world.get(PUBLICATIONS))["publications"]

    assert ["B", "A/1"] == answered["vouchers"]
    assert ["v_2", "v_1", "v_3"] == answered["vouchers_id"]
    assert "voucher" not in answered


@pytest.mark.parametrize(
    ("told", "worth"),
    [
        pytest.param(
            {"discount": {"amount_off": 1}, "gift": None}, {"discount": {"amount_off": 1}}
        ),
        pytest.param({"gift": {"amount": 5, "balance": 5}}, {"gift": {"amount": 5, "balance": 5}}),
        pytest.param({}, {}),
    ],
)
async def test_a_voucher_is_embedded_with_what_it_is_worth(
    world: World, told: dict[str, Any], worth: dict[str, Any]
) -> None:
    """And with nothing that was not told."""
    voucher = {"id": "v_1", "code": "A", "is_referral_code": True, **told}
    await world.tell(
        webhook("voucher.created", {"voucher": voucher}), publication("pub_1", ["v_1"])
    )

    (answered,) = (await world.get(PUBLICATIONS))["publications"]

    expected = {"code": "A", "object": "voucher", "is_referral_code": True, **worth}
    assert expected == answered["voucher"]


async def test_a_voucher_that_is_not_there_is_a_reference(world: World) -> None:
    """Its id is all there is to say."""
    await world.tell(publication("pub_1", ["v_1"]), publication("pub_2", []))

    second, first = (await world.get(f"{PUBLICATIONS}?order=-id"))["publications"]

    assert {"id": "v_1", "object": "voucher"} == first["voucher"]
    assert second["voucher"] is None
    assert "vouchers" not in second


async def test_a_publication_to_nobody_has_no_customer(world: World) -> None:
    """Not even a reference: what the vendor's schema requires is null."""
    told = {"id": "pub_1", "created_at": at(1), "vouchers_id": []}
    await world.tell(webhook("publication.succeeded", {"publication": told}))

    expected = told | {"customer": None, "voucher": None}
    assert [expected] == (await world.get(PUBLICATIONS))["publications"]


async def test_three_events_tell_of_one_publication(world: World) -> None:
    """It is listed once."""
    told = publication("pub_1", ["v_card"])["data"]
    inside = {**told["publication"], "voucher": card(0)}
    await world.tell(
        webhook("publication.succeeded", told),
        webhook("voucher.published", told | {"voucher": card(0)}),
        webhook("customer.publication.succeeded", told | {"publication": inside}),
    )

    assert ["pub_1"] == await world.ids(PUBLICATIONS)


LISTS = {
    "": ["d", "c", "b", "a"],
    "order=created_at": ["a", "b", "c", "d"],
    "order=-created_at": ["d", "c", "b", "a"],
    "order=id": ["a", "b", "c", "d"],
    "order=-id": ["d", "c", "b", "a"],
    "order=voucher_code": ["b", "a", "c", "d"],
    "order=-voucher_code": ["c", "a", "b", "d"],
    "order=tracking_id": ["c", "a", "b", "d"],
    "order=-tracking_id": ["d", "b", "a", "c"],
    "order=customer_id": ["a", "b", "c", "d"],
    "order=-customer_id": ["d", "c", "b", "a"],
    "order=channel": ["a", "b", "d", "c"],
    "order=-channel": ["c", "d", "b", "a"],
    "campaign=Spring": ["b", "a"],
    "campaign=Unheard": [],
    f"customer={CUSTOMER}": ["b", "a"],
    f"customer={CUSTOMER}%40example.com": ["b", "a"],
    "customer=cust_9": [],
    "voucher=AA": ["b"],
    "voucher=BB": ["d", "a"],
    "voucher=v_2": ["d", "a"],
    "voucher=ZZ": [],
    "result=SUCCESS": ["c", "b", "a"],
    "result=FAILURE": ["d"],
    "voucher_type=loyalty": ["c"],
    "voucher_type=discount": ["b", "a"],
    "is_referral_code=true": ["b"],
    "source_id=from-shop": ["c"],
    "source_id=nobody": [],
    "campaign=Spring&voucher=AA&limit=1": ["b"],
    "unheard_of=1": ["d", "c", "b", "a"],
}


@pytest.mark.parametrize("query", LISTS)
async def test_the_list_is_ordered_and_filtered(world: World, query: str) -> None:
    """By everything that the vendor documents; what is unknown stands last."""
    of_spring = {"campaign": campaign("camp_spring", "Spring", "DISCOUNT_COUPONS")}
    other = customer("cust_2", source_id="0")
    await world.tell(
        coupon("v_1", "AA", is_referral_code=True),
        coupon("v_2", "BB"),
        CARD_TOLD,
        publication("a", ["v_2"], 1, **of_spring),
        publication("b", ["v_1"], 2, **of_spring),
        publication(
            "c",
            ["v_card"],
            3,
            customer=other,
            publication={"source_id": "from-shop", "channel": "Automation"},
        ),
        publication(
            "d",
            ["v_8", "v_2"],
            4,
            customer=other,
            publication={"tracking_id": "zz", "result": "FAILURE"},
        ),
    )

    path = f"{PUBLICATIONS}?{query}"
    assert LISTS[query] == await world.ids(path)
    if "limit" not in query:
        assert len(LISTS[query]) == await world.total(path)


async def test_all_pages_together_are_the_list(world: World) -> None:
    """Nothing is lost or shown twice, though many were made in one millisecond or have no code."""
    everything = {f"pub_{number}" for number in range(30)}
    await world.tell(
        CARD_TOLD,
        *(publication(f"pub_{n}", ["v_card"] if n % 3 else [], n // 8) for n in range(30)),
    )

    for name in ("id", "tracking_id", "customer_id", "created_at", "channel", "voucher_code"):
        for sign in ("", "-"):
            walked = await world.walk(f"{PUBLICATIONS}?order={sign}{name}", limit=7)
            assert everything == set(walked)
            assert len(everything) == len(walked)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "page=0",
        "page=101",
        "page=-1",
        "order=name",
        "result=success",
        "voucher_type=gift",
        "is_referral_code=false",
        "campaign=",
        f"campaign={CAMPAIGN}&campaign=x",
        "voucher=",
        "customer[id]=cust_1",
        "filters[customer_id][conditions][$is]=cust_1&filters[customer_id][conditions][$is]=c",
        "filters[related_object_id][conditions][$starts_with]=v_",
        "filters[junction]=xor",
        "filters=x",
        "customer=%FF",
    ],
)
async def test_parameters_that_can_not_be_applied_are_refused(world: World, query: str) -> None:
    """Rather than answering a wrong list."""
    assert 400 == await world.status(f"{PUBLICATIONS}?{query}")
