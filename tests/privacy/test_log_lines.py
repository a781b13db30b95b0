"""The log lines of a whole simulated run, at the most talkative level, searched for people."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from tests.acceptance.server import SECRET, Server
from voucherify_sync.simulator.deliveries import Delivery, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender
from voucherify_sync.simulator.wire import signature

PATH: Final = "/webhooks/voucherify"
TOKEN: Final = "token-of-the-test"
OPTIONS: Final = SimulationOptions(seed=8, cards=30, events=500, disorder=0.5, duplicates=0.1)

_PERSONAL: Final = {"name", "email", "phone", "source_id", "tracking_id", "line_1", "line_2"}
_LEAST: Final = 6
"""A shorter text stands in words by chance."""


async def test_no_line_tells_of_anybody(tmp_path: Path) -> None:
    """No name, e-mail address, phone number, source id, address, secret or token in any line.

    Deliveries come in disorder and twice, forged, unknown, and such as become dead letters; people
    are asked for by their e-mail addresses, with right and wrong keys.
    """
    sent = schedule(OPTIONS).deliveries
    people = personal(sent)
    assert len(people) > 50
    server = Server(
        "serve",
        tmp_path,
        module="tests.chaos.poisoned",
        API_KEYS=f"app:{TOKEN}",
        LOG_LEVEL="debug",
        LOG_FORMAT="json",
    )
    await server.start()
    sender = Sender(server.url + PATH, SECRET, Pace(concurrency=8, time_scale=1 / 1200))
    await sender.send(sent, asyncio.Event())
    await _try_all_else(server, sent, sorted(people)[:20])
    await _until_dead_letters(server)
    assert 0 == await server.end()

    lines = [json.loads(line) for line in server.log().splitlines()]
    found = {text for line in lines for text in _texts(line)}
    assert {"webhook", "batch", "dead_letter", "query_answered"} <= {one["event"] for one in lines}
    leaked = {
        (person, text)
        for text in found
        for person in people | {SECRET, TOKEN, "another-secret"}
        if person in text
    }
    assert set() == leaked


async def _try_all_else(server: Server, sent: Iterable[Delivery], asked: Iterable[str]) -> None:
    """What is refused, what is not understood, and who is asked for."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        for delivery in list(sent)[:20]:
            cut = delivery.body[: len(delivery.body) // 2]
            for secret, body in (("another-secret", delivery.body), (SECRET, cut)):
                headers = {"x-voucherify-signature": signature(secret, body)}
                await client.post(PATH, content=body, headers=headers)
        for person in asked:
            for token in (TOKEN, "wrong-token"):
                await client.get(
                    "/v1/customers",
                    params={"email": person},
                    headers={"X-App-Id": "app", "X-App-Token": token},
                )


async def _until_dead_letters(server: Server) -> None:
    async with asyncio.timeout(60):
        while '"dead_letter"' not in server.log():
            await asyncio.sleep(0.1)


def personal(sent: Iterable[Delivery]) -> frozenset[str]:
    """What the deliveries tell of people."""
    return frozenset(
        text
        for delivery in sent
        for text in _of_people(json.loads(delivery.body))
        if len(text) >= _LEAST
    )


def _of_people(value: Any) -> Iterator[str]:
    """Personal fields of customers, wherever they stand."""
    if isinstance(value, list):
        for one in value:
            yield from _of_people(one)
    elif isinstance(value, dict):
        is_person = value.get("object") == "customer" or "address" in value or "line_1" in value
        for name, one in value.items():
            if is_person and name in _PERSONAL and isinstance(one, str):
                yield one
            yield from _of_people(one)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a line, with the names of its keys."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)
