"""How long until what was delivered can be read, at a steady 500 deliveries a second."""

import asyncio
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import uvloop

from benchmarks import bodies, load, processes, services
from benchmarks.asking import Connections, connected
from receiver.routes import PATH

RATE: Final = 500
_CARDS: Final = 1_000
_WARM_SECONDS: Final = 2.0
"""Not counted: new topics, empty caches."""

_LOOKED_FOR: Final = 25
"""Each 25th delivery is: looking takes CPU time from what is looked at."""

_LOOK_SECONDS: Final = 0.001


def run(seconds: float = 10.0) -> list[str]:
    """Deliver, and look for some of their points; lines for the report."""
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
    accepted, visible = uvloop.run(_run(receiver, query, seconds))
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
    made = [
        load.post(PATH, body, bodies.delivery_headers(body))
        for body in map(bodies.movement, range(int((_WARM_SECONDS + seconds) * RATE)))
    ]
    async with connected(receiver, 64) as receivers, connected(query, 16) as readers:
        measured = _Measured(receivers, readers)
        begun = perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, request in enumerate(made):
                due = begun + number / RATE
                await asyncio.sleep(max(0.0, due - perf_counter()))
                tasks.create_task(measured.deliver(number, request, due))
    return measured.accepted, measured.visible


class _Measured:
    """Seconds from when a delivery was due to its 202, and until its points could be read."""

    def __init__(self, receivers: Connections, readers: Connections) -> None:
        self._receivers = receivers
        self._readers = readers
        self.accepted: list[float] = []
        self.visible: list[float] = []

    async def deliver(self, number: int, request: bytes, due: float) -> None:
        status, _ = await self._receivers.ask(request)
        if status != 202:
            raise RuntimeError(f"a delivery was answered {status}")
        if number < _WARM_SECONDS * RATE:
            return
        self.accepted.append(perf_counter() - due)
        if number % _LOOKED_FOR == 0:
            await self._look_for(number)
            self.visible.append(perf_counter() - due)

    async def _look_for(self, number: int) -> None:
        card, points = number % _CARDS, number // _CARDS + 1
        request = load.get(f"/v1/loyalties/members/BENCH-{card:08d}")
        while not _has(await self._readers.ask(request), points):
            await asyncio.sleep(_LOOK_SECONDS)


def _has(answer: tuple[int, bytes], points: int) -> bool:
    status, body = answer
    if status != 200:
        return False
    card: dict[str, Any] = json.loads(body)
    return bool(card["loyalty_card"]["points"] >= points)
