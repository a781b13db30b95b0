"""What a real API server says to the manifests: to their fields, their pods, their rights."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.deploy import rendering
from tests.deploy.api_server import ApiServer
from tests.deploy.rendering import Object, labels, of_kind, pod, workloads
from tests.deploy.resources import definitions

pytestmark = pytest.mark.cluster

NAMESPACE: Final = rendering.NAME
ACCOUNT: Final = f"system:serviceaccount:{NAMESPACE}:{rendering.NAME}"
IN_CHART: Final = "from-chart"

_IS_SETTINGS: Final = re.compile(r"name: voucherify-sync-[a-z0-9]{10}$")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server that knows the resources of KEDA, Strimzi, Prometheus and the Gateway API."""
    server = ApiServer(tmp_path_factory.mktemp("api-server"))
    try:
        server.start()
        for path in definitions():
            server.apply(path.read_text())
        names = [found["metadata"]["name"] for found in server.get("crds")]
        done = server.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", *names)
        assert 0 == done.returncode, done.stderr
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_an_overlay_is_taken_and_taken_again(server: ApiServer, name: str) -> None:
    """Every object, strictly; the second time nothing changes."""
    text = rendering.overlay_text(name)
    server.apply(text)
    before = _versions(server)
    server.apply(text)
    assert before == _versions(server)


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_the_chart_is_taken(server: ApiServer, name: str) -> None:
    """Every object, strictly, in a namespace as restricted as the overlay's."""
    (namespace,) = of_kind(rendering.overlay(name), "Namespace")
    namespace = copy.deepcopy(namespace)
    namespace["metadata"]["name"] = IN_CHART
    server.apply(json.dumps(namespace))
    assert server.apply(rendering.chart_text(name), "--namespace", IN_CHART)


def test_a_changed_setting_is_taken(server: ApiServer) -> None:
    """It rolls whatever serves; the migration's job, which can't change, knows nothing of it."""
    text = rendering.overlay_text("production")
    server.apply(text)
    (name,) = {line.split()[-1] for line in text.splitlines() if _IS_SETTINGS.search(line)}
    server.apply(text.replace(name, "voucherify-sync-changed"))
    names = {
        source["configMapRef"]["name"]
        for found in server.get("deployments", "-n", NAMESPACE)
        for source in rendering.container(found)["envFrom"]
    }
    assert {"voucherify-sync-changed"} == names


def test_an_upgrade_is_taken(server: ApiServer) -> None:
    """Another image in the same objects; the migration's job has another name."""
    text = rendering.overlay_text("production")
    server.apply(text)
    server.apply(
        text.replace("voucherify-sync:0.1.0", "voucherify-sync:0.2.0").replace("0-1-0", "0-2-0")
    )
    jobs = {found["metadata"]["name"] for found in server.get("jobs", "-n", NAMESPACE)}
    assert {"voucherify-sync-migrate-0-1-0", "voucherify-sync-migrate-0-2-0"} <= jobs


@pytest.mark.parametrize("name", rendering.OVERLAYS)
def test_the_pods_are_let_into_the_restricted_namespace(server: ApiServer, name: str) -> None:
    """The pods that controllers would make of the overlay's templates."""
    server.apply(rendering.overlay_text(name))
    for workload in workloads(rendering.overlay(name)):
        done = _create(server, _pod(workload))
        assert 0 == done.returncode, done.stderr
        assert "Warning" not in done.stderr


@pytest.mark.parametrize(
    ("loosen", "word"),
    [
        (lambda spec: spec["securityContext"].pop("runAsNonRoot"), "runAsNonRoot"),
        (lambda spec: spec["securityContext"].pop("seccompProfile"), "seccompProfile"),
        (lambda spec: spec["securityContext"].update(runAsUser=0), "runAsUser"),
        (lambda spec: spec.update(hostNetwork=True), "hostNetwork"),
        (
            lambda spec: spec["containers"][0]["securityContext"].pop("capabilities"),
            "unrestricted capabilities",
        ),
        (
            lambda spec: spec["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
            "allowPrivilegeEscalation",
        ),
        (
            lambda spec: spec["volumes"].append({"name": "h", "hostPath": {"path": "/"}}),
            "hostPath",
        ),
    ],
)
def test_a_pod_that_may_more_is_refused(
    server: ApiServer, loosen: Callable[[Any], object], word: str
) -> None:
    """The namespace enforces it: what keeps the pods as they are is not only a promise."""
    server.apply(rendering.overlay_text("production"))
    found = _pod(workloads(rendering.overlay("production"))[0])
    loosen(found["spec"])
    done = _create(server, found)
    assert 1 == done.returncode
    assert "violates PodSecurity" in done.stderr
    assert word in done.stderr


@pytest.mark.parametrize("what", ["secrets", "configmaps", "pods", "deployments.apps", "leases"])
@pytest.mark.parametrize("verb", ["get", "list", "create", "delete"])
def test_the_account_may_do_nothing(server: ApiServer, verb: str, what: str) -> None:
    """Whoever got hold of it would have no rights that a stranger has not."""
    done = server.kubectl("auth", "can-i", verb, what, "-n", NAMESPACE, "--as", ACCOUNT)
    assert "no" == done.stdout.strip()


def test_a_misspelt_field_is_refused(server: ApiServer) -> None:
    """So what is taken above was looked at."""
    text = rendering.overlay_text("production").replace("readOnlyRootFilesystem", "readOnlyRoot", 1)
    done = server.kubectl("apply", "--server-side", "--validate=strict", "-f", "-", text=text)
    assert 1 == done.returncode
    assert "readOnlyRoot" in done.stderr


def _pod(workload: Object) -> Object:
    """What a controller would make of a template; claims of a StatefulSet become volumes."""
    spec = copy.deepcopy(pod(workload))
    for claim in workload["spec"].get("volumeClaimTemplates", []):
        name = claim["metadata"]["name"]
        spec["volumes"].append({"name": name, "persistentVolumeClaim": {"claimName": name}})
    metadata = {"generateName": "tried-", "namespace": NAMESPACE, "labels": labels(workload)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _create(server: ApiServer, found: Object) -> Any:
    return server.kubectl("create", "--dry-run=server", "-f", "-", text=json.dumps(found))


def _versions(server: ApiServer) -> dict[str, str]:
    kinds = "deployments,statefulsets,jobs,services,configmaps,networkpolicies,ingresses,hpa,pdb"
    return {
        rendering.title(found): found["metadata"]["resourceVersion"]
        for found in server.get(kinds, "-n", NAMESPACE)
    }
