"""The examples of docs/query-api.md, as they stand there, run against a query API."""

import asyncio
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.sdk import environments
from tests.sdk.conftest import Asked
from tests.sdk.question import there
from voucherify_sync.simulator.wire import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE: Final = Path(__file__).parents[2] / "docs" / "query-api.md"
BASE: Final = "http://127.0.0.1:8080"


def _examples(language: str, asked: Asked, code: str) -> Iterator[str]:
    """The page's examples in a language, asking the server of the tests for one of its cards."""
    here = {
        BASE: asked.client.url,
        "APP-ID": asked.client.app_id,
        "TOKEN": asked.client.token,
        "CODE": code,
    }
    for found in re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL):
        example: str = found
        for name, value in here.items():
            example = example.replace(name, value)
        yield example


def _card(truth: Json) -> tuple[str, list[str]]:
    """A card with a ledger, and what the examples print of it."""
    cards = there(truth["cards"])
    id_ = max(cards, key=lambda one: len(truth["ledgers"][one]))
    newest_first = reversed(truth["ledgers"][id_])
    entries = [f"{entry['type']} {entry['points']}" for entry in newest_first]
    return cards[id_]["code"], [str(cards[id_]["balance"]), *entries]


def _without_moments(lines: list[str]) -> list[str]:
    """`2025-03-01 10:00:00+00:00 POINTS_ACCRUAL 5` is written differently by each language."""
    return [" ".join(line.split()[-2:]) for line in lines]


async def _run(*command: str, **environment: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    printed, errors = await process.communicate()
    assert (0, b"") == (process.returncode, errors)
    return printed.decode().splitlines()


async def test_python(asked: Asked, tmp_path: Path) -> None:
    """Prints the balance, the ledger, and up to when it is complete."""
    code, expected = _card(asked.truth)
    (example,) = _examples("python", asked, code)
    script = tmp_path / "example.py"
    script.write_text(example)

    *printed, as_of = await _run(*environments.python(), str(script))

    assert expected == _without_moments(printed)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", as_of)


async def test_javascript(asked: Asked, tmp_path: Path) -> None:
    """Prints the balance and the ledger."""
    code, expected = _card(asked.truth)
    (example,) = _examples("javascript", asked, code)
    script = tmp_path / "example.cjs"
    script.write_text(example)
    installed = environments.javascript() / "node_modules"

    printed = await _run(*environments.node(), str(script), NODE_PATH=str(installed))

    assert expected == _without_moments(printed)


async def test_curl(asked: Asked) -> None:
    """What curl is told to ask for is there; asked by a client that is on every machine."""
    code, _ = _card(asked.truth)
    key = {"X-App-Id": asked.client.app_id, "X-App-Token": asked.client.token}
    asks = [
        line
        for example in _examples("", asked, code)
        for line in example.splitlines()
        if line.startswith("curl ")
    ]

    assert asks
    async with httpx.AsyncClient() as client:
        for ask in asks:
            *options, url = shlex.split(ask)[1:]
            given = dict(option.split(": ") for option in options if option != "-H")
            assert 200 == (await client.get(url, headers=given or key)).status_code, ask
