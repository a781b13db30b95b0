"""Publications, with the customer and the vouchers that they tell of joined."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from query import conditions, customers, filters, listing, required, tracking, vouchers
from query.asked import Asked
from query.conditions import Field, Operator
from query.listing import Filter, Listing
from state import kinds
from state.reader import Thing
from state.selection import AnyOf, Condition, Criteria


async def _voucher_code(asked: Asked, name: str) -> Criteria | None:
    """The publication is of the voucher, be it one of several."""
    voucher = await asked.find_voucher(asked.parameters.only(name))
    if voucher is None:
        return None
    first = Condition("voucher", "=", voucher["id"])
    among = Condition("fields.vouchers_id", "has", voucher["id"])
    return (AnyOf(((first,), (among,))),)


def _any_of_its_vouchers(_: str, given: Sequence[Any]) -> Criteria:
    one = (Condition("voucher", "in", tuple(given)),)
    among = tuple((Condition("fields.vouchers_id", "has", id_),) for id_ in given)
    return (AnyOf((one, *among)),)


_PUBLISHED: Final[conditions.Operators] = {
    "$is": Operator(_any_of_its_vouchers),
    "$in": Operator(_any_of_its_vouchers, "several"),
}

PUBLICATIONS: Final = Listing(
    kind=kinds.PUBLICATION,
    data_ref="publications",
    orders={
        "id": "id",
        "voucher_code": "voucher.name",
        "tracking_id": tracking.ORDER,
        "customer_id": "customer",
        "created_at": "created",
        "channel": "fields.channel",
    },
    filters={
        "campaign": filters.campaign_name,
        "customer": filters.customer,
        "voucher": Filter(_voucher_code),
        "result": filters.choice("fields.result", {"SUCCESS": "SUCCESS", "FAILURE": "FAILURE"}),
        "voucher_type": filters.choice(
            "voucher.fields.type", {"discount": "DISCOUNT_VOUCHER", "loyalty": "LOYALTY_CARD"}
        ),
        "is_referral_code": filters.choice("voucher.fields.is_referral_code", {"true": True}),
        "source_id": filters.equals("name"),
    },
    fields={
        "failure_code": Field("fields.failure_code"),
        "result": Field("fields.result"),
        "customer_id": Field("customer"),
        "campaign_name": Field("campaign.name", parts="campaign.fields.name"),
        "voucher_type": Field("voucher.fields.type"),
        "is_referral_code": Field(
            "voucher.fields.is_referral_code",
            conditions.CHOICE,
            {"true": True, "false": False, "TRUE": True, "FALSE": False},
        ),
        "parent_object_id": Field("campaign"),
        "related_object_id": Field("voucher", _PUBLISHED),
        "source_id": Field("name", parts="fields.source_id"),
    },
    hidden=True,
)


async def list_publications(asked: Asked) -> dict[str, Any]:
    """A page of all publications."""
    page = await listing.read(asked, PUBLICATIONS)
    things = await joined(asked, page.things)
    return listing.envelope(PUBLICATIONS.data_ref, things, total=page.total)


async def joined(asked: Asked, publications: Sequence[Thing]) -> list[Thing]:
    """Publications, read with what is hidden, with their customers and vouchers as of now."""
    people = await customers.by_id(asked, (one.get("customer_id") for one in publications))
    wanted = sorted({id_ for one in publications for id_ in _voucher_ids(one)})
    published = await asked.reader.get_many(asked.project, kinds.VOUCHER, wanted) if wanted else {}
    apart = await tracking.kept_apart(asked, kinds.PUBLICATION, publications)
    return [_joined(one, people, published, apart) for one in publications]


def _joined(
    publication: Thing,
    people: Mapping[str, Thing],
    published: Mapping[str, Thing],
    apart: Mapping[str, str],
) -> Thing:
    customer_id = publication.get("customer_id")
    customer: Thing = {}
    if isinstance(customer_id, str):
        customer = people.get(customer_id) or customers.reference(customer_id)
    told = tracking.told(publication, customer, apart)
    if customer:
        told["customer"] = customer
    return required.publication(told | _vouchers(_voucher_ids(publication), published))


def _vouchers(ids: list[str], published: Mapping[str, Thing]) -> Thing:
    """One voucher in its embedded form, of several the codes; those that are gone have neither."""
    if len(ids) == 1:
        (id_,) = ids
        known = published.get(id_)
        return {"voucher": vouchers.published(known) if known else vouchers.reference(id_)}
    codes = [published[id_]["code"] for id_ in ids if "code" in published.get(id_, {})]
    return {"vouchers": codes} if codes else {}


def _voucher_ids(publication: Thing) -> list[str]:
    ids = publication.get("vouchers_id")
    return [id_ for id_ in ids if isinstance(id_, str)] if isinstance(ids, list) else []


PATHS: Final = (
    listing.path(
        "/v1/publications",
        list_publications,
        "Publications, with the customers and vouchers that they tell of",
        "Publication",
        PUBLICATIONS,
    ),
)
