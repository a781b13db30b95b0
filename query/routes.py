"""The table of paths: what is served, and by which handler; the rows stand with their resources.

The vendor's paths under `/v1`, as its API v2018-08-01 documents them.
"""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute

from query import (
    activities,
    campaigns,
    customers,
    earning_rules,
    holders,
    ledgers,
    members,
    orders,
    points,
    programme_rewards,
    promotions,
    publications,
    redemptions,
    rewards,
    segments,
    summaries,
    tiers,
    validation_rules,
    vouchers,
)
from query.endpoint import QueryApi
from query.keys import ApiKey, KeyRing, Keys
from query.manners import DEFAULT, Manners
from query.paths import Path, Paths
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


TABLE: Final[tuple[Path, ...]] = (
    *members.PATHS,
    *ledgers.PATHS,
    *points.PATHS,
    *tiers.PATHS,
    *earning_rules.PATHS,
    *programme_rewards.PATHS,
    *publications.PATHS,
    *vouchers.PATHS,
    *customers.PATHS,
    *activities.PATHS,
    *redemptions.PATHS,
    *campaigns.PATHS,
    *summaries.PATHS,
    *orders.PATHS,
    *segments.PATHS,
    *promotions.PATHS,
    *rewards.PATHS,
    *validation_rules.PATHS,
    *holders.PATHS,
)


def routes(
    *, reader: StateReader, keys: Sequence[ApiKey] | Keys, manners: Manners = DEFAULT
) -> list[BaseRoute]:
    """The query API over a state, for anyone with one of the keys; without keys, for anyone."""
    return [query_api(reader, keys, manners)]


def query_api(
    reader: StateReader, keys: Sequence[ApiKey] | Keys, manners: Manners = DEFAULT
) -> QueryApi:
    """The route of all paths in the table."""
    return QueryApi(reader, KeyRing(keys), Paths(TABLE), VENDOR_RESOURCES, manners)
