"""Validation rules, and what they are assigned to."""

from typing import Any

import pytest

from tests.factories import at, webhook
from tests.query.world import World


def rule(id_: str = "val_1", made: int = 1, **more: Any) -> dict[str, Any]:
    """A rule."""
    return {
        "id": id_,
        "name": f"Rule {id_}",
        "rules": {"1": {"name": "order.amount", "conditions": {"$more_than": [1]}}, "logic": "1"},
        "applicable_to": {"excluded": [], "included": [], "included_all": False},
        "type": "expression",
        "context_type": "global",
        "created_at": at(made),
        "object": "validation_rules",
        **more,
    }


def assignment(id_: str, to: str, made: int = 1, rule_id: str = "val_1") -> dict[str, Any]:
    """A rule's assignment."""
    return {
        "id": id_,
        "rule_id": rule_id,
        "related_object_id": to,
        "related_object_type": "voucher",
        "created_at": at(made),
        "object": "validation_rules_assignment",
    }


def assigned(*told: Any, what: str = "created") -> dict[str, Any]:
    """A rule was assigned to something, or is not any more."""
    return webhook(f"business_validation_rule.assignment.{what}", {"assignment": assignment(*told)})


RULES = {
    "": ["val_3", "val_2", "val_1"],
    "order=created_at": ["val_1", "val_2", "val_3"],
    "order=-name": ["val_2", "val_1", "val_3"],
    "order=updated_at": ["val_1", "val_3", "val_2"],
    f"start_date={at(2)}": ["val_3", "val_2"],
    f"end_date={at(2)}": ["val_2", "val_1"],
    f"start_date={at(2)}&end_date={at(2)}": ["val_2"],
    "start_date=2025-03-02": [],
    "limit=1&page=2": ["val_2"],
}


@pytest.mark.parametrize("query", RULES)
async def test_rules_are_listed(world: World, query: str) -> None:
    """From the start to the end of a period, both of which are in it."""
    told = (
        rule("val_1", 1, updated_at=at(4)),
        rule("val_2", 2, name="Z"),
        rule("val_3", 3, name="A", updated_at=at(5)),
    )
    gone = rule("val_4", 4)
    await world.tell(
        *(webhook("business_validation_rule.created", {"rule": one}) for one in (*told, gone)),
        webhook("business_validation_rule.deleted", {"rule": gone}),
    )

    assert RULES[query] == await world.ids(f"/v1/validation-rules?{query}")
    assert 404 == await world.status("/v1/validation-rules/val_4")
    assert told[1] == await world.get("/v1/validation-rules/val_2")


async def test_a_rule_has_what_the_vendors_always_has(world: World) -> None:
    """It is null where nobody told it; what may be missing is absent."""
    told = {"id": "val_1", "name": "Short", "created_at": at(1)}
    await world.tell(webhook("business_validation_rule.updated", {"rule": told}))

    never = {"rules": None, "applicable_to": None, "type": None, "context_type": None}
    assert told | never == await world.get("/v1/validation-rules/val_1")
    assert [told | never] == (await world.get("/v1/validation-rules"))["data"]


async def test_a_rule_that_was_made_nobody_knows_when_is_in_no_period(world: World) -> None:
    """When it was made is unknown, so it is on no side of any moment."""
    await world.tell(webhook("business_validation_rule.updated", {"rule": {"id": "val_1"}}))

    assert ["val_1"] == await world.ids("/v1/validation-rules")
    assert [] == await world.ids("/v1/validation-rules?end_date=2025-01-01")
    assert [] == await world.ids("/v1/validation-rules?start_date=2025-01-01")


ASSIGNMENTS = {
    "": ["asgm_3", "asgm_2", "asgm_1"],
    "order=created_at": ["asgm_1", "asgm_2", "asgm_3"],
    "rule=val_1": ["asgm_2", "asgm_1"],
    "related_object_id=v_1": ["asgm_3", "asgm_1"],
    "related_object_id=v_1&rule=val_1": ["asgm_1"],
    "rule=val_9": [],
    "limit=2&page=2": ["asgm_1"],
}


@pytest.mark.parametrize("query", ASSIGNMENTS)
async def test_assignments_are_listed(world: World, query: str) -> None:
    """Of all rules, or of one, or to one thing."""
    await world.tell(
        assigned("asgm_1", "v_1", 1),
        assigned("asgm_2", "v_2", 2),
        assigned("asgm_3", "v_1", 3, "val_2"),
        assigned("asgm_4", "v_1", 4),
        assigned("asgm_4", "v_1", 4, what="deleted"),
    )

    assert ASSIGNMENTS[query] == await world.ids(f"/v1/validation-rules-assignments?{query}")


async def test_the_assignments_of_a_rule(world: World) -> None:
    """Also of one that is known from them only."""
    await world.tell(
        webhook("business_validation_rule.created", {"rule": rule("val_9")}),
        assigned("asgm_1", "v_1", 1),
        assigned("asgm_2", "v_2", 2),
        assigned("asgm_3", "v_1", 3, "val_2"),
    )

    path = "/v1/validation-rules/val_1/assignments"
    assert {
        "object": "list",
        "data_ref": "data",
        "data": [assignment("asgm_2", "v_2", 2), assignment("asgm_1", "v_1", 1)],
        "total": 2,
    } == await world.get(path)
    assert ["asgm_1", "asgm_2"] == await world.ids(f"{path}?order=created_at")
    assert [] == await world.ids("/v1/validation-rules/val_9/assignments")
    assert 404 == await world.status("/v1/validation-rules/val_8/assignments")
