"""Whole simulated programmes through real processes end in the state that they stand for."""

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.server import SECRET, Server, running
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Counts, Pace, Sender

PATH = "/webhooks/voucherify"


async def deliver(server: Server, options: SimulationOptions) -> Counts:
    """Send all that the simulation sends; every delivery is accepted in the end."""
    pace = Pace(concurrency=16, rate=options.rate, time_scale=1 / 1200)
    sender = Sender(server.url + PATH, SECRET, pace)
    counts = await sender.send(schedule(options).deliveries, asyncio.Event())
    assert counts.complete, counts.answers
    return counts


async def differences(server: Server, options: SimulationOptions) -> list[str]:
    """What the query API says otherwise than the truth, about every thing."""
    await server.caught_up()
    found = await compare(schedule(options).truth, server.url, things=(*THINGS, *MORE_THINGS))
    assert found.requests > options.cards
    return [str(difference) for difference in found.differences[:20]]


@pytest.mark.parametrize(
    ("disorder", "duplicates"),
    [(0.0, 0.0), (0.4, 0.2), (1.0, 0.3)],
    ids=["in order", "near", "any"],
)
async def test_the_state_is_the_truth(tmp_path: Path, disorder: float, duplicates: float) -> None:
    """In order, in local disorder and in none at all, with and without duplicates."""
    options = SimulationOptions(
        seed=7, cards=40, events=1_200, disorder=disorder, duplicates=duplicates
    )
    async with running("serve", tmp_path) as server:
        await deliver(server, options)

        assert [] == await differences(server, options)
        assert "Traceback" not in server.log()


async def test_killed_every_second(tmp_path: Path) -> None:
    """`serve` dies by SIGKILL every second under load: nothing is lost, nothing counts twice."""
    options = SimulationOptions(
        seed=11, cards=40, events=1_600, disorder=0.5, duplicates=0.2, rate=300
    )
    async with running("serve", tmp_path) as server:
        sending = asyncio.create_task(deliver(server, options))
        while not sending.done() and server.kills < 12:
            await asyncio.wait({sending}, timeout=1)
            if not sending.done():
                await server.kill()
                await server.start()
        counts = await sending

        assert server.kills >= 3
        assert counts.retried >= 1
        assert [] == await differences(server, options)


async def test_in_parts(tmp_path: Path) -> None:
    """Receiver, handlers and query API as processes of their own, on the same files."""
    options = SimulationOptions(seed=13, cards=20, events=600, disorder=0.3)
    async with (
        running("handlers", tmp_path),
        running("receiver", tmp_path) as receiver,
        running("query", tmp_path) as query,
    ):
        await deliver(receiver, options)

        assert [] == await differences(query, options)


async def test_the_log_line_of_a_whole_run_names_nobody(tmp_path: Path) -> None:
    """No name, e-mail, phone or secret of the simulated people is in what was written down."""
    options = SimulationOptions(seed=17, cards=20, events=600, disorder=0.2, duplicates=0.1)
    async with running("serve", tmp_path) as server:
        await deliver(server, options)
        await differences(server, options)
        written = server.log()

    (project,) = schedule(options).truth["projects"].values()
    people = [one["told"] for one in project["customers"].values() if "told" in one]
    told = {
        value
        for customer in people
        for name in ("name", "email", "phone")
        if isinstance(value := customer.get(name), str) and len(value) > 4
    }
    assert len(told) > 20
    assert [] == [value for value in {*told, SECRET} if value in written]
