"""The examples of the vendor's webhooks, told to us and read by the vendor's SDK.

Its models for Python validate what they are given, down to each enumeration. The specification is
not part of the project: without it beside the checkout this skips.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from tests.query import vendor
from tests.sdk.conftest import Asked
from tests.sdk.driven import Sdk
from tests.sdk.questions import QUESTIONS
from tests.sdk.test_python import changed, snake

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not vendor.IS_THERE, reason="the vendor's specification is not here"),
]

_THINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("voucher",),
    "memberId": ("voucher",),
    "campaignId": ("campaign",),
    "customerId": ("customer",),
    "redemptionId": ("redemption", "redemption_rollback"),
    "orderId": ("order",),
    "rewardId": ("reward",),
    "assignmentId": ("reward_assignment",),
    "earningRuleId": ("earning_rule",),
    "loyaltyTierId": ("loyalty_tier", "loyalty_tier_to"),
    "promotionTierId": ("promotion_tier",),
    "validationRuleId": ("rule",),
    "segmentId": ("segment",),
}
"""Under which names a payload holds what a parameter of a path names."""

REFUSED: Final = "1 validation error for ReferralProgramRefereeReward\namount\n"
"""The specification has an integer, as the example tells, and the SDK's model a text."""

_WITH_CAMPAIGNS: Final = (
    "/v1/campaigns",
    "/v1/campaigns/{campaignId}",
    "/v1/campaigns/{campaignId}/summary",
)


@pytest.mark.parametrize("path", QUESTIONS)
async def test_every_answer_is_valid(examples: Asked, python_sdk: Sdk, path: str) -> None:
    """Whatever the examples speak of, the SDK takes the answer and changes nothing of it."""
    methods = [name for name, found in (await python_sdk.methods()).items() if found == path]
    wrong: list[str] = []
    for names in _asked_for(path):
        for method in methods:
            returned = await python_sdk.call(examples.client, method, names)
            if REFUSED in str(returned.body.get("message")):
                assert path in _WITH_CAMPAIGNS
                continue
            assert returned.status in (200, 404), (names, returned)
            wrong += changed(returned)

    assert "" == "\n".join(wrong[:20])


async def test_they_were_told(examples: Asked, python_sdk: Sdk) -> None:
    """Lists have something in them, or the test above would say nothing."""
    for method, data_ref in (
        ("VouchersApi.list_vouchers", "vouchers"),
        ("CustomersApi.list_customers", "customers"),
        ("RedemptionsApi.list_redemptions", "redemptions"),
    ):
        returned = await python_sdk.call(examples.client, method, {})
        assert returned.body[data_ref]


def _asked_for(path: str) -> Iterator[dict[str, str]]:
    """The parameters of a path, once for each example that has them all."""
    parameters = re.findall(r"{(\w+)}", path)
    asked: list[dict[str, str]] = []
    for _, payload in vendor.examples():
        ids = {name: id_ for name in parameters for id_ in _ids(payload, name)}
        names = {snake(name): ids[name] for name in parameters if name in ids}
        if len(names) == len(parameters) and names not in asked:
            asked.append(names)
    yield from asked


def _ids(payload: dict[str, Any], parameter: str) -> Iterator[str]:
    for name in _THINGS.get(parameter, ()):
        thing = payload.get(name)
        if isinstance(thing, dict) and "id" in thing:
            yield thing["id"]
