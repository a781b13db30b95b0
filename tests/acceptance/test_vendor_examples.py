"""Every example payload of the vendor's specification is applied and read back, field by field.

The specification is not part of the project: without it beside the checkout these tests skip.
"""

import json
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette

from handlers.loyalty import membership_id
from query.routes import routes
from schemas import registry
from state import activities, kinds
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import Batch
from tests.factories import PROJECT, facts, legacy, webhook

SPECIFICATION = (
    Path(__file__).parents[3] / "shared" / "voucherify" / "webhooks-v2024-01-01.openapi.json"
)
TOLD = 4 * 3_600_000
LEDGERS = "/v1/vouchers/{}/transactions"


def examples() -> Iterator[Any]:
    """Event type and payload of each example."""
    if not SPECIFICATION.exists():
        return
    specification = json.loads(SPECIFICATION.read_text())
    for name, hook in specification["webhooks"].items():
        content = hook["post"]["requestBody"]["content"]["application/json"]
        for example in content.get("examples", {}).values():
            event_type = name.removeprefix("EVENTS.").lower()
            event_type = event_type.replace("bus_val_rule", "business_validation_rule")
            event_type = event_type.removeprefix("distribution.")
            yield pytest.param(event_type, example["value"], id=event_type)


EXAMPLES = list(examples())
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the vendor's specification is not here")


class Api:
    """The query API over what one event told."""

    def __init__(self, client: httpx.AsyncClient, reader: SqliteReader) -> None:
        self._client = client
        self._reader = reader

    async def get(self, path: str) -> dict[str, Any]:
        """The object at a path."""
        answer = await self._client.get(path)
        assert 200 == answer.status_code, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def thing(self, kind: str, id_: str) -> dict[str, Any] | None:
        """What the state holds of a thing, for what no path answers yet."""
        return await self._reader.get(PROJECT, kind, id_)

    async def status(self, path: str) -> int:
        """The status of the answer at a path."""
        return (await self._client.get(path)).status_code


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[SqliteState]:
    writer = SqliteState(tmp_path / "state.db")
    await writer.migrate()
    yield writer
    await writer.close()


@pytest.fixture
async def api(state: SqliteState, tmp_path: Path) -> AsyncIterator[Api]:
    del state  # has made the database
    reader = SqliteReader(tmp_path / "state.db")
    app = Starlette(routes=routes(reader=reader, keys=()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield Api(client, reader)
    await reader.close()


@pytest.mark.parametrize(("event_type", "data"), EXAMPLES)
@pytest.mark.parametrize("form", ["webhook", "distribution", "legacy"])
async def test_read_back(
    state: SqliteState, api: Api, event_type: str, data: dict[str, Any], form: str
) -> None:
    """What the payload tells of each thing is what the API answers."""
    assert registry.is_known(event_type)
    event = (
        legacy(event_type, data, told=TOLD)
        if form == "legacy"
        else webhook(event_type, data, told=TOLD, distribution=form == "distribution")
    )
    await state.apply(Batch(facts(event), {("log", 0): (0, 1)}))

    for check in (vouchers, customers, campaigns, publications, redemptions, orders):
        await check(api, event_type, data)
    for check in (ledger, pending_points, buckets, tiers):
        await check(api, event_type, data)
    for check in (definitions, belonging, happenings):
        await check(api, event_type, data)


def things(data: dict[str, Any], *names: str) -> Iterator[dict[str, Any]]:
    """The objects under these names in the payload; lists give each of their items."""
    for name in names:
        value = data.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and "id" in item:
                yield item


def assert_told(told: dict[str, Any], found: dict[str, Any], *, but: Collection[str] = ()) -> None:
    """Every field told is in what was found, with the value told."""
    differences = {
        name: (value, found.get(name, "absent"))
        for name, value in told.items()
        if name not in but and found.get(name, "absent") != value
    }
    assert {} == differences


async def vouchers(api: Api, event_type: str, data: dict[str, Any]) -> None:
    for told in things(data, "voucher", "vouchers", "source_voucher", "destination_voucher"):
        path = f"/v1/vouchers/{quote(told['code'], safe='')}"
        if event_type == "voucher.deleted":
            assert 404 == await api.status(path)
            continue
        found = await api.get(path)
        assert found == await api.get(f"/v1/vouchers/{told['id']}")
        assert_told(told, found, but={"loyalty_card", "gift", "redemption"})
        assert_told(told.get("redemption", {}), found.get("redemption", {}))
        balance = (data.get("balance") or {}).get("balance")
        for struct in ("loyalty_card", "gift"):
            if told.get(struct):
                expected = told[struct] | ({} if balance is None else {"balance": balance})
                assert_told(expected, found[struct])
        if told.get("type") == "LOYALTY_CARD":
            assert found == await api.get(f"/v1/loyalties/members/{told['code']}")
            member = f"/v1/loyalties/{told['campaign_id']}/members"
            assert found == await api.get(f"{member}/{told['id']}")
            assert [found] == (await api.get(member))["vouchers"]


async def customers(api: Api, event_type: str, data: dict[str, Any]) -> None:
    for told in things(data, "customer", "holder", "referrer"):
        if told.get("object") == "redeemable_holder":
            continue
        path = f"/v1/customers/{told['id']}"
        if event_type == "customer.deleted":
            assert 404 == await api.status(path)
            continue
        found = await api.get(path)
        assert_told(told, found)
        if told.get("source_id"):
            assert found == await api.get(f"/v1/customers/{quote(told['source_id'], safe='')}")


async def campaigns(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "campaign"):
        assert_told(told, await api.get(f"/v1/campaigns/{told['id']}"))


async def publications(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "publication"):
        (found,) = (await api.get("/v1/publications"))["publications"]
        assert_told(told, found, but={"customer", "voucher"})
        assert_told(found["customer"], await api.get(f"/v1/customers/{told['customer_id']}"))
        (voucher,) = things(data, "voucher", "vouchers")
        assert voucher["code"] == found["voucher"]["code"]
        for query in (f"customer={told['customer_id']}", f"voucher={voucher['code']}"):
            assert [found] == (await api.get(f"/v1/publications?{query}"))["publications"]


async def redemptions(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "redemption", "redemption_rollback"):
        found = await api.get(f"/v1/redemptions/{told['id']}")
        rolled_back = told["object"] == "redemption" and "redemption_rollback" in data
        but = {"customer", "order"} | ({"status"} if rolled_back else set())
        assert_told(told, found, but=but)
        assert told["customer"]["id"] == found["customer"]["id"]
        assert_told(told["order"], found["order"], but={"customer"})
        if rolled_back:
            rollback = {name: data["redemption_rollback"][name] for name in ("id", "date")}
            assert ("ROLLED_BACK", [rollback]) == (
                found["status"],
                found["related_redemptions"]["rollbacks"],
            )


async def orders(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "order"):
        assert_told(told, await api.get(f"/v1/orders/{told['id']}"), but={"customer"})


async def ledger(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "transaction"):
        card = data["voucher"]["id"]
        (found,) = (await api.get(LEDGERS.format(card)))["data"]
        assert_told(told, found, but={"details"})
        assert_told(told["details"] or {}, found["details"])
        told_balance = (told["details"] or {}).get("balance") or data["balance"]
        assert_told(told_balance, found["details"]["balance"])
        assert card == found["voucher_id"]


async def pending_points(api: Api, event_type: str, data: dict[str, Any]) -> None:
    for told in things(data, "pending_points"):
        found = await api.get(f"/v1/loyalties/members/{data['voucher']['code']}/pending-points")
        assert ([] if event_type.endswith("activated") else [told]) == found["data"]


async def buckets(api: Api, _: str, data: dict[str, Any]) -> None:
    for told in things(data, "buckets"):
        card = data["voucher"]
        member = f"/v1/loyalties/{card['campaign_id']}/members/{card['code']}"
        assert [told] == (await api.get(f"{member}/points-expiration"))["data"]


async def tiers(api: Api, event_type: str, data: dict[str, Any]) -> None:
    names = ("loyalty_tier", "loyalty_tier_from", "loyalty_tier_to", "holder_loyalty_tier")
    told = list(things(data, *names))
    if not told:
        return
    campaign = data["campaign"]["id"]
    listed = (await api.get(f"/v1/loyalties/{campaign}/tiers"))["data"]
    definitions = [
        {name: value for name, value in tier.items() if name != "expiration"} for tier in told
    ]
    assert sorted(definitions, key=str) == sorted(listed, key=str)
    if event_type.startswith("voucher.loyalty_card"):
        found = await api.get(f"/v1/loyalties/members/{data['voucher']['code']}/tiers")
        assert [data["holder_loyalty_tier"]] == found["data"]


DEFINITIONS = {
    "promotion_tier": kinds.PROMOTION_TIER,
    "promotion_stack": kinds.PROMOTION_STACK,
    "earning_rule": kinds.EARNING_RULE,
    "referral_tier": kinds.REFERRAL_TIER,
    "reward_assignment": kinds.REWARD_ASSIGNMENT,
    "reward_redemption": kinds.REWARD_REDEMPTION,
    "rule": kinds.VALIDATION_RULE,
    "assignment": kinds.VALIDATION_ASSIGNMENT,
    "distribution": kinds.DISTRIBUTION,
    "segment": kinds.SEGMENT,
}


async def definitions(api: Api, event_type: str, data: dict[str, Any]) -> None:
    for name, kind in DEFINITIONS.items():
        for told in things(data, name):
            found = await api.thing(kind, told["id"])
            if event_type.endswith(f"{name}.deleted"):
                assert found is None
            else:
                assert_told(told, found or {})
    for told in things(data, "reward"):
        found = await api.thing(kinds.REWARD, told["id"]) or {}
        assert_told(told, found, but={"product", "assignment_id", "voucher", "sku"})
    for told in things(data, "holder"):
        if told["object"] == "redeemable_holder":
            found = await api.thing(kinds.HOLDER, told["id"])
            assert (None if event_type.endswith("deleted") else told) == found


async def belonging(api: Api, event_type: str, data: dict[str, Any]) -> None:
    if event_type.startswith("customer.segment"):
        pair = membership_id(data["customer"]["id"], data["segment"]["id"])
        found = await api.thing(kinds.SEGMENT_MEMBERSHIP, pair)
        assert found
        assert event_type.endswith("entered") is found["is_member"]


async def happenings(api: Api, event_type: str, data: dict[str, Any]) -> None:
    if event_type == "customer.custom_event":
        custom = await api.thing(kinds.CUSTOM_EVENT, data["event"]["id"])
        assert_told(data["event"], custom or {}, but={"customer"})
    names: tuple[str, ...] = ("count", "source", "points")
    told = {name: data[name] for name in names if name in data}
    if told:
        held = {"transaction": data.get("transaction", {}).get("id")}
        keys = [activities.key(event_type, id_, held) for id_ in ("evt_1", "ev_1")]
        found = [await api.thing(kinds.EVENT, key) for key in keys]
        event = found[0] or found[1]
        assert event
        assert_told(told, event["data"])


def test_the_kinds_that_are_read_back() -> None:
    """A kind that is added to the state is added to these checks."""
    checked = {
        kinds.VOUCHER,
        kinds.CUSTOMER,
        kinds.CAMPAIGN,
        kinds.PUBLICATION,
        kinds.REDEMPTION,
        kinds.ORDER,
        kinds.TRANSACTION,
        kinds.PENDING_POINTS,
        kinds.POINTS_BUCKET,
        kinds.LOYALTY_TIER,
        kinds.MEMBERSHIP,
        kinds.REWARD,
        kinds.HOLDER,
        kinds.SEGMENT_MEMBERSHIP,
        kinds.CUSTOM_EVENT,
        kinds.EVENT,
        *DEFINITIONS.values(),
    }
    no_example = {kinds.CONSENT, kinds.TRACKING}
    assert checked | no_example == set(kinds.KINDS)
