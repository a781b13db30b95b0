"""A simulated programme behind a `voucherify-sync query` of its own, and both SDKs at work.

All of it is started once, for all tests here: they only read.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from receiver.signature import sign
from tests.acceptance.server import SECRET, running
from tests.factories import body, webhook
from tests.query import vendor
from tests.sdk import environments, set_up
from tests.sdk.driven import Client, Sdk, driving
from tests.services.cache import ServiceMissingError
from voucherify_sync.simulator.deliveries import Schedule, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender
from voucherify_sync.simulator.wire import Json

OPTIONS = SimulationOptions(seed=5, cards=25, events=600, disorder=0.3, duplicates=0.1)
HERE = Path(__file__).parent
APP_ID, TOKEN = "sdk", "sdk-token"


EXAMPLES = "proj_examples"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks the query API, and what is true of the project that they see."""

    client: Client
    truth: Json


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asked(
    python_sdk: Sdk, javascript_sdk: Sdk, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Asked]:
    """The simulation's project: told to `serve`, which then ends, and read from `query`."""
    del python_sdk, javascript_sdk  # they take seconds to load, and do so meanwhile
    folder = tmp_path_factory.mktemp("sdk")
    made = schedule(OPTIONS)
    ((project, simulated),) = made.truth["projects"].items()
    more = set_up.webhooks(project, simulated)
    async with running("serve", folder) as server:
        await _deliver(made, f"{server.url}/webhooks/voucherify")
        await _tell([*more, *_examples()], f"{server.url}/webhooks/voucherify")
        await server.caught_up()
    events = [set_up.event_of(delivery.body) for delivery in made.deliveries]
    truth = set_up.with_definitions(simulated, [*events, *more])
    keys = [f"{APP_ID}:{TOKEN}:{project}", f"{EXAMPLES}:{TOKEN}:{EXAMPLES}"]
    async with running("query", folder, API_KEYS=",".join(keys)) as query:
        yield Asked(Client(query.url, APP_ID, TOKEN), truth)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def examples(asked: Asked) -> Asked:
    """Another project of the same state, of which the vendor's examples tell."""
    return Asked(replace(asked.client, app_id=EXAMPLES), {})


def _examples() -> Iterator[Json]:
    told = vendor.examples() if vendor.IS_THERE else ()
    for number, (type_, payload) in enumerate(told):
        yield webhook(type_, payload, event_id=f"evt_{number}", project=EXAMPLES)


async def _deliver(made: Schedule, url: str) -> None:
    sender = Sender(url, SECRET, Pace(concurrency=16))
    counts = await sender.send(made.deliveries, asyncio.Event())
    assert counts.complete, counts.answers


async def _tell(events: Iterable[Json], url: str) -> None:
    async with httpx.AsyncClient() as client:
        for event in events:
            content = body(event)
            headers = {b"x-voucherify-signature": sign(SECRET.encode(), content)}
            assert 202 == (await client.post(url, content=content, headers=headers)).status_code


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def python_sdk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sdk]:
    """Voucherify's SDK for Python."""
    try:
        command = [*environments.python(), str(HERE / "python" / "driver.py")]
    except ServiceMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    async with driving(command, tmp_path_factory.mktemp("python")) as sdk:
        yield sdk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def javascript_sdk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sdk]:
    """Voucherify's SDK for JavaScript."""
    try:
        installed = str(environments.javascript())
        command = [*environments.node(), str(HERE / "javascript" / "driver.cjs"), installed]
    except ServiceMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    async with driving(command, tmp_path_factory.mktemp("javascript")) as sdk:
        yield sdk
