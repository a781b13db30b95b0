"""The overlays and the chart are one description: with the same values they render the same."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.deploy import rendering
from tests.deploy.made import DEPLOY
from tests.deploy.rendering import Object

DOCUMENTATION: Final = DEPLOY.parent / "docs" / "kubernetes.md"

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_the_chart_renders_what_the_overlay_renders(name: str) -> None:
    """Object by object; the namespace is the overlay's alone, because Helm is told one."""
    overlay = _by_title(rendering.overlay(name))
    chart = _by_title(rendering.chart(name))

    assert [*overlay] == [*chart]
    for title, found in overlay.items():
        assert found == chart[title], title


def test_the_documentation_says_the_same_of_both(tmp_path: Path) -> None:
    """An overlay of one's own and the values for the chart are as the documentation has them."""
    text = DOCUMENTATION.read_text()
    begun, replaced = re.findall(r"```yaml\n(.*?)```", text, flags=re.S)
    own = textwrap.dedent(begun).replace("path/to/deploy", "deploy") + replaced
    (installed,) = re.findall(r"helm install (.*?)\n   kubectl", text, flags=re.S)
    options = re.findall(r"--set (\S+)", installed)
    url = "monitoring.runbookUrl=https://YOUR.WIKI/runbook.md"
    assert "examples/production.yaml" in installed

    overlay = _by_title(rendering.own_overlay(own, tmp_path))
    chart = _by_title(rendering.chart("production", *(f"--set={one}" for one in (*options, url))))
    assert [*overlay] == [*chart]
    for title, found in overlay.items():
        assert found == chart[title], title
    assert "ingress-nginx" in str(chart["NetworkPolicy/voucherify-sync-webhooks"])


def test_a_setting_of_ours_can_be_another() -> None:
    """What is set stands in the place of the default, once: YAML would take the last, or none."""
    given = {"VOUCHERIFY_SYNC_KAFKA_SECURITY_PROTOCOL": "SSL", "VOUCHERIFY_SYNC_LOG_LEVEL": "debug"}
    values = [f"--set=settings.{name}={value}" for name, value in given.items()]
    text = rendering.chart_text("production", *values)
    (found,) = rendering.of_kind(rendering.chart("production", *values), "ConfigMap")
    (default,) = rendering.of_kind(rendering.chart("production"), "ConfigMap")

    assert default["data"] | given == found["data"]
    assert [1, 1] == [text.count(f"\n  {name}:") for name in given]


def _by_title(objects: Sequence[Object]) -> Mapping[str, Object]:
    for job in rendering.of_kind(objects, "Job"):  # named by its content in the chart
        job["metadata"]["name"] = re.sub("-[0-9a-f]{8}$", "", job["metadata"]["name"])
    plain = {rendering.title(found): _plain(found) for found in objects}
    return {title: plain[title] for title in sorted(plain) if not title.startswith("Namespace/")}


def _plain(found: Object) -> Object:
    """Without what each of the tools says in its own way: where it is, and what rolls its pods."""
    found["metadata"].pop("namespace", None)
    template = found["spec"].get("template") if "spec" in found else None
    if isinstance(template, dict) and template["metadata"].get("annotations"):
        assert ["checksum/settings"] == [*template["metadata"].pop("annotations")]
    return found
