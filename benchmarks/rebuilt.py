"""How many events a second `voucherify-sync rebuild` takes from Kafka into an empty PostgreSQL.

The real command, from its start to its end; ten movements of each card.
"""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from time import perf_counter
from typing import Final

from benchmarks import bodies, services
from eventlog.log import Message
from receiver.delivery import understand
from voucherify_sync.clock import now_ms
from voucherify_sync.settings import load
from voucherify_sync.stores import open_log

_AT_ONCE: Final = 1_000
_OF_A_CARD: Final = 10


def run(events: int = 30_000) -> list[str]:
    """One rebuild; a line for the report."""
    with services.running() as running:
        given = running.settings()
        asyncio.run(_fill(given, events))
        into = running.settings()["VOUCHERIFY_SYNC_STATE"]
        seconds, used = _rebuilt(given, into)
    return [
        f"{events} events rebuilt from Kafka into an empty PostgreSQL: {events / seconds:.0f}/s, "
        f"start and end of the command included ({used / events * 1e6:.0f} µs of its CPU for each)"
    ]


async def _fill(given: Mapping[str, str], events: int) -> None:
    log = open_log(
        load(
            {name.removeprefix("VOUCHERIFY_SYNC_").lower(): value for name, value in given.items()}
        )
    )
    cards = max(1, events // _OF_A_CARD)
    for first in range(0, events, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, events))
        await log.writer.append([_message(number, cards) for number in numbers])
    await log.close()


def _message(number: int, cards: int) -> Message:
    return understand(bodies.movement(number, cards), now_ms()).message


def _rebuilt(given: Mapping[str, str], into: str) -> tuple[float, float]:
    """Seconds of the clock and of the command's CPU."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "voucherify_sync", "rebuild", "--into", into],
            cwd=folder,
            env=os.environ | given,
            check=True,
            capture_output=True,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - begun, used
