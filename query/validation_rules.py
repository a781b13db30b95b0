"""Validation rules, and what they are assigned to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from query import filters, listing, required, whole
from query.asked import Asked
from query.described import Answer
from query.errors import not_found
from query.listing import Listing
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition

RULES: Final = Listing(
    kind=kinds.VALIDATION_RULE,
    data_ref="data",
    orders={**listing.BY_DATE, "name": "name"},
    filters={
        "start_date": filters.bound("created", ">="),
        "end_date": filters.bound("created", "<="),
    },
)
_BY_CREATION: Final = {"created_at": "created"}
ASSIGNMENTS: Final = Listing(
    kind=kinds.VALIDATION_ASSIGNMENT,
    data_ref="data",
    orders=_BY_CREATION,
    filters={
        "related_object_id": filters.equals("voucher"),
        "rule": filters.equals("name"),
    },
)
OF_RULE: Final = Listing(kind=kinds.VALIDATION_ASSIGNMENT, data_ref="data", orders=_BY_CREATION)


async def get_rule(asked: Asked) -> Thing:
    """A rule by its id."""
    return required.validation_rule(
        await asked.get(kinds.VALIDATION_RULE, asked.names["validationRuleId"])
    )


async def list_rules(asked: Asked) -> dict[str, Any]:
    """A page of all rules."""
    page = await listing.read(asked, RULES)
    rules = [required.validation_rule(one) for one in page.things]
    return listing.envelope(RULES.data_ref, rules, total=page.total)


async def list_assignments(asked: Asked) -> dict[str, Any]:
    """A page of the assignments of all rules."""
    return await listing.answer(asked, ASSIGNMENTS)


async def list_rule_assignments(asked: Asked) -> dict[str, Any]:
    """A page of the assignments of the path's rule, which may be known from these only."""
    id_ = asked.names["validationRuleId"]
    of_it = Condition("name", "=", id_)
    if not (
        await asked.reader.get(asked.project, kinds.VALIDATION_RULE, id_)
        or await asked.first(kinds.VALIDATION_ASSIGNMENT, of_it)
    ):
        raise not_found(kinds.VALIDATION_RULE, id_)
    return await listing.answer(asked, OF_RULE, of_it)


async def assigned(asked: Asked, ids: Sequence[str]) -> Mapping[str, Sequence[Thing]]:
    """The assignments to each of some things."""
    to_these = Condition("voucher", "in", tuple(ids))
    found: dict[str, list[Thing]] = {}
    for one in await whole.read(asked, kinds.VALIDATION_ASSIGNMENT, to_these):
        found.setdefault(one["related_object_id"], []).append(one)
    return found


PATHS: Final = (
    listing.path(
        "/v1/validation-rules", list_rules, "All validation rules", "ValidationRule", RULES
    ),
    Path(
        "/v1/validation-rules/{validationRuleId}",
        get_rule,
        "One validation rule",
        Answer("ValidationRule"),
    ),
    listing.path(
        "/v1/validation-rules/{validationRuleId}/assignments",
        list_rule_assignments,
        "What a validation rule is assigned to",
        "ValidationRuleAssignment",
        OF_RULE,
    ),
    listing.path(
        "/v1/validation-rules-assignments",
        list_assignments,
        "What all validation rules are assigned to",
        "ValidationRuleAssignment",
        ASSIGNMENTS,
    ),
)
