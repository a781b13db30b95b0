"""How long until what was delivered can be read, at a steady 200 deliveries a second."""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from benchmarks import bodies, processes
from receiver.routes import PATH

RATE = 200
_LOOK_SECONDS = 0.001


def run(seconds: float = 15.0) -> list[str]:
    """Deliver, and look for each tenth delivery's ledger entry; lines for the report."""
    with (
        tempfile.TemporaryDirectory() as folder,
        processes.serving("serve", Path(folder)) as (port, process),
    ):
        accepted, visible = asyncio.run(_run(port, seconds))
        megabytes = processes.peak_megabytes(process)
    return [
        f"to 202 at {RATE}/s: p50 {_at(accepted, 0.5)}, p99 {_at(accepted, 0.99)}",
        f"webhook sent to visible at {RATE}/s: p50 {_at(visible, 0.5)}, p99 {_at(visible, 0.99)}",
        f"memory of serve at its highest: {megabytes:.0f} MB",
    ]


def _at(values: list[float], share: float) -> str:
    ordered = sorted(values)
    return f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.1f} ms"


async def _run(port: int, seconds: float) -> tuple[list[float], list[float]]:
    accepted: list[float] = []
    visible: list[float] = []
    count = int(seconds * RATE)
    made = [bodies.movement(number) for number in range(count)]
    limits = httpx.Limits(max_connections=64)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=10) as client:
        begun = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, body in enumerate(made):
                await asyncio.sleep(max(0.0, begun + number / RATE - perf_counter()))
                watched = visible if number % 10 == 0 else None
                tasks.create_task(_deliver(client, number, body, accepted, watched))
    return accepted, visible


async def _deliver(
    client: httpx.AsyncClient,
    number: int,
    body: bytes,
    accepted: list[float],
    visible: list[float] | None,
) -> None:
    headers = bodies.delivery_headers(body)
    begun = perf_counter()
    answer = await client.post(PATH, content=body, headers=headers)
    accepted.append(perf_counter() - begun)
    if answer.status_code != 202:
        raise RuntimeError(f"a delivery was answered {answer.status_code}")
    if visible is not None:
        path = f"/v1/loyalties/members/BENCH-{number % 1_000:08d}"
        while not _has(await client.get(path), number // 1_000 + 1):
            await asyncio.sleep(_LOOK_SECONDS)
        visible.append(perf_counter() - begun)


def _has(answer: httpx.Response, points: int) -> bool:
    if answer.status_code != 200:
        return False
    card: dict[str, Any] = answer.json()
    return bool(card["loyalty_card"]["points"] >= points)
