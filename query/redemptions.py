"""Redemptions and their rollbacks: as told when they were made, with what happened to them since.

A redemption never changes by itself; that it was rolled back is told by the rollback.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from query import customers, filters, listing, orders, tracking
from query.asked import Asked
from query.conditions import Field
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import AnyOf, Condition, Selection

REDEMPTIONS: Final = Listing(
    kind=kinds.REDEMPTION,
    data_ref="redemptions",
    orders={
        "created_at": "created",
        "id": "id",
        "voucher_code": "voucher.name",
        "tracking_id": tracking.ORDER,
        "customer_id": "customer",
    },
    filters={
        "result": filters.some_of("fields.result", ("SUCCESS", "FAILURE")),
        "campaign": filters.campaign_name,
        "customer": filters.customer,
        "created_at": filters.period("created"),
    },
    fields={
        "voucher_code": Field("voucher.name", parts="voucher.fields.code"),
        "related_object_id": Field("fields.related_object_id"),
        "related_object_parent_id": Field("campaign"),
        "parent_redemption_id": Field("name"),
        "failure_code": Field("fields.failure_code"),
        "result": Field("fields.result"),
        "object": Field("fields.object"),
        "customer_id": Field("customer"),
        "campaign_name": Field("campaign.name", parts="campaign.fields.name"),
    },
    pages=99,
    hidden=True,
)
OF_A_VOUCHER: Final = Listing(
    kind=kinds.REDEMPTION, data_ref="redemption_entries", pages=99, hidden=True
)

_NO_ROLLBACK: Final = Condition("fields.object", "!=", "redemption_rollback")

_SUCCEEDED_ROLLBACK: Final = (
    Condition("fields.object", "=", "redemption_rollback"),
    AnyOf(
        (
            (Condition("fields.result", "=", "SUCCESS"),),
            (
                Condition("fields.result", "is null"),
                Condition("fields.status", "=", "SUCCEEDED"),
            ),
        )
    ),
)
_QUANTITIES: Final = ("quantity", "redeemed_quantity")
_MANY: Final = 1_000

Rollbacks = Mapping[str, Sequence[Thing]]
"""What `related_redemptions.rollbacks` lists, by the redemption that was rolled back."""


async def get_redemption(asked: Asked) -> Thing:
    """A redemption or a rollback by its id."""
    id_ = asked.names["redemptionId"]
    wanted = Condition("id", "=", id_)
    found = await asked.reader.find(
        Selection(asked.project, kinds.REDEMPTION, (wanted,), limit=1, hidden=True)
    )
    if not found:
        raise not_found(kinds.REDEMPTION, id_)
    return (await joined(asked, found))[0]


async def list_redemptions(asked: Asked) -> dict[str, Any]:
    """A page of all redemptions and rollbacks."""
    page = await listing.read(asked, REDEMPTIONS)
    things = await joined(asked, page.things)
    return listing.envelope(REDEMPTIONS.data_ref, things, total=page.total)


async def list_voucher_redemptions(asked: Asked) -> dict[str, Any]:
    """How often the path's voucher was redeemed, and a page of its redemptions, failed ones too."""
    voucher = await asked.voucher(asked.names["code"])
    of_it = Condition("voucher", "=", voucher["id"])
    page = await listing.read(asked, OF_A_VOUCHER, of_it, _NO_ROLLBACK)
    told = voucher.get("redemption")
    counts = told if isinstance(told, dict) else {}
    quantities = {name: counts[name] for name in _QUANTITIES if name in counts}
    entries = await joined(asked, page.things)
    return quantities | listing.envelope(
        OF_A_VOUCHER.data_ref, entries, total=page.total, url=_url(voucher)
    )


def _url(voucher: Thing) -> str:
    code = quote(str(voucher.get("code", voucher["id"])), safe="")
    return f"/v1/vouchers/{code}/redemptions?page=1&limit=10"


async def joined(asked: Asked, redemptions: Sequence[Thing]) -> list[Thing]:
    """Redemptions, read with what is hidden, with their customers and rollbacks as of now."""
    people = await customers.by_id(asked, _people(redemptions))
    rollbacks = await _rollbacks(asked, [one["id"] for one in redemptions])
    apart = await tracking.kept_apart(asked, kinds.REDEMPTION, redemptions)
    told = [
        tracking.told(one, people.get(str(one.get("customer_id"))) or {}, apart)
        for one in redemptions
    ]
    return [_with_rollbacks(_shape(one, people), rollbacks) for one in told]


async def _rollbacks(asked: Asked, ids: Sequence[str]) -> Rollbacks:
    if not ids:
        return {}
    of_these = Condition("name", "in", tuple(ids))
    found = await asked.reader.find(
        Selection(
            asked.project,
            kinds.REDEMPTION,
            (of_these, *_SUCCEEDED_ROLLBACK),
            descending=False,
            limit=_MANY,
        )
    )
    rollbacks: dict[str, list[Thing]] = {}
    for one in found:
        told: Thing = {name: one[name] for name in ("id", "date") if name in one}
        rollbacks.setdefault(one["redemption"], []).append(told)
    return rollbacks


def _shape(redemption: Thing, people: Mapping[str, Thing]) -> Thing:
    """The redemption with its people put back where the vendor has them."""
    shaped = _with_customer(redemption, people)
    reward, order = redemption.get("reward"), redemption.get("order")
    if isinstance(order, dict):
        shaped["order"] = orders.shape(order)
    if isinstance(reward, dict):
        shaped["reward"] = _with_customer(reward, people)
        shaped["reward"].pop("customer_id", None)
    if redemption.get("status") == "ROLLED BACK":
        shaped["status"] = "ROLLED_BACK"  # webhooks spell it otherwise than the API does
    return shaped


def _with_customer(thing: Thing, people: Mapping[str, Thing]) -> Thing:
    id_ = thing.get("customer_id")
    if not isinstance(id_, str):
        return dict(thing)
    return thing | {"customer": people.get(id_) or customers.reference(id_)}


def _with_rollbacks(redemption: Thing, rollbacks: Rollbacks) -> Thing:
    known = rollbacks.get(redemption["id"])
    if not known:
        return redemption
    told = redemption.get("related_redemptions")
    related = dict(told) if isinstance(told, dict) else {}
    related["rollbacks"] = [*_others(related.get("rollbacks"), known), *known]
    return redemption | {"status": "ROLLED_BACK", "related_redemptions": related}


def _others(told: Any, known: Sequence[Thing]) -> Iterable[Any]:
    ids = [one["id"] for one in known]
    for one in told if isinstance(told, list) else ():
        if not isinstance(one, dict) or one.get("id") not in ids:
            yield one


def _people(redemptions: Iterable[Thing]) -> Iterable[Any]:
    for one in redemptions:
        reward = one.get("reward")
        yield one.get("customer_id")
        yield reward.get("customer_id") if isinstance(reward, dict) else None


PATHS: Final = (
    listing.path(
        "/v1/redemptions",
        list_redemptions,
        "Redemptions and their rollbacks",
        "Redemption",
        REDEMPTIONS,
    ),
    Path(
        "/v1/redemptions/{redemptionId}",
        get_redemption,
        "One redemption or rollback",
        Answer("Redemption"),
    ),
    listing.path(
        "/v1/vouchers/{code}/redemption",
        list_voucher_redemptions,
        "How often a voucher was redeemed, and its redemptions",
        "Redemption",
        OF_A_VOUCHER,
        beside=("total", "url", *_QUANTITIES),
    ),
)
