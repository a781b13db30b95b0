"""The table from event types to facts: for each type, which fact stands where in its payload.

Adding an event type adds a row. A row names what the event is about and what is special in it; what
every payload may tell beside that (`BESIDE`) is understood in every row.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from handlers import loyalty, openings, publications, redemptions
from handlers.telling import Telling, Tells, begun, gone, mention, subject
from schemas import registry
from schemas.envelope import Envelope
from state import kinds
from state.facts import Fact, Rank

BESIDE: Final = (
    mention(kinds.VOUCHER, "voucher"),
    mention(kinds.VOUCHER, "vouchers"),
    mention(kinds.VOUCHER, "source_voucher"),
    mention(kinds.VOUCHER, "destination_voucher"),
    mention(kinds.CAMPAIGN, "campaign"),
    mention(kinds.CUSTOMER, "customer"),
    mention(kinds.CUSTOMER, "holder"),
    mention(kinds.CUSTOMER, "referrer"),
    mention(kinds.ORDER, "order"),
    publications.MENTION,
    *publications.INSIDE,
    redemptions.mention("redemption"),
    redemptions.mention("redemption_rollback"),
    redemptions.mention("rollback"),
    loyalty.ENTRY,
    loyalty.BALANCE,
    *loyalty.TIERS,
)

Row = tuple[Tells, ...]


def _row(*cells: Tells) -> Row:
    """A row's own cells, and of what stands beside only what they do not speak of already."""
    spoken_of = {(cell.path, cell.says) for cell in cells}
    return (*cells, *(cell for cell in BESIDE if (cell.path, cell.says) not in spoken_of))


_CARD = subject(kinds.VOUCHER, "voucher")
_NEW_CARD = begun(kinds.VOUCHER, "voucher")
_OF_THE_CARD = loyalty.of_the_card(kinds.PENDING_POINTS, "pending_points")
_PENDING = (subject(kinds.PENDING_POINTS, "pending_points"), _OF_THE_CARD)
_NO_LONGER_PENDING = gone(kinds.PENDING_POINTS, "pending_points")
_CUSTOMER = subject(kinds.CUSTOMER, "customer")
_CAMPAIGN = subject(kinds.CAMPAIGN, "campaign")
_ORDER = subject(kinds.ORDER, "order")
_REDEEMED = (redemptions.subject("redemption"), _CARD, _ORDER)
_ROLLED_BACK = (redemptions.subject("redemption_rollback"), _CARD, _ORDER)

_SPECIAL: Final[dict[str, Row]] = {
    # Cards and gift cards, their ledgers, pending points.
    "voucher.loyalty_card.points_added": (_CARD,),
    "voucher.loyalty_card.points_expired": (
        _CARD,
        subject(kinds.POINTS_BUCKET, "buckets"),
        loyalty.of_the_card(kinds.POINTS_BUCKET, "buckets"),
    ),
    "voucher.loyalty_card.transaction.created": (_CARD,),
    "voucher.loyalty_card.pending_points.added": (
        _CARD,
        begun(kinds.PENDING_POINTS, "pending_points"),
        _OF_THE_CARD,
    ),
    "voucher.loyalty_card.pending_points.updated": (_CARD, *_PENDING),
    "voucher.loyalty_card.pending_points.activated": (_CARD, _NO_LONGER_PENDING),
    "voucher.loyalty_card.pending_points.canceled": (_CARD, _NO_LONGER_PENDING),
    "voucher.gift.balance_added": (_CARD,),
    "voucher.gift.transaction.created": (_CARD,),
    # Vouchers.
    "voucher.created": (_NEW_CARD, openings.OPENING),
    "voucher.updated": (_CARD,),
    "voucher.enabled": (_CARD,),
    "voucher.disabled": (_CARD,),
    "voucher.deleted": (gone(kinds.VOUCHER, "voucher"),),
    # Publications.
    "voucher.published": (publications.SUBJECT, _CARD),
    "publication.succeeded": (publications.SUBJECT,),
    # Tiers.
    "customer.loyalty.tier.joined": loyalty.joined("loyalty_tier"),
    "customer.loyalty.tier.prolonged": loyalty.moved_to("loyalty_tier"),
    "customer.loyalty.tier.upgraded": loyalty.moved_to("loyalty_tier_to"),
    "customer.loyalty.tier.downgraded": loyalty.moved_to("loyalty_tier_to"),
    "customer.loyalty.tier.left": loyalty.left("loyalty_tier"),
    "campaign.loyalty_tier.created": (loyalty.tier_subject("loyalty_tier", Rank.BEGUN),),
    "campaign.loyalty_tier.updated": (loyalty.tier_subject("loyalty_tier"),),
    "campaign.loyalty_tier.deleted": (gone(kinds.LOYALTY_TIER, "loyalty_tier"),),
    # Customers.
    "customer.created": (begun(kinds.CUSTOMER, "customer"),),
    "customer.updated": (_CUSTOMER,),
    "customer.confirmed": (_CUSTOMER,),
    "customer.deleted": (gone(kinds.CUSTOMER, "customer"),),
    "customer.segment.entered": (_CUSTOMER,),
    "customer.segment.left": (_CUSTOMER,),
    # Campaigns.
    "campaign.created": (begun(kinds.CAMPAIGN, "campaign"),),
    "campaign.updated": (_CAMPAIGN,),
    "campaign.enabled": (_CAMPAIGN,),
    "campaign.disabled": (_CAMPAIGN,),
    "campaign.deleted": (gone(kinds.CAMPAIGN, "campaign"),),
    # Redemptions and orders.
    "redemption.succeeded": _REDEEMED,
    "redemption.failed": _REDEEMED,
    "redemption.rollback.succeeded": _ROLLED_BACK,
    "redemption.rollback.failed": _ROLLED_BACK,
    "customer.order.created": (begun(kinds.ORDER, "order"),),
    "customer.order.updated": (_ORDER,),
    "customer.order.paid": (_ORDER,),
    "customer.order.canceled": (_ORDER,),
}

TABLE: Final = MappingProxyType(
    {
        type_: _row(*_SPECIAL.get(type_, ()))
        for type_ in sorted({registry.canonical_type(type_) for type_ in registry.FAMILY_OF_TYPE})
    }
)


def _by_name(row: Row) -> dict[str, list[Tells]]:
    """The cells by the key of the payload that they look under: most payloads have few of them."""
    cells: dict[str, list[Tells]] = {}
    for cell in row:
        cells.setdefault(cell.name, []).append(cell)
    return cells


_BY_NAME: Final = MappingProxyType({type_: _by_name(row) for type_, row in TABLE.items()})


def facts(envelope: Envelope) -> Iterator[Fact]:
    """All facts that an event tells; none for an event type that is not documented."""
    row = _BY_NAME.get(registry.canonical_type(envelope.event_type), {})
    telling = Telling(envelope.project_id, envelope.created_at, payload(envelope.data))
    for name, cells in row.items():
        if telling.data.get(name) is not None:
            for cell in cells:
                yield from cell.make(telling)


def payload(data: dict[str, Any]) -> dict[str, Any]:
    """The payload, in the one form that the rows speak of.

    The vendor's schema of `publication.succeeded` wraps the payload in a second `data`. An older
    payload may be the object itself, where newer ones hold it under its name.
    """
    inner = data.get("data")
    if len(data) == 1 and isinstance(inner, dict):
        return payload(inner)
    name = data.get("object")
    if isinstance(name, str) and isinstance(data.get("id"), str):
        return {**data, name: data}
    return data
