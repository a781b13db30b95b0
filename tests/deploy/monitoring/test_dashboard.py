"""The dashboard's queries are PromQL and name metrics that a running process tells."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.server import running
from tests.deploy.monitoring.prometheus import RULES, metrics_of, scrape

DASHBOARD = RULES.parents[1] / "grafana" / "dashboards" / "voucherify-sync.json"
BY_PROMETHEUS = {"up"}


def queries() -> Iterator[str]:
    """Each as Prometheus gets it from Grafana."""
    board: dict[str, Any] = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"].replace("$__rate_interval", "1m")


@pytest.mark.cluster
async def test_every_query_names_a_metric_that_there_is(tmp_path: Path) -> None:
    """A misspelt one would be an empty panel for ever."""
    async with running("serve", tmp_path) as server:
        text = await scrape(server)
    assert text is not None
    families = list(text_string_to_metric_families(text))
    counters = {f"{one.name}_total" for one in families if one.type == "counter"}
    parts = {
        f"{one.name}_{part}"
        for one in families
        if one.type == "histogram"
        for part in ("bucket", "sum", "count")
    }
    gauges = {one.name for one in families if one.type in ("gauge", "unknown")}
    known = gauges | counters | parts | BY_PROMETHEUS

    named = metrics_of(list(queries()))
    assert len(named) > 30
    for query, metrics in named.items():
        assert metrics, query
        alternatives = {name for metric in metrics for name in metric.split("|")}
        assert set() == alternatives - known, query


async def test_every_metric_of_ours_is_shown(tmp_path: Path) -> None:
    """What nobody sees need not be counted."""
    async with running("serve", tmp_path) as server:
        text = await scrape(server)
    assert text is not None
    ours = {
        family.name
        for family in text_string_to_metric_families(text)
        if family.name.startswith("voucherify_sync_") and not family.name.endswith("_created")
    }
    shown = "\n".join(queries())

    assert set() == {name for name in ours if name not in shown}


def test_panels_do_not_overlap() -> None:
    """Each place of the grid is taken once, and each panel says what it shows."""
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
