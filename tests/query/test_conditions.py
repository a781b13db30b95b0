"""The vendor's `filters`: conditions, junctions, and the ways in which clients write them."""

from typing import Any
from urllib.parse import quote

import pytest

from query import conditions
from query.parameters import parse
from query.routes import TABLE
from tests.factories import CARD, at, card, webhook
from tests.query.world import World, campaign, customer, publication, redemption

GOLD = "camp_gold"
SILVER = "camp_silver"


def voucher(name: str, **more: Any) -> dict[str, Any]:
    """A coupon whose id and code say the same."""
    told = {"id": f"v_{name}", "code": f"CODE-{name}", "type": "DISCOUNT_VOUCHER", **more}
    return webhook("voucher.created", {"voucher": {"created_at": at(0), **told}})


@pytest.fixture(autouse=True)
async def told(world: World) -> None:
    """Two campaigns, three vouchers, four redemptions of them."""
    await world.tell(
        webhook("campaign.created", {"campaign": campaign(GOLD, "Gold 50%", active=True)}),
        webhook("campaign.created", {"campaign": campaign(SILVER, "Silver", active=False)}),
        voucher("a", campaign_id=GOLD, active=True),
        voucher("b", campaign_id=SILVER, active=False),
        voucher("c", created_at="2026-01-02T00:00:00.000Z"),
    )
    redeemed: dict[str, dict[str, Any]] = {
        "r_1": {"related_object_id": "v_a", "related_object_type": "voucher"},
        "r_2": {"related_object_id": "v_b", "related_object_type": "voucher"},
        "r_3": {"failure_code": "quantity_exceeded", "result": "FAILURE", "customer_id": "c_3"},
        "r_4": {"failure_code": None, "rolled_back": "r_1"},
    }
    for name, more in redeemed.items():
        at_campaign = {"r_1": GOLD, "r_2": SILVER}.get(name)
        beside = {"campaign": {"id": at_campaign}} if at_campaign else {}
        one = redemption(name, int(name[-1]), **more)
        await world.tell(webhook("redemption.succeeded", {"redemption": one, **beside}))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"voucher_code": {"$is": "CODE-a"}}, ["r_1"]),
        ({"voucher_code": {"$in": ["CODE-a", "CODE-b"]}}, ["r_1", "r_2"]),
        ({"voucher_code": {"$is_not": "CODE-a"}}, ["r_2", "r_3", "r_4"]),
        ({"voucher_code": {"$not_in": ["CODE-a", "CODE-b"]}}, ["r_3", "r_4"]),
        ({"voucher_code": {"$has_value": ""}}, ["r_1", "r_2"]),
        ({"voucher_code": {"$is_unknown": ""}}, ["r_3", "r_4"]),
        ({"voucher_code": {"$starts_with": "CODE-"}}, ["r_1", "r_2"]),
        ({"voucher_code": {"$ends_with": "-b"}}, ["r_2"]),
        ({"voucher_code": {"$contains": "E-a"}}, ["r_1"]),
        ({"voucher_code": {"$not_contain": "-a"}}, ["r_2", "r_3", "r_4"]),
        ({"campaign_name": {"$is": "Gold 50%"}}, ["r_1"]),
        ({"campaign_name": {"$contains": "%"}}, ["r_1"]),
        ({"related_object_id": {"$is": "v_b"}}, ["r_2"]),
        ({"related_object_parent_id": {"$in": [SILVER]}}, ["r_2"]),
        ({"parent_redemption_id": {"$is": "r_1"}}, ["r_4"]),
        ({"failure_code": {"$has_value": ""}}, ["r_3"]),
        ({"result": {"$is": "FAILURE"}}, ["r_3"]),
        ({"object": {"$is": "redemption_rollback"}}, ["r_4"]),
        ({"customer_id": {"$is": "c_3"}}, ["r_3"]),
        ({"result": {"$is": "SUCCESS"}, "object": {"$is": "redemption"}}, ["r_1", "r_2"]),
        ({"result": {"$is": "SUCCESS", "$starts_with": "F"}}, []),
        ({}, ["r_1", "r_2", "r_3", "r_4"]),
    ],
)
async def test_conditions(world: World, filters: dict[str, Any], expected: list[str]) -> None:
    """What is not told is not the value that is asked to be left out."""
    path = f"/v1/redemptions?order=created_at&{written(filters)}"

    assert expected == await world.ids(path)
    assert len(expected) == await world.total(path)


async def test_a_junction_joins_fields(world: World) -> None:
    """All of a field's own conditions hold, whatever joins the fields."""
    fields = {"result": {"$is": "FAILURE"}, "voucher_code": {"$in": ["CODE-a"], "$has_value": ""}}
    path = f"/v1/redemptions?order=created_at&{written(fields)}"

    assert [] == await world.ids(path)
    assert [] == await world.ids(f"{path}&filters[junction]=and")
    assert ["r_1", "r_3"] == await world.ids(f"{path}&filters[junction]=or")
    assert ["r_1", "r_3"] == await world.ids(f"{path}&filters[junction]=OR")
    assert ["r_3"] == await world.ids(f"{path}&filters[junction]=OR&result=FAILURE")


@pytest.mark.parametrize(
    "text",
    [
        "filters[voucher_code][conditions][$in][0]=CODE-a&filters[voucher_code][conditions][$in][1]=CODE-b",
        "filters%5Bvoucher_code%5D%5Bconditions%5D%5B%24in%5D%5B0%5D=CODE-a"
        "&filters%5Bvoucher_code%5D%5Bconditions%5D%5B%24in%5D%5B1%5D=CODE-b",
        "filters[voucher_code][conditions][$in]=CODE-a&filters[voucher_code][conditions][$in]=CODE-b",
        "filters[voucher_code][conditions][$in][]=CODE-a&filters[voucher_code][conditions][$in][]=CODE-b",
        "[filters][voucher_code][$in][0]=CODE-a&filters[voucher_code][$in][1]=CODE-b",
        "filters[voucher_code][conditions][$in]=" + quote("['CODE-a', 'CODE-b']"),
        "filters="
        + quote('{"junction":"and","voucher_code":{"conditions":{"$in":["CODE-a","CODE-b"]}}}'),
        "filters=" + quote('{"voucher_code":{"conditions":{"$in":["CODE-a","CODE-b"]}},"id":null}'),
    ],
)
async def test_clients_write_lists_in_several_ways(world: World, text: str) -> None:
    """With and without numbers, in brackets or as JSON, or as the vendor's Python SDK does."""
    assert ["r_1", "r_2"] == await world.ids(f"/v1/redemptions?order=created_at&{text}")


async def test_ids_may_be_written_as_one_list(world: World) -> None:
    """So does the vendor's Python SDK."""
    ids = quote("['v_a', 'v_b']")

    assert {"v_a", "v_b"} == set(await world.ids(f"/v1/vouchers?ids={ids}"))


async def test_a_value_may_look_like_a_list(world: World) -> None:
    """One that is none is a value."""
    await world.tell(voucher("d", code="[x]"))

    code = quote("[x]")
    path = f"/v1/vouchers?filters[code][conditions][$is]={code}"
    assert ["v_d"] == await world.ids(path)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"campaigns": {"$starts_with": "Gold"}}, [GOLD]),
        ({"campaigns_id": {"$is": SILVER}}, [SILVER]),
        ({"created_date": {"$is_unknown": ""}}, []),
        ({"updated_at": {"$has_value": ""}}, []),
        ({"campaign_status": {"$is_unknown": ""}}, [GOLD, SILVER]),
    ],
)
async def test_campaigns(world: World, filters: dict[str, Any], expected: list[str]) -> None:
    """By the fields that the vendor documents and the state has."""
    assert expected == sorted(await world.ids(f"/v1/campaigns?{written(filters)}"))


async def test_whether_a_campaign_is_active(world: World) -> None:
    """As the vendor documents it: a condition that is no condition's value."""
    assert [GOLD] == await world.ids("/v1/campaigns?filters[active][$enabled]=true")
    assert [SILVER] == await world.ids("/v1/campaigns?filters[active][conditions][$disabled]=")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"$is": "7"}, ["v_mn", "v_mt"]),
        ({"$is": "true"}, ["v_mb"]),
        ({"$in": ["true", "x"]}, ["v_mb", "v_mx"]),
        ({"$more_than": "6.5"}, ["v_mn"]),
        ({"$less_than_equal": "7"}, ["v_mn"]),
        ({"$more_than": "x"}, []),
        ({"$starts_with": "x"}, ["v_mx"]),
        ({"$has_value": ""}, ["v_mb", "v_mn", "v_mt", "v_mx"]),
        ({"$is_not": "7"}, ["v_a", "v_b", "v_c", "v_mb", "v_mx"]),
    ],
)
async def test_metadata(world: World, condition: dict[str, Any], expected: list[str]) -> None:
    """Which may be of any sort: a text stands for the number or truth value that it spells, too."""
    for name, value in {"mt": "7", "mn": 7, "mb": True, "mx": "x"}.items():
        await world.tell(voucher(name, metadata={"My field-1": value}))
    filters = quote(written({"metadata.My field-1": condition}), safe="&=%")

    assert expected == sorted(await world.ids(f"/v1/vouchers?{filters}"))


async def test_metadata_by_an_odd_name_is_refused(world: World) -> None:
    """Names become part of a statement, so they are plain."""
    for name in ("a'b", 'a"b', "a/b", ""):
        text = quote(f"filters[metadata.{name}][conditions][$is]", safe="")
        assert 400 == await world.status(f"/v1/vouchers?{text}=1")
    assert 400 == await world.status("/v1/redemptions?filters[metadata.a][conditions][$is]=1")


async def test_moments(world: World) -> None:
    """Between two, and so many days before now by the database's clock."""
    path = "/v1/vouchers?filters[created_at][conditions]"

    assert ["v_c"] == await world.ids(f"{path}[$after]=2026-01-01")
    assert {"v_a", "v_b"} == set(await world.ids(f"{path}[$before]=2026-01-01T00:00:00%2B01:00"))
    assert {"v_a", "v_b"} <= set(await world.ids(f"{path}[$more_than]=1"))
    assert [] == await world.ids(f"{path}[$more_than]=100000")
    assert 3 == await world.total(f"{path}[$less_than]=100000")


async def test_publications_of_several_vouchers(world: World) -> None:
    """Are found by any of them."""
    await world.tell(
        webhook("customer.created", {"customer": customer()}),
        publication("pub_1", ["v_a"]),
        publication("pub_2", ["v_b", "v_c"]),
    )
    path = "/v1/publications?filters[related_object_id][conditions]"

    assert ["pub_2"] == await world.ids(f"{path}[$is]=v_c")
    either = written({"related_object_id": {"$in": ["v_c", "v_a"]}})
    assert ["pub_2", "pub_1"] == await world.ids(f"/v1/publications?order=-id&{either}")


async def test_entries_of_a_ledger(world: World) -> None:
    """Page by page, by moment and id, and those of a campaign by card."""
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    for number in range(5):
        entry = {
            "id": f"vtx_{number}",
            "voucher_id": CARD,
            "type": "POINTS_ADDITION",
            "details": {"balance": {"points": 1, "balance": number + 1}},
            "created_at": at(number // 2),
        }
        beside = {"voucher": card(1), "transaction": entry}
        await world.tell(webhook("voucher.loyalty_card.transaction.created", beside))
    ledger = f"/v1/loyalties/members/{CARD}/transactions"
    some = "filters[id][conditions][$not_in][0]=vtx_2"

    for limit in (1, 2, 10):
        found = await world.follow(f"{ledger}?order=id&{some}", limit=limit)
        assert ["vtx_0", "vtx_1", "vtx_3", "vtx_4"] == found
        found = await world.follow(f"{ledger}?{some}", limit=limit)
        assert ["vtx_4", "vtx_3", "vtx_1", "vtx_0"] == found
    whole = f"/v1/loyalties/{card(1)['campaign_id']}/transactions"
    assert 5 == len(await world.follow(whole, limit=2))
    of_card = f"{whole}?filters[voucher_id][conditions][$is]"
    assert 5 == len(await world.follow(f"{of_card}={CARD}", limit=2))
    assert [] == await world.follow(f"{of_card}=v_other", limit=2)
    assert 404 == await world.status(f"{whole}?starting_after_id=vtx_9")


async def test_refusals_name_what_is_wrong(world: World) -> None:
    """And what would be right."""
    for text, expected in {
        "filters[nothing][conditions][$is]=1": "filters[nothing] is not supported",
        "filters[user_login][conditions][$is]=1": "filters[user_login] is not supported",
        "filters[result][conditions][$near]=1": "filters[result][conditions][$near] is not",
        "filters[result]=1": "filters[result] must look like",
        "filters=x": "filters must look like",
        "filters[result][conditions][$is]=": "filters[result][conditions][$is] has no value",
        "filters[junction]=xor": "filters[junction] must be",
    }.items():
        answer = await world.ask(f"/v1/redemptions?{text}")
        assert 400 == answer.status_code
        assert answer.json()["details"].startswith(expected), answer.json()["details"]


def test_odd_texts_are_refused_or_ignored() -> None:
    """None of them makes reading fail."""
    for text in (b"[", b"[]", b"[]=", b"[a][b][c][d][e]=", b"={", b"={}", b"=[1]"):
        parse(b"filters" + text).nested("filters")
    deep = b"filters=" + b"[" * 3_000 + b"]" * 3_000
    assert parse(deep).nested("filters")


def test_every_condition_is_a_parameter_of_its_path() -> None:
    """So that the OpenAPI document says what is applied."""
    (redemptions,) = [path for path in TABLE if path.template == "/v1/redemptions"]
    takes = {one.name: one for one in redemptions.takes}

    assert takes["filters[voucher_code][conditions][$in]"].repeated
    assert ("and", "or", "AND", "OR") == takes["filters[junction]"].value.choices
    assert "filters[user_login][conditions][$is]" not in takes
    assert not list(conditions.parameters({}))


def written(filters: dict[str, Any]) -> str:
    """Filters as a query string with brackets."""
    pairs = [
        (f"filters[{name}][conditions][{condition}]", value)
        for name, some in filters.items()
        for condition, value in some.items()
    ]
    return "&".join(
        f"{name}[{number}]={quote(one)}" if isinstance(value, list) else f"{name}={quote(value)}"
        for name, value in pairs
        for number, one in enumerate(value if isinstance(value, list) else [value])
    )
