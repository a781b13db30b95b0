"""Parameters as the SDKs write them are understood: filters, periods, orders, pages, cursors."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, NamedTuple

import pytest

from tests.sdk.conftest import Asked
from tests.sdk.driven import Client, Sdk
from tests.sdk.javascript_methods import SCROLL
from tests.sdk.question import there
from voucherify_sync.simulator.wire import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

Found = list[str]


class Listed(NamedTuple):
    """A list: the SDKs' methods, and where its things are.

    For some lists the SDK for Python has `created_at_after` where it has `created_at` for others.
    """

    python: str
    javascript: str
    data_ref: str
    flat: bool = False


CUSTOMERS: Final = Listed("CustomersApi.list_customers", "customers.list", "customers", flat=True)
ORDERS: Final = Listed("OrdersApi.list_orders", "orders.list", "orders")
REDEMPTIONS: Final = Listed("RedemptionsApi.list_redemptions", "redemptions.list", "redemptions")
VOUCHERS: Final = Listed("VouchersApi.list_vouchers", "vouchers.list", "vouchers")

LEDGERS: Final = "LoyaltiesApi.list_loyalty_card_transactions", "loyalties.listCardTransactions"


def _middle(moments: list[str]) -> str:
    return sorted(moments)[len(moments) // 2]


def _joined_since(truth: Json) -> tuple[Json, Found]:
    told = {id_: one["told"] for id_, one in there(truth["customers"]).items()}
    since = _middle([one["created_at"] for one in told.values()])
    expected = [id_ for id_, one in told.items() if one["created_at"] > since]
    return {"created_at": {"after": since}}, expected


def _redeemed_until(truth: Json) -> tuple[Json, Found]:
    until = _middle([one["date"] for one in truth["redemptions"].values()])
    expected = [id_ for id_, one in truth["redemptions"].items() if one["date"] < until]
    return {"created_at": {"before": until}}, expected


def _by_a_customer(truth: Json) -> tuple[Json, Found]:
    customer = next(iter(truth["redemptions"].values()))["customer_id"]
    expected = [id_ for id_, one in truth["redemptions"].items() if one["customer_id"] == customer]
    conditions = {"customer_id": {"conditions": {"$is": customer}}}
    return {"filters": {**conditions, "junction": "and"}}, expected


def _of_a_campaign(truth: Json) -> tuple[Json, Found]:
    name = next(iter(there(truth["gifts"]).values()))["campaign"]
    every = {**truth["cards"], **truth["gifts"], **truth["vouchers"]}
    return {"campaign": name}, [id_ for id_, one in every.items() if one.get("campaign") == name]


def _oldest_first(truth: Json) -> tuple[Json, Found]:
    made = {id_: one["created_at"] for id_, one in truth["orders"].items()}
    return {"order": "created_at"}, sorted(made, key=lambda id_: made[id_])


ROWS: Final[Mapping[str, tuple[Listed, Callable[[Json], tuple[Json, Found]]]]] = {
    "a period": (CUSTOMERS, _joined_since),
    "another period": (REDEMPTIONS, _redeemed_until),
    "a filter": (VOUCHERS, _of_a_campaign),
    "a condition": (REDEMPTIONS, _by_a_customer),
    "an order": (ORDERS, _oldest_first),
}


@pytest.mark.parametrize("name", ROWS)
async def test_lists(asked: Asked, python_sdk: Sdk, javascript_sdk: Sdk, name: str) -> None:
    """What is listed is what the parameters ask for."""
    listed, wanted = ROWS[name]
    query, expected = wanted(asked.truth)
    query = {"limit": 100, **query}

    flat = _flat(query) if listed.flat else query
    by_python = await python_sdk.call(asked.client, listed.python, flat)
    by_javascript = await javascript_sdk.call(asked.client, listed.javascript, [query])

    assert expected
    ordered: Callable[[Found], Found] = list if "order" in query else sorted
    for returned in (by_python, by_javascript):
        assert 200 == returned.status, returned.body
        ids = [one["id"] for one in returned.body[listed.data_ref]]
        assert ordered(expected) == ordered(ids)


def _flat(query: Json) -> Json:
    found = {name: value for name, value in query.items() if not isinstance(value, dict)}
    for name, options in query.items():
        if name not in found:
            found |= {f"{name}_{option}": value for option, value in options.items()}
    return found


async def test_pages(asked: Asked, python_sdk: Sdk, javascript_sdk: Sdk) -> None:
    """Page after page, each thing comes once."""
    every = {kind: there(asked.truth[kind]) for kind in ("cards", "gifts", "vouchers")}
    expected = sorted(id_ for things in every.values() for id_ in things)

    for sdk, method in ((python_sdk, VOUCHERS.python), (javascript_sdk, VOUCHERS.javascript)):
        found: Found = []
        for page in range(1, len(expected) // 7 + 2):
            query = {"limit": 7, "page": page}
            arguments = query if sdk is python_sdk else [query]
            body = (await sdk.call(asked.client, method, arguments)).body
            assert len(expected) == body["total"]
            found += [one["id"] for one in body["vouchers"]]
        assert expected == sorted(found)


async def test_cursors(asked: Asked, python_sdk: Sdk, javascript_sdk: Sdk) -> None:
    """A ledger, two entries at a time, from each to the next."""
    truth = asked.truth
    card = max(there(truth["cards"]), key=lambda id_: len(truth["ledgers"][id_]))
    expected = [entry["id"] for entry in truth["ledgers"][card]]
    by_python, by_javascript = LEDGERS

    assert len(expected) > 4
    found = [
        id_ async for id_ in _followed(python_sdk, by_python, asked.client, {"member_id": card})
    ]
    assert expected == found
    found = [
        id_ async for id_ in _followed(javascript_sdk, by_javascript, asked.client, [card, None])
    ]
    assert expected == found


async def _followed(sdk: Sdk, method: str, client: Client, first: Any) -> AsyncIterator[str]:
    query: Json = {"limit": 2, "order": "id"}
    while True:
        arguments = {**first, **query} if isinstance(first, dict) else [*first, query]
        body = (await sdk.call(client, method, arguments)).body
        for entry in body["data"]:
            yield entry["id"]
        if not body["has_more"]:
            return
        query["starting_after_id"] = body["more_starting_after"]


async def test_scrolling(asked: Asked, javascript_sdk: Sdk) -> None:
    """JavaScript's `customers.scroll` gives each customer once."""
    returned = await javascript_sdk.call(asked.client, SCROLL, [{"limit": 4}])

    assert 200 == returned.status, returned.body
    found = [one["id"] for one in returned.body["things"]]
    assert sorted(there(asked.truth["customers"])) == sorted(found)


@pytest.mark.parametrize(
    ("token", "python", "javascript", "expected"),
    [
        ("wrong", "VouchersApi.get_voucher", "vouchers.get", (401, "unauthorized")),
        (None, "VouchersApi.get_voucher", "vouchers.get", (404, "resource_not_found")),
    ],
)
async def test_errors(
    asked: Asked,
    python_sdk: Sdk,
    javascript_sdk: Sdk,
    token: str | None,
    python: str,
    javascript: str,
    expected: tuple[int, str],
) -> None:
    """The SDKs raise the errors that they raise for Voucherify's own answers."""
    client = Client(asked.client.url, asked.client.app_id, token or asked.client.token)

    by_python = await python_sdk.call(client, python, {"code": "none"})
    by_javascript = await javascript_sdk.call(client, javascript, ["none"])

    for returned in (by_python, by_javascript):
        assert expected == (returned.status, returned.body["key"])
