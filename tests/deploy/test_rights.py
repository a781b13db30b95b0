"""The rights that the manifests give are enough: each part as its own user, on real servers.

Users and their rights are read from the manifests' KafkaUsers, and the rights of the query API's
database user, who may only read, from the documentation.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.admin import CreateAclsRequest

from schemas import topics
from tests.acceptance.server import SECRET, Server, running
from tests.deploy.made import DEPLOY
from tests.services.kafka import Kafka
from tests.services.kafka_settings import PASSWORD
from tests.services.postgres import Postgres
from tests.voucherify_sync.program import run
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender

RECEIVER: Final = "voucherify-sync-receiver"
HANDLERS: Final = "voucherify-sync-handlers"

_USERS: Final = DEPLOY / "kubernetes" / "components" / "strimzi" / "users.yaml"
_DOCUMENTED: Final = DEPLOY.parent / "docs" / "kubernetes.md"
_RESOURCES: Final = {"topic": 2, "group": 3}
_PATTERNS: Final = {"literal": 3, "prefix": 4}
_OPERATIONS: Final = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
_ALLOW: Final = 3


@pytest.fixture(scope="module")
def limited_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker with the manifests' topics and users, who may do what the manifests allow."""
    users = list(yaml.safe_load_all(_USERS.read_text()))
    names = [user["metadata"]["name"] for user in users]
    kafka = Kafka(tmp_path_factory.mktemp("limited"), sasl=True, limited=names)
    kafka.start()
    asyncio.run(_prepare(kafka.plain_servers, users))
    yield kafka
    kafka.kill()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[tuple[str, str]]:
    """The URLs of one empty database: for who writes, and for who may only read."""
    name = f"rights_{secrets.token_hex(4)}"
    place = postgres.create_database(name).partition("@")[2]
    postgres.run("CREATE ROLE sync_writer LOGIN PASSWORD 'of-its-own'")
    postgres.run(f"ALTER DATABASE {name} OWNER TO sync_writer")
    postgres.run(_documented(), name)
    writer, reader = (
        f"postgresql://{user}:of-its-own@{place}" for user in ("sync_writer", "sync_reader")
    )
    yield writer, reader
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
    postgres.run("DROP ROLE sync_writer, sync_reader")


@pytest.fixture
async def parts(
    tmp_path: Path, limited_kafka: Kafka, database: tuple[str, str]
) -> AsyncIterator[tuple[Server, Server]]:
    """Receiver and query API, with handlers between them, each as its own user."""
    writer, reader = database
    async with AsyncExitStack() as stack:
        for command, user, state in (
            ("receiver", RECEIVER, writer),
            ("handlers", HANDLERS, writer),
            ("query", None, reader),
        ):
            settings = _settings(limited_kafka, user) if user else {}
            part = await stack.enter_async_context(
                running(command, tmp_path, **settings, STATE=state)
            )
            if command == "receiver":
                receiver = part
        yield receiver, part


async def test_the_rights_are_enough(parts: tuple[Server, Server]) -> None:
    """From the webhook to the answer, also what goes to the quarantine topic."""
    receiver, query = parts
    options = SimulationOptions(seed=8, cards=10, events=300, noise=0.1)
    made = schedule(options)
    sender = Sender(f"{receiver.url}/webhooks/voucherify", SECRET, Pace(time_scale=1 / 1200))
    counts = await sender.send(made.deliveries, asyncio.Event())
    assert (counts.total, 0) == (counts.accepted, counts.retried)
    await query.caught_up()
    found = await compare(made.truth, query.url, things=(*THINGS, *MORE_THINGS))
    assert [] == [str(difference) for difference in found.differences]


async def test_the_doctor_finds_nothing_missing(
    tmp_path: Path,
    parts: tuple[Server, Server],
    limited_kafka: Kafka,
    database: tuple[str, str],
) -> None:
    """As each part's user it sees that part's topics with their settings, or reads the state."""
    await parts[1].caught_up()
    writer, reader = database
    for part, user, state in (
        ("receiver", RECEIVER, writer),
        ("handlers", HANDLERS, writer),
        ("query", None, reader),
    ):
        settings = _settings(limited_kafka, user) if user else {}
        code, found = await _doctor(tmp_path, part, **settings, STATE=state)
        assert 0 == code, found
        # The broker's own default, which nobody could say who does not see it.
        topics_say = [one["says"] for one in found if one["check"] == "topics"]
        assert [True] * bool(user) == [one.startswith("the largest") for one in topics_say]
        assert [] == [
            one for one in found if one["level"] == "warning" and one["check"] != "topics"
        ]


@pytest.mark.parametrize(("command", "user"), [("receiver", HANDLERS), ("handlers", RECEIVER)])
async def test_they_are_not_each_others(
    tmp_path: Path, limited_kafka: Kafka, database: tuple[str, str], command: str, user: str
) -> None:
    """A part with the other's user is not ready and says what it may not do, as the doctor does."""
    settings = _settings(limited_kafka, user)
    part = Server(command, tmp_path, **settings, STATE=database[0])
    await part.start(wait=False)
    try:
        told = await _refused(part)
    finally:
        await part.end()
    assert "may not be used" in told or "rights" in told, told
    code, found = await _doctor(tmp_path, command, **settings, STATE=database[0])
    (refused,) = [one["says"] for one in found if one["level"] == "failure"]
    assert (1, True) == (code, refused.endswith("allow this user to describe it")), found


async def _doctor(folder: Path, part: str, **settings: str) -> tuple[int, list[dict[str, str]]]:
    """Its exit code and what it found with a part's settings."""
    given = settings | {"WEBHOOK_SECRETS": SECRET}
    done = await asyncio.to_thread(
        run,
        *("doctor", "--json", "--part", part),
        cwd=folder,
        environment={f"VOUCHERIFY_SYNC_{name}": value for name, value in given.items()},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def _documented() -> str:
    """What the documentation has an administrator run."""
    (found,) = re.findall(r"```sql\n(.*?)```", _DOCUMENTED.read_text(), flags=re.S)
    assert isinstance(found, str)
    return found


async def _refused(part: Server) -> str:
    async with httpx.AsyncClient(base_url=part.url) as client, asyncio.timeout(60):
        while True:
            try:
                answer = await client.get("/healthz/ready")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if "may not be used" in answer.text or "rights" in answer.text:
                assert 503 == answer.status_code
                return answer.text
            await asyncio.sleep(0.05)


def _settings(kafka: Kafka, user: str) -> dict[str, str]:
    return {
        "LOG": f"kafka://{kafka.servers}",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": user,
        "KAFKA_SASL_PASSWORD": PASSWORD,
        "KAFKA_SSL_CAFILE": str(kafka.cafile),
    }


async def _prepare(servers: str, users: list[Any]) -> None:
    """As Strimzi's operators would: the topics, and each user's rights."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 2, 1) for name in topics.ALL_TOPICS])
        for user in users:
            for acl in user["spec"]["authorization"]["acls"]:
                for operation in acl["operations"]:
                    await _allow(admin, user["metadata"]["name"], acl["resource"], operation)
    finally:
        await admin.close()


async def _allow(admin: Any, user: str, resource: dict[str, str], operation: str) -> None:
    request = CreateAclsRequest(
        _RESOURCES[resource["type"]],
        resource["name"],
        _PATTERNS[resource.get("patternType", "literal")],
        f"User:{user}",
        "*",
        _OPERATIONS[operation],
        _ALLOW,
    )
    answer = await admin._send_request(request)
    assert {0} == {code for code, _ in answer.creation_responses}, answer
