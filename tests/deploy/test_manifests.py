"""What the rendered objects promise, overlay by overlay: who may do what, and that names meet."""

import inspect
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from eventlog import kafka_reader
from eventlog.kafka_writer import KafkaWriter
from handlers import consumer
from receiver import routes
from receiver.limits import Limits
from receiver.sources import AllowedSources
from state import postgres_connections
from tests.deploy import rendering
from tests.deploy.made import DEPLOY
from tests.deploy.rendering import (
    Object,
    container,
    labels,
    of_kind,
    pod,
    selects,
    title,
    workloads,
)
from voucherify_sync import server
from voucherify_sync.cli import cli
from voucherify_sync.settings import PREFIX, Settings
from voucherify_sync.tracing import traced

pytestmark = pytest.mark.cluster

ROOT: Final = DEPLOY.parent
PUBLIC: Final = {"receiver", "query", "serve"}
MEGABYTE: Final = 1024 * 1024
ENDING: Final = {
    "handlers": consumer._END_SECONDS,
    "what is being written": inspect.signature(KafkaWriter).parameters["close_seconds"].default,
    "last positions": kafka_reader._CLOSE_SECONDS,
    "connections": postgres_connections._CLOSE_SECONDS,
    "traces": traced._CLOSE_SECONDS,
}


@pytest.fixture(params=rendering.OVERLAYS)
def objects(request: pytest.FixtureRequest) -> Sequence[Object]:
    """An overlay's objects."""
    return rendering.overlay(request.param)


def test_pods_may_do_nothing_that_they_need_not(objects: Sequence[Object]) -> None:
    """No root, no capability, no token, no writing but to volumes, the runtime's own seccomp."""
    for workload in workloads(objects):
        shared, own = pod(workload)["securityContext"], container(workload)["securityContext"]
        assert shared["runAsNonRoot"] is True
        assert shared["runAsUser"] > 0
        assert {"type": "RuntimeDefault"} == shared["seccompProfile"]
        assert {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        } == own
        assert pod(workload)["automountServiceAccountToken"] is False
        assert pod(workload)["serviceAccountName"] == rendering.NAME


def test_nobody_is_given_rights_at_the_cluster(objects: Sequence[Object]) -> None:
    """The account has no token and no role."""
    (account,) = of_kind(objects, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert [] == [found for found in objects if "Role" in found["kind"]]


def test_services_do_not_become_settings(objects: Sequence[Object]) -> None:
    """Kubernetes sets VOUCHERIFY_SYNC_…_PORT=tcp://… for a service named so, unless told not to."""
    assert all(pod(found)["enableServiceLinks"] is False for found in workloads(objects))


def test_settings_are_settings(objects: Sequence[Object]) -> None:
    """Every variable is one of this version, and its value makes sense."""
    for workload in workloads(objects):
        given = _settings(objects, workload)
        assert set() == set(given) - set(Settings.model_fields)
        Settings.model_validate(given)
        AllowedSources.parse(given.get("allowed_sources", "any"), _items(given))


def test_secrets_are_files_that_can_change(objects: Sequence[Object]) -> None:
    """Never a variable, and never a subPath, which would keep the old content for ever."""
    assert [] == of_kind(objects, "Secret")
    for workload in workloads(objects):
        assert all("valueFrom" not in variable for variable in container(workload).get("env", []))
        assert all("secretRef" not in source for source in container(workload).get("envFrom", []))
        assert all("subPath" not in mount for mount in container(workload)["volumeMounts"])
        for volume in pod(workload)["volumes"]:
            assert 0o440 == volume.get("secret", {}).get("defaultMode", 0o440)


def test_each_part_has_the_files_that_it_is_told_of_and_no_other(objects: Sequence[Object]) -> None:
    """A file that a command's settings name is mounted; a secret that they do not name is not."""
    for workload in workloads(objects):
        (command,) = container(workload)["args"]
        known = {parameter.name for parameter in cli.commands[command].params}
        named = {
            str(value).rpartition("/")[0]
            for name, value in _settings(objects, workload).items()
            if name in known and name.endswith("file")
        }
        secret = {volume["name"] for volume in pod(workload)["volumes"] if "secret" in volume}
        mounts = container(workload)["volumeMounts"]
        mounted = {mount["mountPath"] for mount in mounts if mount["name"] in secret}
        assert named == mounted, title(workload)
        assert all(mount["readOnly"] for mount in mounts if mount["name"] in secret)


def test_embedded_files_stand_on_the_volume_that_is_kept(objects: Sequence[Object]) -> None:
    """Log and state of `serve`."""
    for found in of_kind(objects, "StatefulSet"):
        given = _settings(objects, found)
        assert given["log"].startswith("sqlite:////data/")
        assert given["state"].startswith("sqlite:////data/")
        (claim,) = found["spec"]["volumeClaimTemplates"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container(found)["volumeMounts"]}
        assert mounts["/data"] == claim["metadata"]["name"]
        assert found["spec"]["replicas"] == 1


def test_memory_is_asked_for_as_measured(objects: Sequence[Object]) -> None:
    """Requests lie between what docs/benchmarks.md says and twice that; limits leave room."""
    measured = _measured()
    for workload in workloads(objects):
        (part,) = container(workload)["args"]
        resources = container(workload)["resources"]
        if part in measured:
            asked = _bytes(resources["requests"]["memory"])
            assert measured[part] * 1e6 <= asked <= 2 * measured[part] * 1e6, part
        assert _bytes(resources["limits"]["memory"]) >= 256 * MEGABYTE
        assert "cpu" in resources["requests"]
        assert "cpu" not in resources["limits"]


def test_a_receiver_may_hold_all_the_bodies_that_it_takes(objects: Sequence[Object]) -> None:
    """Its limit is above what it lets be under way at once, beside itself."""
    for workload in workloads(objects):
        if labels(workload).get("voucherify-sync/receives-webhooks"):
            limit = _bytes(container(workload)["resources"]["limits"]["memory"])
            assert limit >= Limits().in_flight_bytes + 128 * MEGABYTE


def test_who_is_asked_from_outside_drains_first(objects: Sequence[Object]) -> None:
    """A pause before SIGTERM, made by the kubelet and not by a shell."""
    for workload in workloads(objects):
        (part,) = container(workload)["args"]
        pause = container(workload).get("lifecycle", {}).get("preStop", {}).get("sleep")
        assert (part in PUBLIC) == (pause is not None), part
        assert pause is None or pause["seconds"] >= 5


def test_there_is_time_to_end(objects: Sequence[Object]) -> None:
    """The pause, what is in flight, and each part as slow as it may be, with five seconds more."""
    for workload in workloads(objects):
        if workload["kind"] == "Job":
            continue
        pause = container(workload).get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        needed = pause.get("seconds", 0) + server._GRACE_SECONDS + sum(ENDING.values())
        assert pod(workload)["terminationGracePeriodSeconds"] >= needed + 5


def test_probes_ask_what_is_answered(objects: Sequence[Object]) -> None:
    """Live to begin and to go on, ready to be sent anything, on the port of the settings."""
    for workload in workloads(objects):
        if workload["kind"] == "Job":
            continue
        own = container(workload)
        assert [{"name": "http", "containerPort": int(_settings(objects, workload)["port"])}] == [
            {key: port[key] for key in ("name", "containerPort")} for port in own["ports"]
        ]
        asked = {name: own[name]["httpGet"]["path"] for name in own if name.endswith("Probe")}
        assert {
            "startupProbe": "/healthz/live",
            "livenessProbe": "/healthz/live",
            "readinessProbe": "/healthz/ready",
        } == asked
        assert own["readinessProbe"]["timeoutSeconds"] > 2  # each check may take that long


def test_the_webhook_path_alone_is_public(objects: Sequence[Object]) -> None:
    """Exactly it, over TLS, to the service of whoever receives; nothing listens on a node."""
    path = routes.PATH
    public = list(_public(objects))
    assert [(path, "Exact", "voucherify-sync-webhooks")] == public
    for found in of_kind(objects, "Service"):
        assert found["spec"].get("type", "ClusterIP") == "ClusterIP"
    for found in of_kind(objects, "Ingress"):
        hosts = {rule["host"] for rule in found["spec"]["rules"]}
        assert hosts == {host for tls in found["spec"]["tls"] for host in tls["hosts"]}
    for found in of_kind(objects, "Gateway"):
        assert all(one["protocol"] == "HTTPS" for one in found["spec"]["listeners"])


def test_every_service_finds_pods_and_their_port(objects: Sequence[Object]) -> None:
    """Selectors are labels of some pods, target ports are names of theirs."""
    for service in of_kind(objects, "Service"):
        chosen = [
            found
            for found in workloads(objects)
            if selects(service["spec"]["selector"], labels(found))
        ]
        assert chosen, title(service)
        for found in chosen:
            names = {port["name"] for port in container(found)["ports"]}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def test_metrics_are_taken_once_from_everyone(objects: Sequence[Object]) -> None:
    """One service is scraped, and it has all pods that serve, ready or not."""
    (service,) = (
        found
        for found in of_kind(objects, "Service")
        if "voucherify-sync/scrape" in found["metadata"].get("labels", {})
    )
    serving = [found for found in workloads(objects) if found["kind"] != "Job"]
    assert all(selects(service["spec"]["selector"], labels(found)) for found in serving)
    assert service["spec"]["publishNotReadyAddresses"] is True
    for monitor in of_kind(objects, "ServiceMonitor"):
        chosen = [
            found["metadata"]["name"]
            for found in of_kind(objects, "Service")
            if selects(monitor["spec"]["selector"]["matchLabels"], found["metadata"]["labels"])
        ]
        assert ["voucherify-sync-metrics"] == chosen


def test_nothing_comes_in_or_goes_out_unless_allowed(objects: Sequence[Object]) -> None:
    """Every pod is under a policy that denies both ways, and under the ones for what it does."""
    for workload in workloads(objects):
        about = {
            found["metadata"]["name"].removeprefix("voucherify-sync-"): found["spec"]
            for found in of_kind(objects, "NetworkPolicy")
            if selects(found["spec"]["podSelector"]["matchLabels"], labels(workload))
        }
        assert ["Ingress", "Egress"] == about["deny"]["policyTypes"]
        assert {"podSelector", "policyTypes"} == set(about["deny"])
        does = {label.partition("/")[2] for label in labels(workload) if "sync/" in label}
        wanted = {_POLICIES[one] for one in does} & _names_of_policies(objects)
        assert {"deny", "dns", *wanted} == set(about), title(workload)


def test_pods_say_what_their_command_does(objects: Sequence[Object]) -> None:
    """By the settings that the command knows; what is embedded is reached without a network."""
    for workload in workloads(objects):
        (command,) = container(workload)["args"]
        known = {parameter.name for parameter in cli.commands[command].params}
        given = _settings(objects, workload)
        embedded = given.get("state", "").startswith("sqlite:")
        does = {
            "receives-webhooks": "webhook_secrets" in known,
            "answers-queries": "api_keys" in known,
            "has-metrics": "port" in known,
            "uses-log": "log" in known and not embedded,
            "uses-state": "state" in known and not embedded,
        }
        said = {label.partition("/")[2] for label in labels(workload) if "sync/" in label}
        assert {one for one, true in does.items() if true} == said


def test_who_may_ask_is_named(objects: Sequence[Object]) -> None:
    """No policy lets everybody in."""
    for found in of_kind(objects, "NetworkPolicy"):
        for rule in found["spec"].get("ingress", []):
            assert rule["from"]
            assert all(
                peer.get("podSelector") or peer.get("namespaceSelector") for peer in rule["from"]
            )


def test_copies_are_replaced_one_by_one_and_spread(objects: Sequence[Object]) -> None:
    """A new one before an old one; over zones and nodes; a drained node takes one at a time."""
    budgets = of_kind(objects, "PodDisruptionBudget")
    for found in of_kind(objects, "Deployment"):
        assert {"maxUnavailable": 0, "maxSurge": 1} == found["spec"]["strategy"]["rollingUpdate"]
        spread = pod(found)["topologySpreadConstraints"]
        assert ["topology.kubernetes.io/zone", "kubernetes.io/hostname"] == [
            one["topologyKey"] for one in spread
        ]
        assert all(
            selects(one["labelSelector"]["matchLabels"], labels(found))
            and "app.kubernetes.io/component" in one["matchLabelKeys"]
            for one in spread
        )
        (budget,) = (
            one for one in budgets if selects(one["spec"]["selector"]["matchLabels"], labels(found))
        )
        assert 1 == budget["spec"]["maxUnavailable"]


def test_who_is_scaled_has_no_number_of_its_own(objects: Sequence[Object]) -> None:
    """Else each apply would undo the scaling; everybody else has two copies."""
    scaled = {
        found["spec"]["scaleTargetRef"]["name"]: found
        for found in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject")
    }
    names = {found["metadata"]["name"] for found in of_kind(objects, "Deployment")}
    assert set(scaled) <= names
    for found in of_kind(objects, "Deployment"):
        replicas = None if found["metadata"]["name"] in scaled else 2
        assert replicas == found["spec"].get("replicas"), title(found)


def test_no_more_handlers_than_partitions(objects: Sequence[Object]) -> None:
    """More copies than a topic has partitions have nothing to do."""
    for found in of_kind(objects, "ScaledObject"):
        partitions = {topic["spec"]["partitions"] for topic in of_kind(objects, "KafkaTopic")}
        assert {found["spec"]["maxReplicaCount"]} == partitions
        (trigger,) = found["spec"]["triggers"]
        assert Settings.model_fields["kafka_group"].default == trigger["metadata"]["consumerGroup"]


def test_the_migration_is_named_by_the_version(objects: Sequence[Object]) -> None:
    """A Job can't be changed, so that of another version has another name; images say the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for job in of_kind(objects, "Job"):
        assert job["metadata"]["name"].endswith(project["version"].replace(".", "-"))
    for workload in workloads(objects):
        assert container(workload)["image"].endswith(f"/voucherify-sync:{project['version']}")


def test_alerts_name_metrics_that_exist(objects: Sequence[Object]) -> None:
    """A misspelt metric never fires."""
    sources = "".join(path.read_text() for path in ROOT.glob("*/metrics.py"))
    known = set(re.findall(r'"(voucherify_sync_[a-z_]+)"', sources))
    for found in of_kind(objects, "PrometheusRule"):
        for group in found["spec"]["groups"]:
            for rule in group["rules"]:
                named = set(re.findall(r"voucherify_sync_[a-z_]+", rule["expr"]))
                plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
                assert plain or rule["expr"].startswith("up{")
                assert plain <= known, rule["alert"]


_POLICIES: Final = {
    "receives-webhooks": "webhooks",
    "answers-queries": "query",
    "has-metrics": "metrics",
    "uses-log": "log",
    "uses-state": "state",
}
_UNITS: Final = {"Ki": 1024, "Mi": MEGABYTE, "Gi": 1024 * MEGABYTE}


def _names_of_policies(objects: Sequence[Object]) -> set[str]:
    found = of_kind(objects, "NetworkPolicy")
    return {one["metadata"]["name"].removeprefix("voucherify-sync-") for one in found}


def _settings(objects: Sequence[Object], workload: Object) -> dict[str, str]:
    """What a container's variables set, by the settings' names."""
    given: dict[str, str] = {}
    for source in container(workload).get("envFrom", []):
        (values,) = (
            found["data"]
            for found in of_kind(objects, "ConfigMap")
            if found["metadata"]["name"] == source["configMapRef"]["name"]
        )
        given |= values
    given |= {one["name"]: one["value"] for one in container(workload).get("env", [])}
    assert all(name.startswith(PREFIX) for name in given)
    return {name.removeprefix(PREFIX).lower(): value for name, value in given.items()}


def _items(given: dict[str, str]) -> list[str]:
    return [item for item in given.get("trusted_proxies", "").split(",") if item]


def _public(objects: Sequence[Object]) -> Iterator[tuple[str, str, str]]:
    """Path, how it is matched, and the service behind it."""
    for found in of_kind(objects, "Ingress"):
        for rule in found["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                yield path["path"], path["pathType"], path["backend"]["service"]["name"]
    for found in of_kind(objects, "HTTPRoute"):
        for rule in found["spec"]["rules"]:
            for match in rule["matches"]:
                for backend in rule["backendRefs"]:
                    yield match["path"]["value"], match["path"]["type"], backend["name"]


def _measured() -> dict[str, float]:
    """Megabytes at their highest under load, from the table of measurements."""
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    parts = re.search(
        r"burst: receiver, handlers, query \|[^|]*\| ([\d.]+) MB, ([\d.]+) MB, ([\d.]+) MB", text
    )
    serve = re.search(r"`serve` at 500/s \|[^|]*\| ([\d.]+) MB", text)
    assert parts
    assert serve
    named = zip(("receiver", "handlers", "query"), map(float, parts.groups()), strict=True)
    return {**dict(named), "serve": float(serve[1])}


def _bytes(quantity: str) -> int:
    return int(quantity[:-2]) * _UNITS[quantity[-2:]]
