"""Promotions: the tiers of promotion campaigns, and the stacks that marketers put them together in.

A tier repeats its campaign and its validation rules; both are answered as they are now.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from query import campaigns, conditions, filters, listing, validation_rules, whole
from query.asked import Asked
from query.described import Answer, Value
from query.errors import not_found
from query.listing import Filter, Listing
from query.paths import Path
from schemas import moment
from state import kinds
from state.reader import Thing
from state.selection import AnyOf, Condition, Criteria

_PROMOTION: Final = "PROMOTION"
_CAMPAIGN: Final = (
    "id",
    "start_date",
    "expiration_date",
    "validity_timeframe",
    "validity_day_of_week",
    "validity_hours",
    "active",
    "category_id",
    "object",
)
"""What a tier repeats of its campaign."""


async def _is_available(asked: Asked, name: str) -> Criteria:
    """Active and begun and not expired, the tier and its campaign; moments are told in UTC.

    On which days and hours it holds depends on the project's time zone, which nobody tells.
    """
    if asked.parameters.choice(name, ("true", "false")) != "true":
        return ()
    now = moment.to_text((await asked.reader.standing()).now)
    return (
        Condition("fields.active", "=", value=True),
        _unless_told("campaign.fields.active", "=", value=True),
        *(_unless_told(f"{of}fields.start_date", "<=", now) for of in ("", "campaign.")),
        *(_unless_told(f"{of}fields.expiration_date", ">", now) for of in ("", "campaign.")),
    )


def _unless_told(column: str, operator: Any, value: Any) -> AnyOf:
    return AnyOf(((Condition(column, "is null"),), (Condition(column, operator, value),)))


TIERS: Final = Listing(
    kind=kinds.PROMOTION_TIER,
    data_ref="tiers",
    filters={"is_available": Filter(_is_available, Value("boolean"))},
)
STACKS: Final = Listing(
    kind=kinds.PROMOTION_STACK,
    data_ref="data",
    orders={**listing.BY_DATE, "name": "name"},
    filters={"created_at": filters.period("created"), "updated_at": filters.period("updated")},
    fields={
        "created_at": conditions.moments("created"),
        "updated_at": conditions.moments("updated"),
    },
)


async def get_tier(asked: Asked) -> Thing:
    """A tier by its id."""
    tier = await asked.one(kinds.PROMOTION_TIER, asked.names["promotionTierId"])
    return (await _as_now(asked, [tier]))[0]


async def list_tiers(asked: Asked) -> dict[str, Any]:
    """A page of the tiers of all campaigns."""
    page = await listing.read(asked, TIERS)
    tiers = await _as_now(asked, page.things)
    return listing.envelope(TIERS.data_ref, tiers, total=page.total, has_more=page.has_more)


async def list_campaign_tiers(asked: Asked) -> dict[str, Any]:
    """All tiers of the path's campaign."""
    found = await whole.read(asked, TIERS.kind, await _of_the_campaign(asked))
    tiers = await _as_now(asked, found)
    return listing.envelope(TIERS.data_ref, tiers, total=len(tiers), has_more=False)


async def list_stacks(asked: Asked) -> dict[str, Any]:
    """A page of the stacks of all campaigns."""
    return await listing.answer(asked, STACKS)


async def list_campaign_stacks(asked: Asked) -> dict[str, Any]:
    """All stacks of the path's campaign."""
    found = await whole.read(asked, STACKS.kind, await _of_the_campaign(asked))
    return listing.envelope(STACKS.data_ref, found, total=len(found))


async def get_stack(asked: Asked) -> Thing:
    """A stack by its id, if it is one of the path's campaign."""
    return await asked.one(STACKS.kind, asked.names["stackId"], await _of_the_campaign(asked))


async def _of_the_campaign(asked: Asked) -> Condition:
    """What is of the path's campaign, by its id or name. Raises ApiError (404)."""
    campaign = await campaigns.known(asked, (TIERS.kind, STACKS.kind))
    if campaign.get("campaign_type", _PROMOTION) != _PROMOTION:
        raise not_found(kinds.CAMPAIGN, asked.names["campaignId"])
    return Condition("campaign", "=", campaign["id"])


async def _as_now(asked: Asked, tiers: Sequence[Thing]) -> list[Thing]:
    """Tiers with their campaigns and validation rules joined."""
    if not tiers:
        return []
    ids = {id_ for one in tiers if isinstance(id_ := _campaign_id(one), str)}
    known = await asked.reader.get_many(asked.project, kinds.CAMPAIGN, sorted(ids)) if ids else {}
    assigned = await validation_rules.assigned(asked, [one["id"] for one in tiers])
    return [
        one | _campaign(one, known) | _assignments(one, assigned.get(one["id"], []))
        for one in tiers
    ]


def _campaign_id(tier: Thing) -> Any:
    embedded = tier.get("campaign")
    return tier.get("campaign_id") or (embedded.get("id") if isinstance(embedded, dict) else None)


def _campaign(tier: Thing, known: Mapping[str, Thing]) -> Thing:
    campaign = known.get(str(_campaign_id(tier)))
    if campaign is None:
        return {}
    now = {name: campaign[name] for name in _CAMPAIGN if name in campaign}
    told = tier.get("campaign")
    return {"campaign": told | now if isinstance(told, dict) else now}


def _assignments(tier: Thing, assigned: Sequence[Thing]) -> Thing:
    name = "validation_rule_assignments"
    if not assigned and tier.get(name) is None:
        return {}
    return {name: listing.envelope("data", assigned, total=len(assigned))}


PATHS: Final = (
    listing.path(
        "/v1/promotions/tiers",
        list_tiers,
        "The tiers of all promotions",
        "PromotionTier",
        TIERS,
        beside=("total", "has_more"),
    ),
    Path(
        "/v1/promotions/tiers/{promotionTierId}",
        get_tier,
        "One promotion tier",
        Answer("PromotionTier"),
    ),
    Path(
        "/v1/promotions/{campaignId}/tiers",
        list_campaign_tiers,
        "The tiers of a promotion",
        Answer("PromotionTier", "tiers", ("total", "has_more")),
    ),
    listing.path(
        "/v1/promotions/stacks", list_stacks, "All promotion stacks", "PromotionStack", STACKS
    ),
    Path(
        "/v1/promotions/{campaignId}/stacks",
        list_campaign_stacks,
        "The stacks of a promotion",
        Answer("PromotionStack", "data", ("total",)),
    ),
    Path(
        "/v1/promotions/{campaignId}/stacks/{stackId}",
        get_stack,
        "One stack of a promotion",
        Answer("PromotionStack"),
    ),
)
