"""Writes docs/coverage.md from the tables: event → facts → where it is read.

Run `python -m tests.meta.coverage` after an event, a kind or a path was added.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from handlers import table
from handlers.telling import Tells
from query import routes
from schemas import registry
from state import kinds
from state.facts import Entered, Gone

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "coverage.md"

_MEMBER: Final = "/v1/loyalties/members/{memberId}"
_MEMBER_OF: Final = "/v1/loyalties/{campaignId}/members/{memberId}"

READ_AT: Final = MappingProxyType(
    {
        kinds.VOUCHER: (
            "/v1/vouchers",
            "/v1/vouchers/{code}",
            "/v1/loyalties/{campaignId}/members",
            _MEMBER,
            _MEMBER_OF,
        ),
        kinds.CUSTOMER: ("/v1/customers", "/v1/customers/{customerId}"),
        kinds.CAMPAIGN: (
            "/v1/campaigns",
            "/v1/campaigns/{campaignId}",
            "/v1/campaigns/{campaignId}/summary",
            "/v1/loyalties",
            "/v1/loyalties/{campaignId}",
        ),
        kinds.PUBLICATION: ("/v1/publications",),
        kinds.REDEMPTION: (
            "/v1/redemptions",
            "/v1/redemptions/{redemptionId}",
            "/v1/vouchers/{code}/redemption",
        ),
        kinds.ORDER: ("/v1/orders", "/v1/orders/{orderId}"),
        kinds.TRANSACTION: (
            "/v1/vouchers/{code}/transactions",
            f"{_MEMBER}/transactions",
            f"{_MEMBER_OF}/transactions",
            "/v1/loyalties/{campaignId}/transactions",
            "/v1/campaigns/{campaignId}/transactions",
        ),
        kinds.PENDING_POINTS: (
            f"{_MEMBER}/pending-points",
            f"{_MEMBER_OF}/pending-points",
            "/v1/loyalties/{campaignId}/pending-points",
        ),
        kinds.POINTS_BUCKET: (f"{_MEMBER_OF}/points-expiration",),
        kinds.LOYALTY_TIER: (
            "/v1/loyalties/{campaignId}/tiers",
            "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}",
        ),
        kinds.MEMBERSHIP: (f"{_MEMBER}/tiers",),
        kinds.SEGMENT: ("/v1/segments/{segmentId}",),
        kinds.SEGMENT_MEMBERSHIP: ("/v1/customers/{customerId}/segments", "/v1/customers"),
        kinds.CONSENT: (),
        kinds.HOLDER: (
            "/v1/referrals/members/{memberId}/holders",
            "/v1/referrals/{campaignId}/members/{memberId}/holders",
        ),
        kinds.PROMOTION_TIER: (
            "/v1/promotions/tiers",
            "/v1/promotions/tiers/{promotionTierId}",
            "/v1/promotions/{campaignId}/tiers",
        ),
        kinds.PROMOTION_STACK: (
            "/v1/promotions/stacks",
            "/v1/promotions/{campaignId}/stacks",
            "/v1/promotions/{campaignId}/stacks/{stackId}",
        ),
        kinds.EARNING_RULE: (
            "/v1/loyalties/{campaignId}/earning-rules",
            "/v1/loyalties/{campaignId}/earning-rules/{earningRuleId}",
            "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}/earning-rules",
        ),
        kinds.REFERRAL_TIER: (),
        kinds.REWARD: (
            "/v1/rewards",
            "/v1/rewards/{rewardId}",
            f"{_MEMBER}/rewards",
            "/v1/loyalties/{campaignId}/reward-assignments/{assignmentId}/reward",
        ),
        kinds.REWARD_ASSIGNMENT: (
            "/v1/rewards/{rewardId}/assignments",
            "/v1/rewards/{rewardId}/assignments/{assignmentId}",
            "/v1/loyalties/{campaignId}/reward-assignments",
            "/v1/loyalties/{campaignId}/reward-assignments/{assignmentId}",
            "/v1/loyalties/{campaignId}/rewards",
            "/v1/loyalties/{campaignId}/rewards/{assignmentId}",
            "/v1/loyalties/{campaignId}/tiers/{loyaltyTierId}/rewards",
        ),
        kinds.REWARD_REDEMPTION: (),
        kinds.VALIDATION_RULE: (
            "/v1/validation-rules",
            "/v1/validation-rules/{validationRuleId}",
        ),
        kinds.VALIDATION_ASSIGNMENT: (
            "/v1/validation-rules-assignments",
            "/v1/validation-rules/{validationRuleId}/assignments",
        ),
        kinds.DISTRIBUTION: (),
        kinds.CUSTOM_EVENT: (),
        kinds.TRACKING: ("/v1/publications", "/v1/redemptions", "/v1/redemptions/{redemptionId}"),
        kinds.EVENT: (
            "/v1/customers/{customerId}/activity",
            f"{_MEMBER}/activity",
            f"{_MEMBER_OF}/activity",
        ),
    }
)
"""The vendor's paths that answer with things of a kind; for some the vendor has none."""

_BEGINNING: Final = """\
# Coverage

Made by `python -m tests.meta.coverage` from `schemas/registry.py`, `handlers/table.py`,
`state/kinds.py` and `query/routes.py`: change those, not this. A test fails while it is old.

What each event says by its type stands in the first table. What payloads tell beside that is
understood in every event (second table). What is told of no thing is kept with the event itself.
The third table says where each kind of thing is read.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([_BEGINNING, *_events(), "", *_beside(), "", *_kinds(), ""])


def _events() -> Iterator[str]:
    yield "## What an event says by its type"
    yield ""
    yield "| event | family | facts |"
    yield "| --- | --- | --- |"
    for type_, family in sorted(registry.FAMILY_OF_TYPE.items()):
        known_as = registry.canonical_type(type_)
        facts = f"as `{known_as}`" if known_as != type_ else _own(table.TABLE[type_])
        yield f"| `{type_}` | {family} | {facts} |"


def _own(row: table.Row) -> str:
    cells = [cell for cell in row if cell not in table.BESIDE]
    return "<br>".join(_fact(cell) for cell in cells) or "what stands beside"


def _fact(cell: Tells) -> str:
    word = {Gone: "gone", Entered: "entered"}.get(cell.fact, "observed")
    more = "" if cell.says == "the thing itself" else f" ({cell.says})"
    return f"{word}: {_titled(cell.kind)} at `{cell.path}`{more}"


def _beside() -> Iterator[str]:
    yield "## What is understood in every event"
    yield ""
    yield "| at | facts |"
    yield "| --- | --- |"
    for path in sorted({cell.path for cell in table.BESIDE}):
        cells = (_titled(cell.kind) for cell in table.BESIDE if cell.path == path)
        yield f"| `{path}` | {', '.join(dict.fromkeys(cells))} |"


def _kinds() -> Iterator[str]:
    served = {path.template for path in routes.TABLE}
    yield "## Where it is read"
    yield ""
    yield "*Personal* is what is told of one customer and belongs to them."
    yield ""
    yield "| kind | read at | not served yet |"
    yield "| --- | --- | --- |"
    for name, kind in kinds.KINDS.items():
        title = f"{_titled(name)} (personal)" if kind.personal else _titled(name)
        here = _paths(path for path in READ_AT[name] if path in served)
        missing = _paths(path for path in READ_AT[name] if path not in served)
        yield f"| {title} | {here} | {missing} |"


def _paths(paths: Iterable[str]) -> str:
    return "<br>".join(f"`{path}`" for path in paths)


def _titled(kind: str) -> str:
    return kind.replace("_", " ")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
