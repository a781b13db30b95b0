"""Midnight, when points of all cards expire: 200,000 events a minute, and readers all the while.

`python -m benchmarks.burst` takes the whole minute, `make bench` a quarter of it. `python -m
benchmarks.burst 300` sends a million events, to see whether memory grows.
"""

import asyncio
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import bodies, load, processes, services
from receiver.routes import PATH
from schemas import moment
from voucherify_sync.clock import now_ms

_PER_MINUTE: Final = 200_000
_CARDS: Final = 20_000
_MOST: Final = 200_000
"""So many events are told apart; a longer burst tells them again."""

_READS_A_SECOND: Final = 100
_PATIENCE_SECONDS: Final = 300
_AS_OF: Final = "Voucherify-Sync-As-Of"


def run(seconds: float = 15.0) -> list[str]:
    """Each part a process, Kafka and PostgreSQL beside them; lines for the report."""
    rate = _PER_MINUTE / 60
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = stack.enter_context(services.running()).settings()
        parts = {
            command: stack.enter_context(processes.serving(command, folder, settings))
            for command in ("receiver", "handlers", "query")
        }
        made = _requests(min(_MOST, int(rate * seconds * 1.02)))
        readers = stack.enter_context(ProcessPoolExecutor(1))
        read = readers.submit(_read, parts["query"][0], seconds)
        halves, memory = [], []
        for half in (made[: len(made) // 2], made[len(made) // 2 :]):
            sending = load.run_at(
                parts["receiver"][0], half, rate, seconds=seconds / 2, connections=64
            )
            halves.append(uvloop.run(sending))
            memory.append({name: processes.peak_megabytes(id_) for name, (_, id_) in parts.items()})
        behind = _caught_up(parts["query"][0])
        reads = read.result()
    p50, p99 = (reads.percentile(share) * 1_000 for share in (0.5, 0.99))
    early, late = memory
    grown = ", ".join(f"{name} {early[name]:.0f} and {late[name]:.0f} MB" for name in parts)
    return [
        f"burst of {rate:.0f}/s for {seconds:.0f} s, Kafka and PostgreSQL: {_answers(halves)}, "
        f"to 202 p99 {max(one.percentile(0.99, 202) for one in halves) * 1_000:.1f} ms",
        f"burst, as-of has caught up {behind:.1f} s after its end",
        f"burst, members read meanwhile, {_READS_A_SECOND}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        f"burst, memory at most, half-way and at the end: {grown}",
    ]


def _answers(halves: list[load.Result]) -> str:
    statuses = Counter[int]()
    for one in halves:
        statuses.update(one.statuses)
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items()))
    return f"{counts}, {sum(one.unsent for one in halves):,} not sent"


def _requests(count: int) -> list[bytes]:
    found = []
    for number in range(count):
        body = bodies.movement(number, _CARDS)
        found.append(load.post(PATH, body, bodies.delivery_headers(body)))
    return found


def _read(port: int, seconds: float) -> load.Result:
    """Members while they move, in a process of its own."""
    asked = [load.get(f"/v1/loyalties/members/BENCH-{card:08d}") for card in range(_CARDS)]
    return asyncio.run(load.run_at(port, asked, _READS_A_SECOND, seconds=seconds, connections=4))


def _caught_up(port: int) -> float:
    """Seconds until the state is complete up to now."""
    begun, wanted = time.perf_counter(), now_ms()
    while time.perf_counter() - begun < _PATIENCE_SECONDS:
        if (as_of := _as_of(port)) is not None and as_of >= wanted:
            return time.perf_counter() - begun
        time.sleep(0.02)
    raise RuntimeError(f"the state was not complete after {_PATIENCE_SECONDS} s")


def _as_of(port: int) -> int | None:
    """The moment that an answer is complete up to, here of a card that there is not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/vouchers/none") as answer:
            told = answer.headers.get(_AS_OF)
    except urllib.error.HTTPError as refused:
        told = refused.headers.get(_AS_OF)
        refused.close()
    return moment.parse(told)


if __name__ == "__main__":
    print(*run(float(sys.argv[1]) if sys.argv[1:] else 60.0), sep="\n")
