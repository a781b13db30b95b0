"""Every path's answers are of the vendor's own schemas, whatever was told.

For all that a simulation tells, and for all of the vendor's example payloads. In what the vendor's
own example answers are not of its schemas (fields that are null), ours need not be.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final
from urllib.parse import quote

import pytest

from query.paths import Path
from query.routes import TABLE
from schemas import envelope
from schemas.envelope import Envelope
from state import kinds
from state.selection import Condition, Criteria, Selection
from tests.factories import webhook
from tests.query import vendor
from tests.query.world import World
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions

pytestmark = pytest.mark.skipif(
    not vendor.IS_THERE, reason="the vendor's specifications are not beside this checkout"
)

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "memberId": (kinds.VOUCHER, "code"),
    "code": (kinds.VOUCHER, "code"),
    "campaignId": (kinds.CAMPAIGN, "id"),
    "customerId": (kinds.CUSTOMER, "id"),
    "redemptionId": (kinds.REDEMPTION, "id"),
    "orderId": (kinds.ORDER, "id"),
    "segmentId": (kinds.SEGMENT, "id"),
    "promotionTierId": (kinds.PROMOTION_TIER, "id"),
    "stackId": (kinds.PROMOTION_STACK, "id"),
    "rewardId": (kinds.REWARD, "id"),
    "assignmentId": (kinds.REWARD_ASSIGNMENT, "id"),
    "validationRuleId": (kinds.VALIDATION_RULE, "id"),
    "earningRuleId": (kinds.EARNING_RULE, "id"),
    "loyaltyTierId": (kinds.LOYALTY_TIER, "id"),
}
"""What each parameter of a path names, and by which field."""

NOT_SIMULATED: Final = ("/v1/promotions/", "/v1/referrals/")
"""What no simulation tells of; other tests ask for these."""

OF_EACH_SORT: Final[Mapping[str, Sequence[Criteria]]] = {
    kinds.VOUCHER: (
        (Condition("fields.type", "=", "LOYALTY_CARD"),),
        (Condition("fields.is_referral_code", "=", value=True),),
        (Condition("fields.type", "!=", "LOYALTY_CARD"),),
    )
}
"""Some of each, where the newest of a kind are all alike."""

FEW: Final = 12
"""So many things of a kind are asked for; where a path names two, so many of each."""


def documented() -> list[Path]:
    """The paths that the vendor has, too."""
    spec = vendor.specification("api-v2018-08-01")["paths"] if vendor.IS_THERE else {}
    return [path for path in TABLE if path.template in spec]


async def test_answers_about_what_a_simulation_tells(world: World) -> None:
    """All kinds of things, with all of their histories."""
    made = schedule(SimulationOptions(cards=12, seed=6))
    read = [envelope.read(delivery.body) for delivery in made.deliveries]
    told = [event for event in read if isinstance(event, Envelope)]
    await world.tell_read(told)

    found = await mistakes(world, told[0].project_id)

    assert {} == {template: wrong for template, wrong in found.items() if wrong}
    unasked = {path.template for path in documented()} - found.keys()
    assert [] == [template for template in unasked if not template.startswith(NOT_SIMULATED)]


@pytest.mark.parametrize("number", range(33))
async def test_answers_about_what_an_example_tells(world: World, number: int) -> None:
    """Whatever the example leaves out."""
    event_type, payload = list(vendor.examples())[number]
    told = webhook(event_type, payload)
    await world.tell(told)

    found = await mistakes(world, told["project_id"])

    assert {} == {template: wrong for template, wrong in found.items() if wrong}


async def mistakes(world: World, project: str) -> dict[str, list[str]]:
    """Where answers differ from the vendor's schemas, by the templates of what was answered."""
    names = {name: await _names(world, project, *kind) for name, kind in KINDS.items()}
    found: dict[str, list[str]] = {}
    for path in documented():
        for asked in _filled(path.template, names):
            answer = await world.ask(asked)
            if answer.status_code != 404:
                assert 200 == answer.status_code, (asked, answer.text)
                wrong = vendor.mistakes(path.template, answer.json(), required=True)
                excused = vendor.null_in_examples()
                ours = [one for one in wrong if vendor.null_at(one) not in excused]
                found.setdefault(path.template, []).extend(ours)
    return found


async def _names(world: World, project: str, kind: str, field: str) -> list[str]:
    found: list[str] = []
    for condition in OF_EACH_SORT.get(kind, ((),)):
        things = await world.reader.find(Selection(project, kind, condition, limit=FEW))
        found += [thing[field] for thing in things if field in thing]
    return found


def _filled(template: str, names: Mapping[str, list[str]]) -> Iterable[str]:
    parameters = re.findall(r"{(\w+)}", template)
    for values in product(*(names[name] for name in parameters)):
        named = zip(parameters, values, strict=True)
        given = {name: quote(value, safe="") for name, value in named}
        yield template.format(**given)
