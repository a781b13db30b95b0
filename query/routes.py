"""The table of paths: what is served, and by which handler.

The vendor's paths under `/v1`, as its API v2018-08-01 documents them; where two fit, the first.
"""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute

from query.campaigns import get_campaign, list_campaigns
from query.customers import get_customer, list_customers
from query.endpoint import QueryApi
from query.keys import ApiKey, KeyRing
from query.ledgers import list_member_transactions, list_voucher_transactions
from query.members import get_member, list_members
from query.orders import get_order, list_orders
from query.paths import Handler, Path, Paths
from query.points import list_pending_points, list_points_expiration
from query.publications import list_publications
from query.redemptions import get_redemption, list_redemptions
from query.tiers import list_member_tiers, list_tiers
from query.vouchers import get_voucher, list_vouchers
from state.reader import StateReader

VENDOR_RESOURCES: Final = frozenset(
    {
        "async-actions",
        "campaigns",
        "categories",
        "consents",
        "customers",
        "events",
        "exports",
        "locations",
        "loyalties",
        "metadata-schemas",
        "orders",
        "product-collections",
        "products",
        "promotions",
        "publications",
        "qualifications",
        "redeemables",
        "redemptions",
        "referrals",
        "rewards",
        "segments",
        "skus",
        "templates",
        "trash-bin",
        "validation-rules",
        "validation-rules-assignments",
        "validations",
        "vouchers",
    }
)
"""What the vendor's own API has under `/v1`: of these, what has no handler is not held locally."""


def routes(*, reader: StateReader, keys: Sequence[ApiKey]) -> list[BaseRoute]:
    """The query API over a state, for anyone with one of the keys; without keys, for anyone."""
    paths = Paths(Path(template, handler) for template, handler in TABLE)
    return [QueryApi(reader, KeyRing(keys), paths, VENDOR_RESOURCES)]


def _member(path: str) -> tuple[tuple[str, Handler], ...]:
    """A member and what belongs to it, under one of the two paths that lead to a member."""
    return (
        (path, get_member),
        (f"{path}/transactions", list_member_transactions),
        (f"{path}/pending-points", list_pending_points),
        (f"{path}/points-expiration", list_points_expiration),
        (f"{path}/tiers", list_member_tiers),
    )


TABLE: Final[tuple[tuple[str, Handler], ...]] = (
    *_member("/v1/loyalties/members/{memberId}"),
    ("/v1/loyalties/{campaignId}/members", list_members),
    *_member("/v1/loyalties/{campaignId}/members/{memberId}"),
    ("/v1/loyalties/{campaignId}/tiers", list_tiers),
    ("/v1/publications", list_publications),
    ("/v1/vouchers", list_vouchers),
    ("/v1/vouchers/{code}", get_voucher),
    ("/v1/vouchers/{code}/transactions", list_voucher_transactions),
    ("/v1/customers", list_customers),
    ("/v1/customers/{customerId}", get_customer),
    ("/v1/redemptions", list_redemptions),
    ("/v1/redemptions/{redemptionId}", get_redemption),
    ("/v1/campaigns", list_campaigns),
    ("/v1/campaigns/{campaignId}", get_campaign),
    ("/v1/orders", list_orders),
    ("/v1/orders/{orderId}", get_order),
)
