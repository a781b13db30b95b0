"""Prometheus' own engine over what was scraped, at the pace at which Prometheus would have scraped.

The scrapes are of real processes; only the time between them is made up, so that ten minutes of an
alert take none.
"""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.acceptance.server import Server
from tests.deploy.go_tools import ALERTS
from tests.services.cache import ServiceMissingError

RULES: Final = Path(__file__).parents[3] / "deploy" / "prometheus" / "alerts.yaml"
STEP: Final = 15
_TARGET: Final = {"job": "voucherify-sync", "instance": "127.0.0.1:8080"}

Scrape = str | None
"""What a process told; None where it did not answer."""


async def scrape(server: Server) -> Scrape:
    """What a process tells now."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        try:
            return (await client.get("/metrics")).text
        except httpx.TransportError:
            return None


def fired(*stretches: tuple[Scrape, float]) -> set[str]:
    """The alerts that fire while each scrape is told for so many seconds, one after the other."""
    told = list(_told(stretches))
    begun = time.time() - sum(seconds for _, seconds in stretches[:-1])
    asked = {
        "rules": str(RULES),
        "step": STEP * 1000,
        "scrapes": [
            {"at": round((begun + number * STEP) * 1000), "target": _TARGET, "text": text}
            for number, text in enumerate(told)
        ],
    }
    return set(_ask(asked)["fired"])


def _told(stretches: Iterable[tuple[Scrape, float]]) -> Iterator[Scrape]:
    for text, seconds in stretches:
        yield from [text] * max(1, round(seconds / STEP))


def metrics_of(queries: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The metrics that each query names; fails where one is no PromQL."""
    found: Mapping[str, Sequence[str]] = _ask({"queries": queries})["metrics"]
    return found


def _ask(question: Mapping[str, object]) -> Any:
    try:
        program = ALERTS.path()
    except ServiceMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    done = subprocess.run(
        [program], input=json.dumps(question), capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)
