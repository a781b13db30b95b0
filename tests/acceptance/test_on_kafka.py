"""The real commands on a real Kafka and a real PostgreSQL, as an operator meets them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from eventlog.log import Partition
from tests.acceptance.server import SECRET, Server, running
from tests.eventlog import kafka_admin
from tests.services.kafka import Kafka
from tests.services.kafka_settings import PASSWORD, USER
from tests.services.postgres import Postgres
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender
from voucherify_sync.simulator.wire import signature

PATH = "/webhooks/voucherify"


def settings(servers: str, database: str) -> dict[str, str]:
    """Settings of an installation that nobody else uses."""
    name = f"a{secrets.token_hex(4)}"
    return {
        "LOG": f"kafka://{servers}",
        "STATE": database,
        "TOPIC_PREFIX": f"{name}.",
        "TOPIC_PARTITIONS": "3",
        "KAFKA_GROUP": name,
    }


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The URL of an empty database."""
    return postgres.create_database(f"acceptance_{secrets.token_hex(4)}")


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A broker that is not started yet, for one test alone."""
    kafka = Kafka(tmp_path / "kafka")
    yield kafka
    kafka.kill()


async def deliver(server: Server, options: SimulationOptions) -> None:
    """Send all that the simulation sends; every delivery is accepted in the end."""
    sender = Sender(server.url + PATH, SECRET, Pace(concurrency=16, time_scale=1 / 1200))
    counts = await sender.send(schedule(options).deliveries, asyncio.Event())
    assert counts.complete, counts.answers


async def differences(server: Server, options: SimulationOptions) -> list[str]:
    """What the query API says otherwise than the truth."""
    await server.caught_up()
    found = await compare(schedule(options).truth, server.url, things=(*THINGS, *MORE_THINGS))
    return [str(difference) for difference in found.differences[:20]]


async def ready(server: Server) -> httpx.Response:
    """What readiness says."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        return await client.get("/healthz/ready")


async def test_links_with_tls_and_passwords(tmp_path: Path, database: str) -> None:
    """SASL_SSL, passwords from files: no log line and no answer tells either."""
    kafka = Kafka(tmp_path / "kafka", sasl=True)
    kafka.start()
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "state").write_text(f"{database}\n")
    given = settings(kafka.servers, database) | {
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "KAFKA_SSL_CAFILE": str(kafka.cafile),
        "STATE_FILE": str(tmp_path / "state"),
    }
    given.pop("STATE")
    options = SimulationOptions(seed=31, cards=20, events=500, disorder=0.4)
    try:
        async with running("serve", tmp_path, **given) as server:
            await deliver(server, options)
            assert [] == await differences(server, options)
            told = (await ready(server)).text + server.log()
    finally:
        kafka.kill()

    secret = database.split("@")[0].rsplit(":", 1)[1]
    assert [] == [word for word in (PASSWORD, secret, SECRET) if word in told]


async def test_a_broker_that_comes_later(tmp_path: Path, own_kafka: Kafka, database: str) -> None:
    """Without it the parts run, are not ready, refuse in time and say so once; then all is well."""
    given = settings(own_kafka.servers, database)
    parts = [Server(name, tmp_path, **given) for name in ("receiver", "handlers")]
    async with AsyncExitStack() as stack:
        for part in parts:
            await part.start(wait=False)
            stack.push_async_callback(part.end)
        receiver, handlers = parts
        for part in parts:
            answer = await until_it_answers(part)
            assert 503 == answer.status_code
            assert "can't be reached" in answer.json()["checks"]["log"]["problem"]
        refused = await post(receiver, b"{}")
        assert (503, "5") == (refused.status_code, refused.headers["retry-after"])

        await asyncio.to_thread(own_kafka.start)

        await asyncio.gather(receiver.ready(), handlers.ready())
        assert 202 == (await post(receiver, b"{}")).status_code
        assert 1 == receiver.log().count("log_away")
        assert 1 == receiver.log().count("log_back")


async def until_it_answers(server: Server) -> httpx.Response:
    """The first answer of a process that is starting."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await ready(server)
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def post(server: Server, body: bytes) -> httpx.Response:
    """A signed delivery."""
    headers = {"x-voucherify-signature": signature(SECRET, body)}
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
        return await client.post(PATH, content=body, headers=headers)


async def test_records_that_are_gone(tmp_path: Path, kafka: Kafka, database: str) -> None:
    """What retention took before it was applied stops the handlers, until its loss is accepted."""
    given = settings(kafka.servers, database)
    options = SimulationOptions(seed=32, cards=10, events=300)
    async with running("receiver", tmp_path, **given) as receiver:
        await deliver(receiver, options)
    topic = f"{given['TOPIC_PREFIX']}voucherify.v2024-01-01.loyalty"
    await kafka_admin.delete_records(kafka.servers, {Partition(topic, 0): 5})

    handlers = Server("handlers", tmp_path, **given)
    await handlers.start(wait=False)
    try:
        told = await until_told(handlers, "positions skip-lost")
        assert f"{topic}/0 has no record 0 any more" in told
        code, output = await command(tmp_path, given, "positions", "skip-lost", "--yes")
        assert 0 == code, output
        await handlers.ready()
    finally:
        assert 0 == await handlers.end()


async def test_a_topic_made_anew_under_handlers(
    tmp_path: Path, kafka: Kafka, database: str
) -> None:
    """They are at work all the time, and stop: nothing of it is skipped."""
    given = settings(kafka.servers, database) | {"TOPIC_PARTITIONS": "1"}
    topic = f"{given['TOPIC_PREFIX']}voucherify.v2024-01-01.loyalty"
    async with running("serve", tmp_path, **given) as serve:
        await deliver(serve, SimulationOptions(seed=36, cards=10, events=300))
        await serve.caught_up()
        await kafka_admin.delete(kafka.servers, topic)
        await deliver(serve, SimulationOptions(seed=37, cards=10, events=900))
        await until_told(serve, "positions skip-lost")
        code, output = await command(tmp_path, given, "positions", "skip-lost", "--yes")
        assert (0, True) == (code, f"{topic}/0: from" in output), output
        await serve.ready()


async def test_a_topic_made_anew(tmp_path: Path, kafka: Kafka, database: str) -> None:
    """Also where it has grown over the position by then: nothing of it is skipped."""
    given = settings(kafka.servers, database) | {"TOPIC_PARTITIONS": "1"}
    topic = f"{given['TOPIC_PREFIX']}voucherify.v2024-01-01.loyalty"
    first = SimulationOptions(seed=36, cards=10, events=300)
    then = SimulationOptions(seed=37, cards=10, events=900)
    async with running("serve", tmp_path, **given) as serve:
        await deliver(serve, first)
        await serve.caught_up()
    await kafka_admin.delete(kafka.servers, topic)
    await kafka_admin.create(kafka.servers, topic)
    async with running("receiver", tmp_path, **given) as receiver:
        await deliver(receiver, then)

    handlers = Server("handlers", tmp_path, **given)
    await handlers.start(wait=False)
    try:
        told = await until_told(handlers, "positions skip-lost")
        assert f"{topic}/0 is not the log that was applied up to" in told
        _, listed = await command(tmp_path, given, "positions", "list")
        lost = [line.split("\t")[0] for line in listed.splitlines() if line.endswith("\tlost")]
        assert [f"{topic}/0"] == lost
        code, output = await command(tmp_path, given, "positions", "skip-lost", "--yes")
        assert (0, True) == (code, "another log" in output), output
        await handlers.ready()
    finally:
        assert 0 == await handlers.end()


async def until_told(server: Server, words: str) -> str:
    """What readiness says, once these words are in it."""
    async with asyncio.timeout(30):
        while True:
            text = (await until_it_answers(server)).text
            if words in text:
                return text
            await asyncio.sleep(0.1)


async def command(folder: Path, given: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command to its end; its exit code and what it wrote."""
    server = Server(arguments[0], folder, name="command", **given)
    code = await server.run(*arguments[1:])
    return code, server.log()


@pytest.fixture
async def installation(
    tmp_path: Path, kafka: Kafka, database: str
) -> AsyncIterator[tuple[Server, Server]]:
    """A receiver and a query API, with two handlers between them."""
    given = settings(kafka.servers, database)
    async with AsyncExitStack() as stack:
        for number in range(2):
            name = f"handlers-{number}"
            await stack.enter_async_context(running("handlers", tmp_path, name=name, **given))
        receiver = await stack.enter_async_context(running("receiver", tmp_path, **given))
        yield receiver, await stack.enter_async_context(running("query", tmp_path, **given))


@pytest.mark.parametrize("disorder", [0.0, 1.0], ids=["in order", "any"])
async def test_the_state_is_the_truth(installation: tuple[Server, Server], disorder: float) -> None:
    """Two copies of the handlers share the topics; the state is the truth in any order."""
    receiver, query = installation
    options = SimulationOptions(seed=33, cards=40, events=1_200, disorder=disorder, duplicates=0.2)

    await deliver(receiver, options)

    assert [] == await differences(query, options)
