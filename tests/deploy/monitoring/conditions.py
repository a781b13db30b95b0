"""What makes each alert true, done to a real process: what it tells before, and while it is so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple

import httpx

from tests import factories
from tests.acceptance.server import SECRET, Server, running
from tests.deploy.monitoring.prometheus import Scrape, Scrapes, scrape
from tests.receiver.factories import event
from voucherify_sync.simulator.wire import signature

PATH = "/webhooks/voucherify"
_PATIENCE = 60
_APPENDED = "voucherify_sync_append_seconds"


class Told(NamedTuple):
    """Scrapes one after the other, each with the seconds for which it is told."""

    stretches: tuple[tuple[Scrapes, float], ...]


Condition = Callable[[Path], Awaitable[Told]]


def _then(before: Scrape, *after: Scrape) -> Told:
    """Ten minutes of how it was, then a scrape for each step, the last for as long as need be."""
    steps = [(one, 15.0) for one in after[:-1]]
    return Told(((before, 600), *steps, (after[-1], 900)))


@asynccontextmanager
async def _serving(folder: Path, **settings: str) -> AsyncIterator[tuple[Server, Scrape]]:
    """A process, and what it tells after a first delivery."""
    async with running("serve", folder, **settings) as server:
        await deliver(server)
        await server.caught_up()
        yield server, await scrape(server)


async def deliver(
    server: Server, body: bytes | None = None, *, secret: str = SECRET, id_: str = "evt_1"
) -> int:
    """Deliver one webhook; the answer's status."""
    body = factories.body(event()).replace(b"evt_1", id_.encode()) if body is None else body
    headers = {"x-voucherify-signature": signature(secret, body)}
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        return (await client.post(PATH, content=body, headers=headers)).status_code


async def until(server: Server, told: str) -> Scrape:
    """What it tells once this line is in it."""
    async with asyncio.timeout(_PATIENCE):
        while told not in (text := await scrape(server) or "").splitlines():
            await asyncio.sleep(0.05)
    return text


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Somebody holds the write lock of a SQLite file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        yield


async def healthy(folder: Path) -> Told:
    """A process that works, with a query now and then."""
    async with _serving(folder) as (server, before):
        await deliver(server, id_="evt_2")
        await server.caught_up()
        return Told(((before, 120), (await scrape(server), 420)))


async def down(folder: Path) -> Told:
    """The process is killed."""
    server = Server("serve", folder)
    await server.start()
    before = await scrape(server)
    await server.kill()
    return _then(before, await scrape(server))


async def no_receiver(folder: Path) -> Told:
    """All receivers' pods are taken away after an hour; handlers and query work on for three."""
    async with AsyncExitStack() as stack:
        told = {
            part: await scrape(await stack.enter_async_context(running(part, folder)))
            for part in ("handlers", "receiver", "query")
        }
    left = {part: text for part, text in told.items() if part != "receiver"}
    return Told(((told, 3_600), (left, 3 * 3_600)))


async def log_away(folder: Path) -> Told:
    """Somebody else keeps the log locked for longer than a delivery waits."""
    async with _serving(folder) as (server, before):
        async with locked(folder / "data" / "log.db"):
            assert 503 == await deliver(server)
        return _then(before, await scrape(server))


async def slow_log(folder: Path) -> Told:
    """Somebody else keeps the log locked for less than that; again, where the machine was busy."""
    async with _serving(folder) as (server, before):
        while True:
            async with locked(folder / "data" / "log.db"):
                delivered = asyncio.create_task(deliver(server))
                await asyncio.sleep(1.2)
            await delivered
            after = await scrape(server) or ""
            if sample(after, _APPENDED + "_count") > sample(after, _APPENDED + '_bucket{le="1.0"}'):
                return _then(before, after)


def sample(text: str, name: str) -> float:
    """A sample's value."""
    (line,) = (one for one in text.splitlines() if one.startswith(f"{name} "))
    return float(line.rpartition(" ")[2])


async def wrong_secret(folder: Path) -> Told:
    """The secret was changed at the sender alone."""
    async with _serving(folder) as (server, before):
        assert 401 == await deliver(server, secret="another")
        return _then(before, await scrape(server))


async def silent(folder: Path) -> Told:
    """Deliveries come, and then none for more than an hour."""
    async with _serving(folder) as (server, before):
        assert 202 == await deliver(server, id_="evt_2")
        return Told(((before, 600), (await scrape(server), 3_600 + 900)))


async def state_away(folder: Path) -> Told:
    """Somebody else keeps the state locked for longer than the handlers wait for it."""
    async with _serving(folder) as (server, before):
        async with locked(folder / "data" / "state.db"):
            assert 202 == await deliver(server, id_="evt_2")
            waiting = await until(server, 'voucherify_sync_working{part="handlers"} 0.0')
        return _then(before, waiting)


async def no_handlers(folder: Path) -> Told:
    """Queries are answered, and nobody applies anything."""
    async with _serving(folder):
        pass
    async with running("query", folder) as server:
        return _then(await scrape(server), await scrape(server))


async def dead_letter(folder: Path) -> Told:
    """An event comes that no merge takes."""
    server = Server("serve", folder, module="tests.chaos.poisoned")
    await server.start()
    before = await scrape(server)
    for number in range(300):
        assert 202 == await deliver(server, id_=f"evt_{number}")
    while "voucherify_sync_dead_letters_open 0.0" in (after := await scrape(server) or ""):
        await asyncio.sleep(0.1)
    assert 0 == await server.end()
    return _then(before, after)


async def quarantined(folder: Path) -> Told:
    """Something signed comes that is no webhook."""
    async with _serving(folder) as (server, before):
        assert 202 == await deliver(server, b"plain")
        return _then(before, await scrape(server))


async def gap(folder: Path) -> Told:
    """Of three entries of a card's ledger, the second never comes."""
    async with _serving(folder, GAP_WAIT="1s") as (server, before):
        for number in (1, 3):
            assert 202 == await deliver(server, entry(number))
        return _then(before, await until(server, "voucherify_sync_ledger_gaps 1.0"))


def entry(number: int) -> bytes:
    """One of a card's entries, each of ten points."""
    id_, when = f"vtx_{number}", 1_000 * number
    data = {"transaction": factories.transaction(id_, when, 10, 10 * number)}
    about = "voucher.loyalty_card.transaction.created"
    return factories.body(factories.webhook(about, data, told=when, event_id=f"evt_e{number}"))


async def queries_fail(folder: Path) -> Told:
    """The table that is read is gone."""
    async with _serving(folder) as (server, before):
        with closing(sqlite3.connect(folder / "data" / "state.db")) as shell:
            shell.execute("ALTER TABLE thing RENAME TO lost")
        found = []
        async with httpx.AsyncClient(base_url=server.url) as client:
            for _ in range(2):
                assert (await client.get("/v1/vouchers/CODE-1")).status_code >= 500
                found.append(await scrape(server))
        return _then(before, *found)


CONDITIONS: dict[str, Condition] = {
    "VoucherifySyncDown": down,
    "VoucherifySyncPartMissing": no_receiver,
    "VoucherifySyncRefusesDeliveries": log_away,
    "VoucherifySyncSignaturesWrong": wrong_secret,
    "VoucherifySyncSilent": silent,
    "VoucherifySyncAcceptsSlowly": slow_log,
    "VoucherifySyncWaiting": state_away,
    "VoucherifySyncBehind": no_handlers,
    "VoucherifySyncDeadLetters": dead_letter,
    "VoucherifySyncQuarantined": quarantined,
    "VoucherifySyncGaps": gap,
    "VoucherifySyncQueriesFail": queries_fail,
}
