"""The kinds of things that the state keeps, and what is particular about each: a table.

A kind says which nested objects are merged field by field (all others are replaced as a whole), and
which fields are looked up by. Adding a kind adds a row here and asks for no migration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    `structs` are the nested objects whose fields are told apart: a simple form that lacks one of
    them must not erase it. `name`, `voucher`, `campaign`, `customer` name the fields that hold what
    the thing is called and which other things it belongs to; `created` the moment it is listed by.
    `counters` only grow: of two tellings of one version the larger is the later, whatever the
    moments of their events. What `goes_with_campaign` is not there any more when its campaign is
    deleted. Of a `personal` kind everything told belongs to the customer of its customer field, to
    all of them where tellings differ, and is erased with the first that is deleted (see
    `state/personal.py`). A `definition` is set up by a marketer: it names no customer, and
    what is called `customer` in it is part of a formula.
    """

    name_field: str | None = None
    voucher_field: str | None = None
    campaign_field: str | None = None
    customer_field: str | None = None
    created_field: str = "created_at"
    structs: frozenset[str] = field(default_factory=frozenset)
    counters: frozenset[str] = field(default_factory=frozenset)
    goes_with_campaign: bool = False
    personal: bool = False
    definition: bool = False


VOUCHER: Final = "voucher"
CUSTOMER: Final = "customer"
CAMPAIGN: Final = "campaign"
PUBLICATION: Final = "publication"
REDEMPTION: Final = "redemption"
ORDER: Final = "order"
TRANSACTION: Final = "transaction"
PENDING_POINTS: Final = "pending_points"
POINTS_BUCKET: Final = "points_bucket"
LOYALTY_TIER: Final = "loyalty_tier"
MEMBERSHIP: Final = "membership"
SEGMENT: Final = "segment"
SEGMENT_MEMBERSHIP: Final = "segment_membership"
CONSENT: Final = "consent"
HOLDER: Final = "holder"
PROMOTION_TIER: Final = "promotion_tier"
PROMOTION_STACK: Final = "promotion_stack"
EARNING_RULE: Final = "earning_rule"
REFERRAL_TIER: Final = "referral_tier"
REWARD: Final = "reward"
REWARD_ASSIGNMENT: Final = "reward_assignment"
REWARD_REDEMPTION: Final = "reward_redemption"
VALIDATION_RULE: Final = "validation_rule"
VALIDATION_ASSIGNMENT: Final = "validation_assignment"
DISTRIBUTION: Final = "distribution"
CUSTOM_EVENT: Final = "custom_event"
TRACKING: Final = "tracking"
EVENT: Final = "event"

CAMPAIGN_ID: Final = "$campaign_id"
"""The campaign of a thing whose forms name it in different places."""
CUSTOMER_ID: Final = "$customer_id"
"""The customer of a thing that may name them by other words, or not at all."""
HELD: Final = "held"
"""The ids of the things that an event holds, by their names there."""


def _set_up_in_a_campaign(name_field: str | None = None, voucher_field: str | None = None) -> Kind:
    return Kind(
        name_field=name_field,
        voucher_field=voucher_field,
        campaign_field=CAMPAIGN_ID,
        goes_with_campaign=True,
        definition=True,
    )


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        VOUCHER: Kind(
            name_field="code",
            campaign_field="campaign_id",
            customer_field="holder_id",
            structs=frozenset({"loyalty_card", "gift", "redemption", "publish", "assets"}),
            counters=frozenset(
                {
                    "loyalty_card.points",
                    "loyalty_card.expired_points",
                    "loyalty_card.subtracted_points",
                    "gift.amount",
                    "redemption.redeemed_amount",
                    "redemption.redeemed_points",
                    "redemption.redeemed_quantity",
                }
            ),
            goes_with_campaign=True,
        ),
        CUSTOMER: Kind(name_field="source_id"),
        CAMPAIGN: Kind(name_field="name", structs=frozenset({"voucher"}), definition=True),
        PUBLICATION: Kind(
            name_field="source_id",
            voucher_field="$voucher_id",
            campaign_field=CAMPAIGN_ID,
            customer_field="customer_id",
        ),
        REDEMPTION: Kind(
            name_field="redemption",
            voucher_field="$voucher_id",
            campaign_field=CAMPAIGN_ID,
            customer_field="customer_id",
            created_field="date",
        ),
        ORDER: Kind(name_field="source_id", customer_field="customer_id"),
        TRANSACTION: Kind(
            voucher_field="voucher_id",
            campaign_field="campaign_id",
            structs=frozenset({"details", "details.balance"}),
        ),
        PENDING_POINTS: Kind(
            voucher_field="voucher_id",
            campaign_field="campaign_id",
            customer_field="customer_id",
        ),
        POINTS_BUCKET: Kind(voucher_field="voucher_id", campaign_field="campaign_id"),
        LOYALTY_TIER: Kind(campaign_field="campaign_id", goes_with_campaign=True, definition=True),
        MEMBERSHIP: Kind(
            campaign_field="campaign_id", customer_field="customer_id", goes_with_campaign=True
        ),
        SEGMENT: Kind(name_field="name", definition=True),
        SEGMENT_MEMBERSHIP: Kind(
            name_field="segment_id", customer_field="customer_id", personal=True
        ),
        CONSENT: Kind(name_field="consent_id", customer_field="customer_id", personal=True),
        HOLDER: Kind(
            voucher_field="redeemable_id",
            campaign_field="campaign_id",
            customer_field="customer_id",
            goes_with_campaign=True,
        ),
        PROMOTION_TIER: _set_up_in_a_campaign("name"),
        PROMOTION_STACK: _set_up_in_a_campaign("name"),
        EARNING_RULE: _set_up_in_a_campaign(),
        REFERRAL_TIER: _set_up_in_a_campaign(),
        REWARD: Kind(name_field="name", definition=True),
        REWARD_ASSIGNMENT: _set_up_in_a_campaign("reward_id"),
        REWARD_REDEMPTION: Kind(
            name_field="reward_assignment_id",
            voucher_field="voucher_id",
            campaign_field="campaign_id",
            customer_field="customer_id",
        ),
        VALIDATION_RULE: Kind(name_field="name", definition=True),
        # It belongs to a voucher, campaign, earning rule …: by whichever id, in one column.
        VALIDATION_ASSIGNMENT: _set_up_in_a_campaign("rule_id", voucher_field="related_object_id"),
        DISTRIBUTION: Kind(),
        CUSTOM_EVENT: Kind(name_field="type", customer_field=CUSTOMER_ID, personal=True),
        # What a publication or redemption was tracked by, where that may be a person's source id.
        TRACKING: Kind(customer_field="customer_id", personal=True),
        # By voucher and campaign its customer's or a member's activity is narrowed.
        EVENT: Kind(
            voucher_field=f"{HELD}.voucher",
            campaign_field=f"{HELD}.campaign",
            customer_field=CUSTOMER_ID,
            structs=frozenset({"data", HELD}),
            personal=True,
        ),
    }
)

PARTS: Final = frozenset(
    {
        TRANSACTION,
        PENDING_POINTS,
        POINTS_BUCKET,
        MEMBERSHIP,
        SEGMENT_MEMBERSHIP,
        CONSENT,
        CUSTOM_EVENT,
        TRACKING,
        EVENT,
    }
)
"""Kinds that are read by what they belong to and never all together, so no index has them by date.

The indexes name these kinds: another set of them is a migration.
"""

PERSONAL: Final = frozenset(name for name, kind in KINDS.items() if kind.personal)


def tracking_id(kind: str, id_: str) -> str:
    """The id of what a thing was tracked by; see `state/subjects.py`, which says it in SQL."""
    return f"{kind}/{id_}"


HIDDEN: Final = "$"
"""Begins the name of a field that is for looking up only, and no field of the vendor's object."""

TOLD_AT: Final = "$told_at"
"""When a thing was told that does not say itself when it was made."""

UPDATED_AT: Final = "$updated_at"
"""When a thing was told to be updated that does not say itself when that was."""

OPENING: Final = "$opening"
"""What a card was created with: its balance, and the moment in ms at which that was told."""


def flatten(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a told object as paths; a struct's fields get a path each (`loyalty_card.points`).

    The struct itself leaves `loyalty_card.` (with nothing behind the dot), so that an empty object
    differs from an absent one.
    """
    flat = dict(fields)
    # A name with a dot is no field of the vendor's, and could pose as a struct's field.
    if "." in "".join(flat):
        flat = {name: value for name, value in flat.items() if "." not in name}
    for struct in kind.structs & flat.keys():
        if isinstance(flat[struct], dict):
            _flatten_into(flat, kind.structs, struct, flat.pop(struct))
    return flat


def _flatten_into(
    flat: dict[str, Any], structs: frozenset[str], struct: str, told: dict[str, Any]
) -> None:
    begins = f"{struct}."
    flat[begins] = True
    for name, value in told.items():
        if name and "." not in name:
            path = begins + name
            if path in structs and isinstance(value, dict):
                _flatten_into(flat, structs, path, value)
            else:
                flat[path] = value
