"""What the Kafka users of the manifests may do is what their parts do, and nothing else."""

from collections.abc import Sequence
from typing import Final

import pytest

from schemas import topics
from tests.deploy import rendering
from tests.deploy.rendering import Object, of_kind

pytestmark = pytest.mark.cluster

RECEIVER: Final = "voucherify-sync-receiver"
HANDLERS: Final = "voucherify-sync-handlers"
LAG: Final = "voucherify-sync-lag"


@pytest.fixture
def objects() -> Sequence[Object]:
    """The objects of the overlay with Strimzi's."""
    return rendering.overlay("production-strimzi-keda")


def test_every_topic_is_made(objects: Sequence[Object]) -> None:
    """Those of the contract, so that no part has to be allowed to make one."""
    found = of_kind(objects, "KafkaTopic")
    assert set(topics.ALL_TOPICS) == {topic["metadata"]["name"] for topic in found}


@pytest.mark.parametrize(
    ("user", "operation", "allowed"),
    [
        (RECEIVER, "Write", {*topics.EVENT_TOPICS, topics.QUARANTINE}),
        (RECEIVER, "Describe", {*topics.EVENT_TOPICS, topics.QUARANTINE}),
        (RECEIVER, "DescribeConfigs", {*topics.EVENT_TOPICS, topics.QUARANTINE}),
        (RECEIVER, "Read", set()),
        (HANDLERS, "Read", {*topics.EVENT_TOPICS}),
        (HANDLERS, "Describe", {*topics.EVENT_TOPICS, topics.DEAD_LETTER}),
        (HANDLERS, "DescribeConfigs", {*topics.EVENT_TOPICS, topics.DEAD_LETTER}),
        (HANDLERS, "Write", {topics.DEAD_LETTER}),
        (LAG, "Describe", {*topics.EVENT_TOPICS}),
        (LAG, "Read", set()),
        (LAG, "Write", set()),
    ],
)
def test_a_user_may_do_this_with_these_topics_alone(
    objects: Sequence[Object], user: str, operation: str, allowed: set[str]
) -> None:
    """Least privilege, topic by topic."""
    assert allowed == {
        topic for topic in topics.ALL_TOPICS if _may(_acls(objects, user), operation, topic)
    }


def test_nobody_may_do_anything_else(objects: Sequence[Object]) -> None:
    """No rights at the cluster, on transactions or on other groups."""
    for user in (RECEIVER, HANDLERS, LAG):
        for acl in _acls(objects, user):
            assert acl["resource"]["type"] in {"topic", "group"}
            assert {"Read", "Write", "Describe", "DescribeConfigs"} >= set(acl["operations"])
            if acl["resource"]["type"] == "group":
                assert "voucherify-sync" == acl["resource"]["name"]


def test_each_part_is_the_user_whose_password_it_has(objects: Sequence[Object]) -> None:
    """The user's name in its settings, and the secret that Strimzi makes under that name."""
    for found in of_kind(objects, "Deployment"):
        env = {one["name"]: one["value"] for one in rendering.container(found).get("env", [])}
        user = env.get("VOUCHERIFY_SYNC_KAFKA_SASL_USERNAME")
        volumes = rendering.pod(found)["volumes"]
        secrets = {one["name"]: one["secret"]["secretName"] for one in volumes}
        assert user == secrets.get("kafka")


def _acls(objects: Sequence[Object], name: str) -> list[Object]:
    (user,) = (one for one in of_kind(objects, "KafkaUser") if one["metadata"]["name"] == name)
    acls: list[Object] = user["spec"]["authorization"]["acls"]
    return acls


def _may(acls: Sequence[Object], operation: str, topic: str) -> bool:
    return any(operation in acl["operations"] and _is_about(acl["resource"], topic) for acl in acls)


def _is_about(resource: Object, topic: str) -> bool:
    if resource["type"] != "topic":
        return False
    if resource.get("patternType") == "prefix":
        return topic.startswith(resource["name"])
    return bool(topic == resource["name"])
