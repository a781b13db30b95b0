"""Every rendered object is what its kind may be, down to the last field, without an API server."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy import object_schemas, rendering
from tests.deploy.go_tools import KUBECONFORM

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schemas of all kinds."""
    folder = tmp_path_factory.mktemp("schemas")
    object_schemas.write(folder)
    return folder


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_an_overlay_conforms(schemas: Path, name: str) -> None:
    """All objects are known and valid."""
    found = _conform(schemas, rendering.overlay_text(name))
    assert {"statusValid"} == set(found), found


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_the_chart_conforms(schemas: Path, name: str) -> None:
    """All objects are known and valid."""
    found = _conform(schemas, rendering.chart_text(name))
    assert {"statusValid"} == set(found), found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("automountServiceAccountToken: false", "automountServiceAccountTokens: false"),
        ("maxUnavailable: 0", "maxUnavailable: [0]"),
        ("seconds: 10", "second: 10"),
        ("consumerGroup: voucherify-sync", "consumerGroup: [voucherify-sync]"),
        ("type: scram-sha-512", "type: scram-sha-513"),
        ("gatewayClassName: public", "gatewayClass: public"),
    ],
)
def test_a_mistake_is_found(schemas: Path, right: str, wrong: str) -> None:
    """A field that is misspelt or of another type, in our own and in others' resources."""
    text = rendering.overlay_text("production-strimzi-keda")
    assert right in text
    assert "statusInvalid" in _conform(schemas, text.replace(right, wrong, 1))


def _conform(schemas: Path, text: str) -> Sequence[str]:
    """The status of each object."""
    location = str(schemas / object_schemas.LOCATION)
    command = [str(KUBECONFORM.path()), "-strict", "-verbose", "-output", "json"]
    done = subprocess.run(
        [*command, "-schema-location", location], input=text, capture_output=True, text=True
    )
    return [found["status"] for found in json.loads(done.stdout)["resources"]]
