"""kube-score has no word against the objects, but for what is ignored, each with its reason."""

import json
import subprocess
from typing import Final

import pytest

from tests.deploy import rendering
from tests.deploy.go_tools import KUBE_SCORE

pytestmark = pytest.mark.cluster

IGNORED: Final = {
    # Being throttled would delay the 202 that Voucherify waits for; requests are set.
    "CPU limit is not set",
    # Tags name versions, which do not move; a node that can't reach the registry restarts its pods.
    "ImagePullPolicy is not set to Always",
    # Spread over nodes by topologySpreadConstraints instead, which small clusters can meet.
    "Deployment does not have a host podAntiAffinity set",
    # Of the handlers where KEDA says how many; see test_who_is_scaled_has_no_number_of_its_own.
    "Deployment few replicas",
}


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_kube_score_is_content(name: str) -> None:
    """No critical finding and no warning."""
    done = subprocess.run(
        [KUBE_SCORE.path(), "score", "--output-format", "json", "-"],
        input=rendering.overlay_text(name),
        capture_output=True,
        text=True,
        check=False,
    )
    findings = {
        (scored["object_name"], check["check"]["id"], comment["summary"])
        for scored in json.loads(done.stdout)
        for check in scored["checks"]
        if not check["skipped"] and check["grade"] < 10
        for comment in check["comments"] or [{"summary": ""}]
    }
    assert set() == {found for found in findings if found[2] not in IGNORED}
