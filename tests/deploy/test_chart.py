"""The overlays and the chart are one description: with the same values they render the same."""

from collections.abc import Mapping, Sequence

import pytest

from tests.deploy import rendering
from tests.deploy.rendering import Object

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_the_chart_renders_what_the_overlay_renders(name: str) -> None:
    """Object by object; the namespace is the overlay's alone, because Helm is told one."""
    overlay = _by_title(rendering.overlay(name))
    chart = _by_title(rendering.chart(name))

    assert [*overlay] == [*chart]
    for title, found in overlay.items():
        assert found == chart[title], title


def test_a_setting_of_ours_can_be_another() -> None:
    """What is set stands in the place of the default, once: YAML would take the last, or none."""
    given = {"VOUCHERIFY_SYNC_KAFKA_SECURITY_PROTOCOL": "SSL", "VOUCHERIFY_SYNC_LOG_LEVEL": "debug"}
    values = [f"settings.{name}={value}" for name, value in given.items()]
    text = rendering.chart_text("production", *values)
    (found,) = rendering.of_kind(rendering.chart("production", *values), "ConfigMap")
    (default,) = rendering.of_kind(rendering.chart("production"), "ConfigMap")

    assert default["data"] | given == found["data"]
    assert [1, 1] == [text.count(f"\n  {name}:") for name in given]


def _by_title(objects: Sequence[Object]) -> Mapping[str, Object]:
    plain = {rendering.title(found): _plain(found) for found in objects}
    return {title: plain[title] for title in sorted(plain) if not title.startswith("Namespace/")}


def _plain(found: Object) -> Object:
    """Without what each of the tools says in its own way: where it is, and what rolls its pods."""
    found["metadata"].pop("namespace", None)
    template = found["spec"].get("template") if "spec" in found else None
    if isinstance(template, dict) and template["metadata"].get("annotations"):
        assert ["checksum/settings"] == [*template["metadata"].pop("annotations")]
    return found
