"""Prometheus' own engine over what was scraped, at the pace at which Prometheus would have scraped.

The scrapes are of real processes; only the time between them is made up, so that ten minutes of an
alert take none.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.acceptance.server import Server
from tests.deploy.go_tools import ALERTS
from tests.services.cache import ServiceMissingError

RULES: Final = Path(__file__).parents[3] / "deploy" / "prometheus" / "alerts.yaml"
STEP: Final = 15
_AS_OF: Final = re.compile(r"^(voucherify_sync_(?:query_)?as_of_timestamp_seconds) .*$", re.M)
_ACCEPTED: Final = re.compile(r'^(voucherify_sync_deliveries_total\{answer="202".*\}) .*$', re.M)

Scrape = str | None
"""What a process told; None where it did not answer."""

Scrapes = Scrape | Mapping[str, Scrape]
"""Of one process, or of several by their names; who is no longer named is no target any more."""


async def scrape(server: Server) -> Scrape:
    """What a process tells now."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        try:
            return (await client.get("/metrics")).text
        except httpx.TransportError:
            return None


def fired(*stretches: tuple[Scrapes, float], beside: str | None = None) -> set[str]:
    """The alerts that fire while each is told for so many seconds, one after the other.

    `beside` is what a process of another installation told, in another namespace of the same
    Prometheus; that one works all the time.
    """
    told = [_named(one) for one, seconds in stretches for _ in range(max(1, round(seconds / STEP)))]
    begun = time.time() - sum(seconds for _, seconds in stretches[:-1])
    moments = [begun + number * STEP for number in range(len(told))]
    scrapes = [*_scrapes("here", moments, told)]
    if beside is not None:
        scrapes += _scrapes("there", moments, _working(beside, moments))
    asked = {
        "rules": str(RULES),
        "step": STEP * 1000,
        "end": round(moments[-1] * 1000),
        "scrapes": sorted(scrapes, key=lambda one: int(one["at"])),
    }
    return set(_ask(asked)["fired"])


def _named(told: Scrapes) -> Mapping[str, Scrape]:
    return told if isinstance(told, Mapping) else {"serve": told}


def _scrapes(
    namespace: str, moments: Sequence[float], told: Sequence[Mapping[str, Scrape]]
) -> Iterator[dict[str, Any]]:
    """One for each target at each moment, and one more when it is gone."""
    before: Mapping[str, Scrape] = {}
    for moment, now in zip(moments, told, strict=True):
        for name in {**before, **now}:
            yield {
                "at": round(moment * 1000),
                "target": {"job": "voucherify-sync", "namespace": namespace, "instance": name},
                "text": now.get(name),
                "gone": name not in now,
            }
        before = now


def _working(text: str, moments: Sequence[float]) -> Sequence[Mapping[str, Scrape]]:
    """What a process would go on to tell: complete up to now, and one delivery more each time."""
    return [
        {"serve": _AS_OF.sub(rf"\1 {moment}", _ACCEPTED.sub(rf"\1 {number}", text))}
        for number, moment in enumerate(moments)
    ]


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
