"""What is asked about vouchers, customers, publications, redemptions, campaigns and orders."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.sdk.question import (
    MOST,
    Fields,
    Question,
    Questions,
    ledger,
    newest,
    one,
    there,
    where,
    whole,
)
from voucherify_sync.simulator import fields
from voucherify_sync.simulator.wire import Json

_MOVED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "LOYALTY_PROGRAM": {
        "points_rewarded": ("POINTS_ACCRUAL", "PENDING_POINTS_ACTIVATION"),
        "points_redeemed": ("POINTS_REDEMPTION",),
        "points_expired": ("POINTS_EXPIRATION",),
        "points_added": ("POINTS_ADDITION",),
    },
    "GIFT_VOUCHERS": {"amount_redeemed": ("CREDITS_REDEMPTION",)},
}
"""Sums of a summary, and the ledger entries that they are of."""

_BY_KIND: Final = {"cards": fields.CARD, "gifts": fields.GIFT, "vouchers": fields.VOUCHER}


def _vouchers(truth: Json) -> Iterator[Question]:
    """All of them together, and each kind's fields in its campaign's."""
    every = {id_: each for kind in _BY_KIND for id_, each in truth[kind].items()}
    yield whole("vouchers", "vouchers", there(every), fields.VOUCHER)
    for kind, paths in _BY_KIND.items():
        for campaign in {each["campaign_id"] for each in there(truth[kind]).values()}:
            expected = where(truth[kind], "campaign_id", campaign)
            query = {"limit": MOST, "campaign_id": campaign}
            yield whole(f"{kind} of {campaign}", "vouchers", expected, paths, query=query)


def _voucher(truth: Json) -> Iterator[Question]:
    for kind, paths in _BY_KIND.items():
        for id_, each in truth[kind].items():
            yield one(kind, {"id": id_, **each}, {"id": "id", **paths}, {"code": each["code"]})


def _voucher_redemptions(truth: Json) -> Iterator[Question]:
    """The SDKs ask for no more than the first ten."""
    redemptions = where(truth["redemptions"], "object", "redemption")
    for kind in _BY_KIND:
        for id_, each in truth[kind].items():
            expected = where(redemptions, "voucher_id", id_)
            names, paths = {"code": each["code"]}, fields.REDEMPTION
            yield newest(
                *("redemptions of", "redemption_entries", expected, paths, names),
                of=each,
                most=10,
                query={},
            )


def _voucher_ledger(truth: Json) -> Iterator[Question]:
    for kind, paths in (("cards", fields.ENTRY), ("gifts", fields.GIFT_ENTRY)):
        for id_, each in truth[kind].items():
            yield ledger(each, truth["ledgers"][id_], paths, {"code": each["code"]})


def _publications(truth: Json) -> Iterator[Question]:
    every = truth["publications"]
    yield whole("publications", "publications", every, fields.PUBLICATION)
    for id_ in there(truth["customers"]):
        expected = where(every, "customer_id", id_)
        query = {"limit": MOST, "customer": id_}
        yield whole("published to", "publications", expected, fields.PUBLICATION, query=query)


def _told(customer: Json) -> tuple[Json, Fields]:
    told = customer.get("told", {})
    return {"deleted": customer["deleted"], **told}, {name: name for name in told}


def _customer(truth: Json) -> Iterator[Question]:
    for id_, customer in truth["customers"].items():
        expected, paths = _told(customer)
        yield one("customer", expected, paths, {"customerId": id_})


def _customers(truth: Json) -> Iterator[Question]:
    expected = {id_: one["told"] for id_, one in there(truth["customers"]).items()}
    paths = {name: name for told in expected.values() for name in told}
    yield whole("customers", "customers", expected, paths)


def _redemption(truth: Json) -> Iterator[Question]:
    for id_, each in truth["redemptions"].items():
        expected = {**each, "deleted": False}
        yield one("redemption", expected, fields.REDEMPTION, {"redemptionId": id_})


def _redemptions(truth: Json) -> Iterator[Question]:
    yield whole("redemptions", "redemptions", truth["redemptions"], fields.REDEMPTION)


def _campaign(truth: Json) -> Iterator[Question]:
    for id_, each in truth["campaigns"].items():
        yield one("campaign", each, fields.CAMPAIGN, {"campaignId": id_})


def _campaigns(truth: Json) -> Iterator[Question]:
    yield whole("campaigns", "campaigns", there(truth["campaigns"]), fields.CAMPAIGN)


def _summary(truth: Json) -> Iterator[Question]:
    """What is counted of each campaign's vouchers; one that was deleted is in no count of them."""
    for id_, campaign in truth["campaigns"].items():
        owned = {
            voucher: each
            for kind in _BY_KIND
            for voucher, each in truth[kind].items()
            if each["campaign_id"] == id_
        }
        told = [made for made in truth["redemptions"].values() if made["voucher_id"] in owned]
        results = [made["result"] for made in told if made["object"] == "redemption"]
        expected: Json = {
            "deleted": campaign["deleted"],
            "redemptions": len(results),
            "redemptions_succeeded": results.count("SUCCESS"),
            "redemptions_failed": results.count("FAILURE"),
            "rollbacks": len(told) - len(results),
        }
        if campaign["campaign_type"] != "PROMOTION":
            expected["vouchers_created"] = len(there(owned))
        entries = [entry for voucher in owned for entry in truth["ledgers"].get(voucher, ())]
        for name, types in _MOVED.get(campaign["campaign_type"], {}).items():
            points = [entry["points"] for entry in entries if entry["type"] in types]
            expected[name] = abs(sum(points))
        paths = {name: name for name in expected if name != "deleted"}
        yield one("summary", expected, paths, {"campaignId": id_})


def _campaign_entries(truth: Json) -> Iterator[Question]:
    for kind, paths in (("cards", fields.ENTRY), ("gifts", fields.GIFT_ENTRY)):
        for campaign in {each["campaign_id"] for each in there(truth[kind]).values()}:
            owners = where(truth[kind], "campaign_id", campaign)
            entries = {entry["id"]: entry for id_ in owners for entry in truth["ledgers"][id_]}
            yield newest("transactions of", "data", entries, paths, {"campaignId": campaign})


def _order(truth: Json) -> Iterator[Question]:
    for id_, each in truth["orders"].items():
        yield one("order", {**each, "deleted": False}, fields.ORDER, {"orderId": id_})


def _orders(truth: Json) -> Iterator[Question]:
    yield whole("orders", "orders", truth["orders"], fields.ORDER)


QUESTIONS: Final[Mapping[str, Questions]] = {
    "/v1/publications": _publications,
    "/v1/vouchers": _vouchers,
    "/v1/vouchers/{code}": _voucher,
    "/v1/vouchers/{code}/transactions": _voucher_ledger,
    "/v1/vouchers/{code}/redemption": _voucher_redemptions,
    "/v1/customers": _customers,
    "/v1/customers/{customerId}": _customer,
    "/v1/redemptions": _redemptions,
    "/v1/redemptions/{redemptionId}": _redemption,
    "/v1/campaigns": _campaigns,
    "/v1/campaigns/{campaignId}": _campaign,
    "/v1/campaigns/{campaignId}/summary": _summary,
    "/v1/campaigns/{campaignId}/transactions": _campaign_entries,
    "/v1/orders": _orders,
    "/v1/orders/{orderId}": _order,
}
