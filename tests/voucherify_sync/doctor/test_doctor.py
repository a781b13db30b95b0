"""`voucherify-sync doctor` as a real process, beside a real installation or none."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.acceptance.server import SECRET, Server, running
from tests.factories import PROJECT, body, card, webhook
from tests.receiver.server import serving
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from tests.voucherify_sync.program import run
from tests.voucherify_sync.registration.fake import ID, TOKEN, Voucherify
from voucherify_sync import doctor_outside, doctor_registration, webhook_events
from voucherify_sync.settings import load
from voucherify_sync.simulator.wire import signature

PATH = "/webhooks/voucherify"
GIVEN = {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS": SECRET}


async def doctor(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> tuple[int, list[dict[str, str]]]:
    """Its exit code and what it found."""
    done = await asyncio.to_thread(
        run,
        *("doctor", "--json", *arguments),
        cwd=folder,
        environment=GIVEN if environment is None else environment,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def files(folder: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


def levels(found: list[dict[str, str]]) -> dict[str, str]:
    """The last level of each check."""
    return {one["check"]: one["level"] for one in found}


async def deliver(server: Server, sent: bytes) -> None:
    """Have it accept a webhook."""
    headers = {"x-voucherify-signature": signature(SECRET, sent)}
    async with httpx.AsyncClient() as client:
        answer = await client.post(server.url + PATH, content=sent, headers=headers)
        assert 202 == answer.status_code


async def at(server: Server, path: str) -> Any:
    """What the query API has there."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        return (await client.get(path)).json()


async def test_before_the_first_start(tmp_path: Path) -> None:
    """Nothing is wrong, nothing is there, and nothing is made by looking."""
    code, found = await doctor(tmp_path)

    expected = {"log": "warning", "state": "warning", "delivery": "skipped"}
    assert (0, []) == (code, files(tmp_path))
    assert expected.items() <= levels(found).items()


async def test_a_fresh_installation(tmp_path: Path) -> None:
    """The delivery comes through, though it tells of nothing: no project is known."""
    async with running("serve", tmp_path) as server:
        code, found = await doctor(tmp_path, "--url", server.url, "--query-url", server.url)
        customers = await at(server, "/v1/customers")

    lines = levels(found)
    assert (0, set()) == (code, {"failure", "warning"} & set(lines.values())), found
    assert ("ok", "ok", 0) == (lines["delivery"], lines["query API"], customers.get("total", 0))


async def test_an_installation_at_work(tmp_path: Path) -> None:
    """A customer goes in, comes out, and is deleted again, also after the dashboard's own test."""
    async with running("serve", tmp_path) as server:
        for project in ("proj_000000000000", PROJECT):
            told = webhook("voucher.created", {"voucher": card()}, project=project)
            await deliver(server, body(told))
        await server.caught_up()
        code, found = await doctor(tmp_path, "--url", server.url, "--query-url", server.url)
        await server.caught_up()
        customers = await at(server, "/v1/customers")
        log = server.log()

    (known,) = [one["says"] for one in found if one["check"] == "query API"]
    assert (0, True, 0) == (code, known.startswith("knows it"), customers["total"]), found
    assert SECRET not in log


async def test_on_kafka_and_postgresql(tmp_path: Path, kafka: Kafka, postgres: Postgres) -> None:
    """Before the first start, at work, and with a key; the test's one broker is worth a word."""
    name = f"d{secrets.token_hex(4)}"
    given = {
        "LOG": f"kafka://{kafka.servers}",
        "STATE": postgres.create_database(name),
        "TOPIC_PREFIX": f"{name}.",
        "TOPIC_PARTITIONS": "1",
        "KAFKA_GROUP": name,
        "API_KEYS": "app:a-token-of-the-query-api:proj_1",
    }
    environment = GIVEN | {f"VOUCHERIFY_SYNC_{key}": value for key, value in given.items()}
    before, nothing = await doctor(tmp_path, environment=environment)
    async with running("serve", tmp_path, **given) as server:
        url = ("--url", server.url, "--query-url", server.url)
        after, found = await doctor(tmp_path, *url, environment=environment)

    assert (0, 0) == (before, after), (nothing, found)
    assert ("warning", "warning") == (levels(nothing)["topics"], levels(nothing)["state"])
    expected = {"log", "state", "clock", "lag", "as-of", "delivery", "query API"}
    assert {"ok"} == {levels(found)[one] for one in expected}, found
    (topics,) = [one["says"] for one in found if one["check"] == "topics"]
    assert topics.startswith("one partition, so one copy of the handlers applies it")


async def test_a_project_that_nothing_was_told_of(tmp_path: Path) -> None:
    """A misspelt one is said, and not made by the test delivery: other keys still answer."""
    given = {"API_KEYS": "typo:token-a:proj_typo,one:token-b"}
    key = {"X-App-Id": "one", "X-App-Token": "token-b"}
    async with running("serve", tmp_path, **given) as server:
        await deliver(server, body(webhook("voucher.created", {"voucher": card()})))
        await server.caught_up()
        url = ("--url", server.url, "--query-url", server.url)
        environment = GIVEN | {"VOUCHERIFY_SYNC_API_KEYS": given["API_KEYS"]}
        code, found = await doctor(tmp_path, *url, environment=environment)
        await server.caught_up()
        async with httpx.AsyncClient(base_url=server.url, headers=key) as client:
            answer = await client.get("/v1/customers")

    told = [(one["level"], one["says"]) for one in found if one["check"] == "API key"]
    assert [("warning", "nothing was ever told of its project proj_typo")] == told
    assert (0, "ok", 200) == (code, levels(found)["query API"], answer.status_code), answer.text


@pytest.mark.parametrize(
    ("part", "skipped", "found", "absent"),
    [
        ("receiver", {"state"}, {"webhook secret", "log"}, {"lag", "as-of", "gaps"}),
        ("handlers", {"webhook secret"}, {"log", "state", "lag", "as-of", "gaps"}, set()),
        ("query", {"webhook secret", "log"}, {"state", "as-of", "gaps"}, {"lag", "topics"}),
    ],
)
async def test_a_part_is_asked_for_what_it_has(
    tmp_path: Path, part: str, skipped: set[str], found: set[str], absent: set[str]
) -> None:
    """What it is not given is neither missing nor wrong."""
    async with running("serve", tmp_path) as server:
        await server.caught_up()
        code, lines = await doctor(tmp_path, "--part", part)

    told = levels(lines)
    assert (0, {"skipped"}) == (code, {told[one] for one in skipped})
    assert {"ok"} == {told[one] for one in found}, lines
    assert set() == absent & told.keys()


async def test_a_part_without_a_query_api(tmp_path: Path) -> None:
    """Where it is has to be said; and who has no secrets needs none to be looked at."""
    async with running("serve", tmp_path) as server:
        _, receiver = await doctor(tmp_path, "--part", "receiver", "--url", server.url)
        environment = {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS_FILE": str(tmp_path)}
        code, handlers = await doctor(
            tmp_path, "--part", "handlers", "--url", server.url, environment=environment
        )

    assert ("ok", "skipped") == (levels(receiver)["delivery"], levels(receiver)["query API"])
    assert (0, "skipped") == (code, levels(handlers)["delivery"])


async def test_another_secret_there(tmp_path: Path) -> None:
    """Said by what it means, with the mend; a failure exits 1."""
    async with running("serve", tmp_path) as server:
        environment = {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS": "another-secret-than-there"}
        code, found = await doctor(
            tmp_path, "--url", server.url, "--query-url", server.url, environment=environment
        )

    (refused,) = [one for one in found if one["check"] == "delivery"]
    assert (1, "failure") == (code, refused["level"])
    assert refused["says"].endswith("answered 401")
    assert "has another secret" in refused["mend"]


async def test_nobody_there(tmp_path: Path) -> None:
    """An address that nothing listens on."""
    code, found = await doctor(tmp_path, "--url", "http://127.0.0.1:9")

    assert (1, "failure") == (code, levels(found)["delivery"])


async def test_wrong_settings(tmp_path: Path) -> None:
    """What would not start is not looked at further."""
    code, found = await doctor(tmp_path, environment={})

    lines = levels(found)
    assert (1, "failure", "failure") == (code, lines["settings"], lines["webhook secret"])
    assert "skipped" == lines["the rest"]


@pytest.mark.parametrize(
    ("secret", "level", "says"),
    [
        ("secret", "warning", "example"),
        ("short", "warning", "5 characters"),
        ("'0123456789abcdef'", "failure", "quotes"),
        ("0123456789abcdef01", "ok", "form"),
    ],
)
async def test_the_form_of_a_secret(tmp_path: Path, secret: str, level: str, says: str) -> None:
    """Most are cut short or quoted while they are copied; none is ever shown."""
    environment = {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS": secret}
    _, found = await doctor(tmp_path, environment=environment)

    (form,) = [one for one in found if one["check"] == "webhook secret"]
    assert (level, True) == (form["level"], says in form["says"])
    assert [] == [one for one in found if len(secret) > 10 and secret in str(one)]


async def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    """The mend is a command. A group is how Kubernetes gives a file to one process."""
    file = tmp_path / "secrets"
    file.write_text("0123456789abcdef01\n")
    file.chmod(0o644)
    environment = {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS_FILE": str(file)}
    _, found = await doctor(tmp_path, environment=environment)

    file.chmod(0o440)
    _, mounted = await doctor(tmp_path, environment=environment)

    (readable,) = [one for one in found if one["check"] == "files"]
    assert ("warning", f"chmod 600 {file}") == (readable["level"], readable["mend"])
    assert [] == [one for one in mounted if one["check"] == "files"]


async def test_what_strangers_reach(tmp_path: Path) -> None:
    """A tunnel to a query API without keys shows customers to the world."""
    keys = {"API_KEYS": "app:token"}
    found: dict[str, list[tuple[str, str]]] = {}
    two = [webhook("voucher.created", {"voucher": card()}) for _ in range(2)]
    two[1]["project_id"] = "proj_2"
    several = [body(one) for one in two]
    for name, settings, told in (("open", {}, []), ("keyed", keys, []), ("several", {}, several)):
        (tmp_path / name).mkdir()
        async with (
            running("serve", tmp_path / name, **settings) as server,
            httpx.AsyncClient() as client,
        ):
            for sent in told:
                await deliver(server, sent)
            await server.caught_up()
            seen = [one async for one in doctor_outside.look(client, server.url + PATH)]
        found[name] = [(one.level.value, one.says.split(" at ")[0]) for one in seen]

    metrics = ("warning", "strangers can read metrics")
    customers = ("failure", "strangers can read customers")
    both = [customers, metrics]
    assert {"open": both, "keyed": [metrics], "several": both} == found


async def test_where_strangers_reach_nothing() -> None:
    """A proxy passes the webhook's path alone: that it was looked at is said."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette())) as client:
        seen = [one async for one in doctor_outside.look(client, "https://sync.example.com" + PATH)]

    assert ["ok"] == [one.level for one in seen]


async def test_the_registration() -> None:
    """Whether Voucherify sends here, in its own words; it reaches no address of this machine."""
    url = "https://127.0.0.1.example.invalid" + PATH
    vendor = Voucherify(project=PROJECT)
    sent = [one for one in webhook_events.ALL if one != "customer.updated"][:-1]
    vendor.has(f"{url}/", *sent, active=False)
    async with serving(vendor.app()) as port:
        given = {
            "api_url": f"http://127.0.0.1:{port}",
            "management_id": ID,
            "management_token": TOKEN,
            "project": PROJECT,
        }
        found = await doctor_registration.look(load(given), url)
        here = await doctor_registration.look(load(given), "http://127.0.0.1:9" + PATH)

    assert [
        ("failure", "wh_1 is disabled"),
        ("failure", f"wh_1 goes to {url}/"),
        ("warning", f"1 event types are not sent: {webhook_events.ALL[-1]}"),
        ("warning", "customer.updated is not sent"),
    ] == [(one.level, one.says) for one in found]
    assert ["skipped"] == [one.level for one in here]


async def test_lines_for_people(tmp_path: Path) -> None:
    """Level, what was looked at, what was seen; the mend below."""
    done = await asyncio.to_thread(run, "doctor", cwd=tmp_path, environment=GIVEN)

    assert "ok       settings: `voucherify-sync serve` would start with them" in done.stdout
    assert "\n         -> `voucherify-sync serve` makes it\n" in done.stdout
