"""Voucherify's SDK for JavaScript reads from us what it would read from Voucherify."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.sdk.conftest import Asked
from tests.sdk.driven import Sdk
from tests.sdk.javascript_methods import METHODS, QUERY, SCROLL, Method
from tests.sdk.not_held import NOT_HELD
from tests.sdk.questions import QUESTIONS
from voucherify_sync.simulator.api import Answer
from voucherify_sync.simulator.wire import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

_READING = [method for method in METHODS if method.path in QUESTIONS]
_NOT_HELD = [method for method in METHODS if method.path in NOT_HELD]


def _named(method: Method) -> str:
    return f"{method.name} {method.path}"


async def test_every_read_method_is_known(javascript_sdk: Sdk) -> None:
    """One that a new version of the SDK brings is either asked here or named as not held."""
    methods = await javascript_sdk.methods()

    assert set() == set(methods) ^ {SCROLL, *(method.name for method in METHODS)}
    assert set() == {method.path for method in METHODS} - {*QUESTIONS, *NOT_HELD}


@pytest.mark.parametrize("method", _READING, ids=_named)
async def test_reads_the_truth(asked: Asked, javascript_sdk: Sdk, method: Method) -> None:
    """Every method returns objects that say what is true."""
    wrong: list[str] = []
    questions = list(QUESTIONS[method.path](_in_doubles(asked.truth)))
    for question in questions:
        arguments = _arguments(method, question.names, question.query)
        returned = await javascript_sdk.call(asked.client, method.name, arguments)
        body = _in_doubles(returned.body)
        wrong += map(str, question.wrong(Answer(returned.status, body)))

    assert questions
    assert "" == "\n".join(wrong[:20])


@pytest.mark.parametrize("method", _NOT_HELD, ids=_named)
async def test_what_is_not_held_says_so(asked: Asked, javascript_sdk: Sdk, method: Method) -> None:
    """The SDK throws with the vendor's error object, whose key says why."""
    names = {name: "none" for name in method.arguments if name}
    returned = await javascript_sdk.call(asked.client, method.name, _arguments(method, names, {}))

    assert (501, "not_held_locally") == (returned.status, returned.body.get("key")), returned


def _in_doubles(value: Json) -> Json:
    """With the numbers that JavaScript has: of a large integer only the first digits are kept."""
    found: Json = json.loads(json.dumps(value), parse_int=float)
    return found


def _arguments(method: Method, names: Mapping[str, str], query: Mapping[str, Any]) -> list[Any]:
    given = {**names, QUERY: query}
    return [given[name] if name else None for name in method.arguments]
