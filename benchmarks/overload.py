"""What the receiver does with three times of what it can do, on Kafka: sheds, and loses nothing."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import uvloop

from benchmarks import accepted, load, processes, services
from voucherify_sync.settings import PREFIX
from voucherify_sync.settings import load as load_settings
from voucherify_sync.stores import open_replay

_TIMES = 3
_CONNECTIONS = 512


def run(seconds: float = 15.0) -> list[str]:
    """As fast as it can, then too much, then half of what it can; lines for the report."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = stack.enter_context(services.running()).settings()
        port, process = stack.enter_context(processes.serving("receiver", folder, settings))
        return uvloop.run(_measure(port, process, settings, seconds))


async def _measure(port: int, process: int, settings: dict[str, str], seconds: float) -> list[str]:
    requests = accepted.requests()
    await load.run(port, requests, seconds=1)  # the first second is not counted
    before = await _written(settings)
    highest = await load.run(port, requests, seconds=3)
    calm = processes.peak_megabytes(process)
    rate = _TIMES * highest.per_second
    flood = await load.run_at(port, requests, rate, seconds=seconds, connections=_CONNECTIONS)
    after = await load.run_at(
        port, requests, highest.per_second / 2, seconds=3, connections=_CONNECTIONS
    )
    written = await _written(settings) - before
    promised = sum(len(one.by_status.get(202, [])) for one in (highest, flood, after))
    return [
        f"overload: {rate:.0f}/s for {seconds:.0f} s, {_TIMES} times the highest: "
        f"{_counts(flood, seconds)}",
        f"overload, from sent to 202: {_percentiles(flood, 202)}; to 503: "
        f"{_percentiles(flood, 503)}; from due to 202: p99 "
        f"{flood.percentile(0.99, 202) * 1_000:.0f} ms",
        f"overload, memory at most: {processes.peak_megabytes(process):.0f} MB ({calm:.0f} before)",
        f"overload, at half of the highest right after it: {_counts(after, 3)}; "
        f"the last 503 after {after.last_at.get(503, 0.0):.2f} s",
        f"overload, accepted {promised}, in the log {written}: "
        f"{'nothing is lost' if written >= promised else 'LOST'}",
    ]


async def _written(settings: dict[str, str]) -> int:
    """How many records all topics have."""
    flags = {name.removeprefix(PREFIX).lower(): value for name, value in settings.items()}
    log = open_replay(load_settings(flags))
    try:
        return sum((await log.reader.ends()).values())
    finally:
        await log.close()


def _counts(result: load.Result, seconds: float) -> str:
    counts = {status: round(count / seconds) for status, count in sorted(result.statuses.items())}
    each = ", ".join(f"{count}/s {status}" for status, count in counts.items())
    return f"{each}, {result.unsent} not sent for want of a free connection"


def _percentiles(result: load.Result, status: int) -> str:
    p50, p99 = (result.percentile_since_sent(share, status) * 1_000 for share in (0.5, 0.99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"
