"""Payloads have the names that the vendor's specification asks for, and no others."""

from functools import cache
from typing import Any

import pytest

from tests.voucherify_sync.simulator.specification import (
    Problem,
    problems,
    schema_of,
    specification,
    vendors_own,
)
from voucherify_sync.simulator.history import worlds
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.teller import Teller
from voucherify_sync.simulator.wire import written

Told = list[tuple[str, Any]]

WITHOUT_SCHEMA = {
    "campaign.earning_rule.assigned",
    "campaign.reward.assignment.created",
    "loyalty_card.pending_points.updated",
}


@cache
def told() -> Told:
    """Everything that a world tells, before a marketer's designs."""
    found: Told = []
    webhook, distribution = Teller.webhook, Teller.distribution

    def tell(teller: Teller, type_: str, entity_id: str, data: Any, **more: Any) -> None:
        found.append((type_, written(data)))
        webhook(teller, type_, entity_id, data, **more)

    def tell_by_distribution(teller: Teller, type_: str, entity_id: str, data: Any) -> None:
        found.append((type_, written(data)))
        distribution(teller, type_, entity_id, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Teller, "webhook", tell)
        patch.setattr(Teller, "distribution", tell_by_distribution)
        worlds(SimulationOptions(seed=1, events=3_500, noise=0))
    return found


@pytest.mark.skipif(specification() is None, reason="the vendor's specification is not at hand")
def test_every_payload_keeps_to_the_vendors_schema() -> None:
    """Nothing that is required is missing, nothing is there that no schema and no example has."""
    found: set[tuple[str, Problem]] = set()
    for type_, data in told():
        schema = schema_of(type_)
        if schema is None:
            assert type_ in WITHOUT_SCHEMA, type_
        else:
            found |= {(type_, problem) for problem in problems(data, schema)}
    assert set() == {(type_, problem) for type_, problem in found if problem not in vendors_own()}


@pytest.mark.skipif(specification() is None, reason="the vendor's specification is not at hand")
def test_nearly_every_event_type_with_a_schema_is_told() -> None:
    """Of the documented event types only those are missing that no happening here leads to."""
    documented = {
        name.removeprefix("EVENTS.").lower()
        for name in (specification() or {})["webhooks"]
        if "PROMOTION_TIER" not in name and "BUS_VAL_RULE" not in name
    }
    never = {
        "customer.holder.assignment.created",
        "customer.holder.assignment.deleted",
        "customer.reward_redemptions.pending",
        "campaign.loyalty_tier.deleted",
        "distribution.manual_distribution_schedule",
    }
    seldom = {"campaign.enabled", "campaign.disabled", "campaign.deleted"}
    assert never <= documented
    assert set() == documented - never - seldom - {type_ for type_, _ in told()}
