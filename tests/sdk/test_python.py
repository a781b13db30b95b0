"""Voucherify's SDK for Python reads from us what it would read from Voucherify."""

import re
from typing import Any, Final

import pytest

from query.routes import TABLE
from tests.sdk.conftest import Asked
from tests.sdk.driven import Returned, Sdk
from tests.sdk.not_held import NOT_HELD, OUTSIDE
from tests.sdk.question import Question
from tests.sdk.questions import QUESTIONS
from voucherify_sync.simulator.api import Answer
from voucherify_sync.simulator.likeness import same

pytestmark = pytest.mark.asyncio(loop_scope="session")

DROPPED: Final = {
    "/v1/publications": {"metadata"},
    "/v1/vouchers": {"redeemed_amount"},
    "/v1/vouchers/{code}": {"redeemed_amount"},
}
"""Fields of the truth that are answered and have no place in the SDK's models: it drops them."""

REQUIRED: Final[dict[str, dict[str, Any]]] = {
    "PublicationsApi.create_publication1": {
        "voucher": "none",
        "customer": {"source_id": "none"},
    },
}
"""What else a method of a path that is not held can't be called without."""


ADDITIONS: Final = {
    "/v1/loyalties/members/{memberId}/points-expiration",
    "/v1/loyalties/{campaignId}/members/{memberId}/tiers",
}
"""Paths that are served and that the vendor does not have."""


async def test_every_read_method_is_known(python_sdk: Sdk) -> None:
    """One that a new version of the SDK brings is either asked here or named as not held."""
    paths = set((await python_sdk.methods()).values())

    assert set() == paths - {*QUESTIONS, *NOT_HELD, *OUTSIDE}
    assert set() == QUESTIONS.keys() - paths
    assert ADDITIONS == {path.template for path in TABLE} - QUESTIONS.keys()


@pytest.mark.parametrize("path", QUESTIONS)
async def test_reads_the_truth(asked: Asked, python_sdk: Sdk, path: str) -> None:
    """Every method of a path returns objects, strictly validated, that say what is true."""
    wrong: list[str] = []
    dropped: set[str] = set()
    questions = list(QUESTIONS[path](asked.truth))
    methods = await _methods(python_sdk, path)
    for method in methods:
        for question in questions:
            returned = await python_sdk.call(asked.client, method, _arguments(question))
            wrong += changed(returned)
            answered = returned.body if returned.raw is None else returned.raw
            wrong += map(str, question.wrong(Answer(returned.status, answered)))
            for difference in question.wrong(Answer(returned.status, returned.body)):
                if difference.field in DROPPED.get(path, ()):
                    dropped.add(difference.field)
                else:
                    wrong.append(str(difference))

    assert methods
    assert questions
    assert "" == "\n".join(wrong[:20])
    assert DROPPED.get(path, set()) == dropped


@pytest.mark.parametrize("path", sorted(NOT_HELD))
async def test_what_is_not_held_says_so(asked: Asked, python_sdk: Sdk, path: str) -> None:
    """The SDK raises with the vendor's error object, whose key says why."""
    names = {snake(name): "none" for name in re.findall(r"{(\w+)}", path)}
    for method in await _methods(python_sdk, path):
        arguments = names | REQUIRED.get(method, {})
        returned = await python_sdk.call(asked.client, method, arguments)

        assert (501, "not_held_locally") == (returned.status, returned.body.get("key")), returned


async def _methods(sdk: Sdk, path: str) -> list[str]:
    return [name for name, found in (await sdk.methods()).items() if found == path]


def _arguments(question: Question) -> dict[str, Any]:
    names = {snake(name): value for name, value in question.names.items()}
    return {**names, **question.query}


def snake(name: str) -> str:
    """A parameter as Python writes it."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower().replace("__", "_")


def changed(returned: Returned) -> list[str]:
    """Where the SDK's object says something else than the answer that it was made of."""
    return [] if returned.raw is None else _other("$", returned.raw, returned.body)


def _other(at: str, raw: Any, value: Any) -> list[str]:
    if isinstance(raw, dict) and isinstance(value, dict):
        shared = [(name, raw[name], value[name]) for name in raw if name in value]
        return [found for name, r, v in shared for found in _other(f"{at}.{name}", r, v)]
    if isinstance(raw, list) and isinstance(value, list) and len(raw) == len(value):
        pairs = enumerate(zip(raw, value, strict=True))
        return [found for place, (r, v) in pairs for found in _other(f"{at}[{place}]", r, v)]
    return [] if same(raw, value) else [f"{at} is {raw!a}, the SDK makes {value!a} of it"]
