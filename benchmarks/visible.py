"""How long until what was delivered can be read, at a steady 500 deliveries a second."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import httpx

from benchmarks import bodies, processes, services
from receiver.routes import PATH

RATE = 500
_LOOK_SECONDS = 0.001


def run(seconds: float = 15.0) -> list[str]:
    """Deliver, and look for each tenth delivery's ledger entry; lines for the report."""
    return [*_embedded(seconds), *_apart(seconds)]


def _embedded(seconds: float) -> list[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.serving("serve", Path(folder)) as (port, process),
    ):
        lines = _measure("everything in one process, embedded", port, port, seconds)
        return [*lines, _memory("serve", process)]


def _apart(seconds: float) -> list[str]:
    with (
        tempfile.TemporaryDirectory() as name,
        services.running() as running,
        ExitStack() as stack,
    ):
        folder, settings = Path(name), running.settings()
        started = {
            command: stack.enter_context(processes.serving(command, folder, settings))
            for command in ("receiver", "handlers", "query")
        }
        lines = _measure(
            "Kafka and PostgreSQL", started["receiver"][0], started["query"][0], seconds
        )
        return [*lines, *(_memory(name, process) for name, (_, process) in started.items())]


def _measure(name: str, receiver: int, query: int, seconds: float) -> list[str]:
    accepted, visible = asyncio.run(_run(receiver, query, seconds))
    return [
        f"{name}: to 202 at {RATE}/s p50 {_at(accepted, 0.5)}, p99 {_at(accepted, 0.99)}; "
        f"sent to visible p50 {_at(visible, 0.5)}, p99 {_at(visible, 0.99)}"
    ]


def _memory(name: str, process: int) -> str:
    return f"memory of {name} at its highest: {processes.peak_megabytes(process):.0f} MB"


def _at(values: list[float], share: float) -> str:
    ordered = sorted(values)
    return f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.1f} ms"


async def _run(receiver: int, query: int, seconds: float) -> tuple[list[float], list[float]]:
    accepted: list[float] = []
    visible: list[float] = []
    count = int(seconds * RATE)
    made = [bodies.movement(number) for number in range(count)]
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(limits=limits, timeout=10) as http:
        client = Clients(http, f"http://127.0.0.1:{receiver}", f"http://127.0.0.1:{query}")
        begun = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, body in enumerate(made):
                await asyncio.sleep(max(0.0, begun + number / RATE - perf_counter()))
                watched = visible if number % 10 == 0 else None
                tasks.create_task(_deliver(client, number, body, accepted, watched))
    return accepted, visible


class Clients(NamedTuple):
    """One client, and where the two sides answer."""

    http: httpx.AsyncClient
    receiver: str
    query: str


async def _deliver(
    client: Clients,
    number: int,
    body: bytes,
    accepted: list[float],
    visible: list[float] | None,
) -> None:
    headers = bodies.delivery_headers(body)
    begun = perf_counter()
    answer = await client.http.post(client.receiver + PATH, content=body, headers=headers)
    accepted.append(perf_counter() - begun)
    if answer.status_code != 202:
        raise RuntimeError(f"a delivery was answered {answer.status_code}")
    if visible is not None:
        url = f"{client.query}/v1/loyalties/members/BENCH-{number % 1_000:08d}"
        while not _has(await client.http.get(url), number // 1_000 + 1):
            await asyncio.sleep(_LOOK_SECONDS)
        visible.append(perf_counter() - begun)


def _has(answer: httpx.Response, points: int) -> bool:
    if answer.status_code != 200:
        return False
    card: dict[str, Any] = answer.json()
    return bool(card["loyalty_card"]["points"] >= points)
