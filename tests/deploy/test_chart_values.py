"""What else the chart can be told, and what it refuses instead of passing it over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from schemas import topics
from tests.deploy import rendering
from tests.deploy.rendering import Object, container, labels, of_kind, pod, selects, workloads

pytestmark = pytest.mark.cluster

STRIMZI: Final = "production-strimzi-keda"
COLLECTOR: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"


def setting(name: str, value: str) -> str:
    """An option that sets one setting."""
    return f"--set=settings.VOUCHERIFY_SYNC_{name}={value}"


@pytest.mark.parametrize(
    ("given", "text"), [(16777216, "16777216"), (0.25, "0.25"), (True, "true"), ("", "")]
)
def test_a_setting_stands_as_it_was_written(tmp_path: Path, given: object, text: str) -> None:
    """Also a large number, which Helm would write as a fraction."""
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"settings": {"VOUCHERIFY_SYNC_MAX_BODY": given}}))
    found = settings(rendering.chart("production", f"--values={values}"))
    assert text == found["VOUCHERIFY_SYNC_MAX_BODY"]


@pytest.mark.parametrize("part", ["receiver", "handlers"])
def test_a_part_can_be_another_user_at_the_broker(part: str) -> None:
    """Its name is its own; the password stays in the secret that is named for it."""
    objects = rendering.chart("production", f"--set=kafka.users.{part}=ABCDKEY")
    (found,) = (one for one in workloads(objects) if [part] == container(one)["args"])
    assert "ABCDKEY" == variables(found)["VOUCHERIFY_SYNC_KAFKA_SASL_USERNAME"]
    assert f"voucherify-sync-{part}" == secrets_of(found)["kafka"]


@pytest.mark.parametrize("name", ["KAFKA_SASL_USERNAME", "API_KEYS_FILE", "WEBHOOK_SECRETS_FILE"])
def test_a_setting_that_each_part_has_itself_is_refused(name: str) -> None:
    """It would stand in the ConfigMap, and the pods' own would win."""
    told = rendering.chart_refusal("production", setting(name, "x"))
    assert f"settings.VOUCHERIFY_SYNC_{name} would be ignored" in told
    assert "kafka.users" in told


def test_topics_and_rights_follow_the_settings() -> None:
    """Prefix, group and users: two releases can share a cluster, each with its own."""
    objects = rendering.chart(
        STRIMZI,
        setting("TOPIC_PREFIX", "a."),
        setting("KAFKA_GROUP", "g"),
        *(f"--set=kafka.users.{part}=a-{part}" for part in ("receiver", "handlers", "lag")),
    )
    names = {found["metadata"]["name"] for found in of_kind(objects, "KafkaTopic")}
    assert {f"a.{topic}" for topic in topics.ALL_TOPICS} == names
    users = of_kind(objects, "KafkaUser")
    assert ["a-receiver", "a-handlers", "a-lag"] == [one["metadata"]["name"] for one in users]
    resources = [acl["resource"] for user in users for acl in user["spec"]["authorization"]["acls"]]
    assert all(one["name"].startswith("a.v") for one in resources if one["type"] == "topic")
    assert {"g"} == {one["name"] for one in resources if one["type"] == "group"}
    (scaled,) = of_kind(objects, "ScaledObject")
    assert "g" == scaled["spec"]["triggers"][0]["metadata"]["consumerGroup"]
    (login,) = of_kind(objects, "TriggerAuthentication")
    assert "a-lag" == login["spec"]["secretTargetRef"][0]["name"]
    (told,) = (
        found["data"]
        for found in of_kind(objects, "ConfigMap")
        if found["metadata"]["name"] == "voucherify-sync-lag"
    )
    assert {"username": "a-lag"} == told
    secrets = [secrets_of(one).get("kafka") for one in of_kind(objects, "Deployment")]
    assert ["a-receiver", "a-handlers"] == [one for one in secrets if one]


def test_a_prefix_that_no_object_can_have_is_refused() -> None:
    """Strimzi's topics are objects, whose names are narrower than Kafka's."""
    told = rendering.chart_refusal(STRIMZI, setting("TOPIC_PREFIX", "A_"))
    assert "use a-z, 0-9, dots and dashes" in told


@pytest.mark.parametrize("what", ["keda", "strimzi"])
def test_one_node_has_nothing_to_scale_and_no_topics(what: str) -> None:
    """Refused, instead of an object about a Deployment that there is not."""
    told = rendering.chart_refusal("one-node", f"--set={what}.enabled=true")
    assert f"{what}.enabled" in told
    assert "mode production only" in told


@pytest.mark.parametrize(
    "changed",
    [
        "resources.migrate.limits.memory=512Mi",
        "secrets.state=another",
        "image.repository=registry.example.com/mirror",
        "image.tag=0.2.0",
    ],
)
def test_another_migration_has_another_name(changed: str) -> None:
    """A job can't be changed, and the last one stays for a day."""
    before, after = rendering.chart("production"), rendering.chart("production", f"--set={changed}")
    (old,), (new,) = of_kind(before, "Job"), of_kind(after, "Job")
    assert old["metadata"]["name"] != new["metadata"]["name"]
    assert len(new["metadata"]["name"]) <= 63


def test_the_same_migration_has_the_same_name() -> None:
    """A changed setting makes no new job."""
    before = rendering.chart("production")
    after = rendering.chart("production", setting("LOG_LEVEL", "warning"))
    assert of_kind(before, "Job") == of_kind(after, "Job")


def test_monitoring_objects_can_be_chosen() -> None:
    """By the labels that an operator goes by, and with links that lead somewhere."""
    url = "https://wiki.example.com/runbook"
    objects = rendering.chart(
        "production",
        "--set=monitoring.labels.release=kube-prometheus-stack",
        f"--set=monitoring.runbookUrl={url}",
    )
    for found in of_kind(objects, "ServiceMonitor", "PrometheusRule"):
        assert "kube-prometheus-stack" == found["metadata"]["labels"]["release"]
    (rules,) = of_kind(objects, "PrometheusRule")
    for rule in rules["spec"]["groups"][0]["rules"]:
        assert f"{url}#{rule['alert'].lower()}" == rule["annotations"]["runbook_url"]


def test_traces_may_leave(tmp_path: Path) -> None:
    """Where a collector is named, and else not; overlay and chart say it in the same way."""
    overlay = rendering.with_component("production", "tracing", tmp_path)
    url = settings(overlay)[COLLECTOR]
    chart = rendering.chart("production", f"--set-string=settings.{COLLECTOR}={url}")
    assert settings(overlay) == settings(chart)

    (from_overlay,), (from_chart,) = traces(overlay), traces(chart)
    from_overlay["metadata"].pop("namespace")
    assert from_overlay == from_chart
    assert [{"ports": [{"port": 4318}]}] == from_chart["spec"]["egress"]
    for workload in of_kind(chart, "Deployment"):
        assert selects(from_chart["spec"]["podSelector"]["matchLabels"], labels(workload))
    assert [] == traces(rendering.chart("production"))


def settings(objects: Sequence[Object]) -> dict[str, Any]:
    """What the common ConfigMap says."""
    (found,) = (
        one["data"]
        for one in of_kind(objects, "ConfigMap")
        if one["metadata"]["name"] == rendering.NAME
    )
    assert isinstance(found, dict)
    return found


def traces(objects: Sequence[Object]) -> list[Object]:
    """The policies that let traces out."""
    found = of_kind(objects, "NetworkPolicy")
    return [one for one in found if one["metadata"]["name"].endswith("-traces")]


def variables(workload: Object) -> dict[str, str]:
    """What a container is told itself."""
    return {one["name"]: one["value"] for one in container(workload).get("env", [])}


def secrets_of(workload: Object) -> dict[str, str]:
    """Each volume's secret."""
    volumes = [one for one in pod(workload)["volumes"] if "secret" in one]
    return {one["name"]: one["secret"]["secretName"] for one in volumes}
