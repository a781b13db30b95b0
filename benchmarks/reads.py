"""How quickly a filled state is read through the query API, against the bare stack.

One process answers; a member is asked for by its code, lists by their first page and by their
hundredth.
"""

import asyncio
import random
import statistics
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks import bodies, filling, load, processes

CLIENTS: Final = 32
_LIMIT: Final = 100
_MEMBER: Final = "/v1/loyalties/members/"
_PROGRAMME: Final = f"/v1/loyalties/{bodies.CAMPAIGN}/members"
_LISTS: Final = (
    ("/v1/customers?order=-created_at", 99),
    ("/v1/customers?order=source_id", 99),
    ("/v1/vouchers?order=-created_at", 99),
    (f"{_PROGRAMME}?order=-created_at", 100),
    (f"{_PROGRAMME}?order=-updated_at", 100),
    (f"{_PROGRAMME}?order=code", 100),
)
"""Lists, and the last page that they have."""


def lines(
    name: str, folder: Path, settings: Mapping[str, str], cards: int, rounds: int = 5
) -> list[str]:
    """Lines for the report about one filled database."""
    with ExitStack() as stack:
        port, process = stack.enter_context(processes.serving("query", folder, settings))
        answer = folder / "answer.json"
        answer.write_bytes(_get(port, _MEMBER + filling.code(0)))
        bare, _ = stack.enter_context(processes.bare(folder, answer))
        members = [load.get(_MEMBER + filling.code(place)) for place in _some(cards)]
        return [
            *_members(name, port, bare, members, rounds),
            *(_list(name, port, path, last, rounds) for path, last in _LISTS),
            f"memory of query over {name} at its highest: "
            f"{processes.peak_megabytes(process):.0f} MB",
        ]


def _some(cards: int) -> Sequence[int]:
    """Places of cards from all over the state, the same in each run."""
    return random.Random(1).sample(range(cards), min(cards, 20_000))


def _members(name: str, port: int, bare: int, members: list[bytes], rounds: int) -> list[str]:
    single, many, ratios, bare_single = [], [], [], []
    _measure(port, members, CLIENTS, 1.0)  # the first second is not counted
    for _ in range(rounds):
        single.append(_measure(port, members, 1, 1.0))
        bare_single.append(_measure(bare, members, 1, 0.5))
        ours = _measure(port, members, CLIENTS, 1.5)
        theirs = _measure(bare, members, CLIENTS, 1.0)
        many.append(ours.per_second)
        ratios.append(ours.per_second / theirs.per_second)
    p50, p99 = (statistics.median(one.percentile(at) for one in single) for at in (0.5, 0.99))
    least = statistics.median(one.percentile(0.5) for one in bare_single)
    return [
        f"a member from {name}, one client: p50 {p50 * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms; "
        f"p50 ÷ bare Starlette's of the same bytes {p50 / least:.1f}",
        f"members/s from {name}, {CLIENTS} clients: {statistics.median(many):.0f}; "
        f"÷ bare Starlette {statistics.median(ratios):.2f}",
    ]


def _list(name: str, port: int, path: str, last: int, rounds: int) -> str:
    """The median of the first page, and how many times as long the last one takes."""
    pages = [load.get(f"{path}&limit={_LIMIT}&page={page}") for page in (1, last)]
    first, ratios = [], []
    for _ in range(rounds):
        near, deep = (_measure(port, [page], 1, 0.3).percentile(0.5) for page in pages)
        first.append(near)
        ratios.append(deep / near)
    return (
        f"{path} from {name}: first page of {_LIMIT} {statistics.median(first) * 1000:.1f} ms, "
        f"page {last} ÷ first {statistics.median(ratios):.2f}"
    )


def _measure(port: int, requests: list[bytes], clients: int, seconds: float) -> load.Result:
    result = asyncio.run(load.run(port, requests, seconds=seconds, connections=clients))
    if set(result.statuses) != {200}:
        raise RuntimeError(f"not every read was answered: {result.statuses}")
    return result


def _get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return bytes(answer.read())
