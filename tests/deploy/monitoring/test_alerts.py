"""Each alert fires when its condition is true of a running process, and only then."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.monitoring.conditions import CONDITIONS, healthy
from tests.deploy.monitoring.prometheus import RULES, fired

PARTS = {
    part: f'voucherify_sync_part_info{{part="{part}"}} 1\n'
    for part in ("receiver", "handlers", "query")
}
RUNBOOK = RULES.parents[2] / "docs" / "runbook.md"


def alerts() -> list[dict[str, Any]]:
    """All alerts of the file."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_has_a_condition() -> None:
    """One that nobody made fire may never."""
    assert list(CONDITIONS) == [rule["alert"] for rule in alerts()]


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a process of another installation tells, which works."""
    (text, _), *_ = asyncio.run(healthy(tmp_path_factory.mktemp("works"))).stretches
    assert isinstance(text, str)
    return text


@pytest.mark.cluster
@pytest.mark.parametrize("name", CONDITIONS)
async def test_it_fires(tmp_path: Path, name: str, works: str) -> None:
    """Its condition was not true, and is; another installation that works hides nothing."""
    told = await CONDITIONS[name](tmp_path)
    before, _ = told.stretches[0]

    assert name not in fired((before, 240)) or name == "VoucherifySyncBehind"
    assert name in fired(*told.stretches)
    assert name in fired(*told.stretches, beside=works)


@pytest.mark.cluster
@pytest.mark.parametrize("gone", ["receiver", "handlers", "query"])
async def test_any_part_is_missed(gone: str) -> None:
    """Once nobody tells of it, whatever else is there."""
    left = {part: text for part, text in PARTS.items() if part != gone}

    assert set() == fired((PARTS, 600))
    assert {"VoucherifySyncPartMissing"} == fired((PARTS, 600), (left, 600))


@pytest.mark.cluster
async def test_an_installation_that_is_gone_is_missed() -> None:
    """Nothing of it is a target any more."""
    assert {"VoucherifySyncPartMissing"} == fired((PARTS, 600), ({}, 600))


@pytest.mark.cluster
async def test_none_fires_on_what_works(tmp_path: Path, works: str) -> None:
    """Deliveries come, are applied and read."""
    told = await healthy(tmp_path)
    assert set() == fired(*told.stretches)
    assert set() == fired(*told.stretches, beside=works)


def test_every_alert_is_in_the_runbook() -> None:
    """By a heading, with what it means, how to look and what to do; and nothing else is."""
    sections = re.split(r"^##? ", RUNBOOK.read_text(), flags=re.MULTILINE)
    by_heading = dict(section.partition("\n")[::2] for section in sections)
    named = [heading for heading in by_heading if heading.startswith("VoucherifySync")]
    assert [rule["alert"] for rule in alerts()] == named
    for name in named:
        told = re.findall(r"^- \*\*(\w+)\*\*: ", by_heading[name], flags=re.MULTILINE)
        assert ["Means", "Look", "Do"] == told, name


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_where_to_read_on(rule: dict[str, Any]) -> None:
    """Its runbook link names its heading."""
    expected = f"docs/runbook.md#{rule['alert'].lower()}"
    assert expected == rule["annotations"]["runbook_url"]
    assert rule["labels"]["severity"] in ("critical", "warning")
