"""Compares a truth with a running query API, thing by thing, over HTTP.

Nothing is assumed of how the state is kept: the questions are those that an application may ask,
the answers have to be Voucherify's.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from voucherify_sync.simulator.api import Api
from voucherify_sync.simulator.checks import Check, Checks
from voucherify_sync.simulator.likeness import Difference
from voucherify_sync.simulator.wire import Json

THINGS = (
    "cards",
    "ledgers",
    "pending_points",
    "tiers",
    "publications",
    "customers",
    "redemptions",
    "vouchers",
    "gifts",
)
"""What is compared unless something else is asked for."""

MORE_THINGS = ("gift_ledgers", "loyalty_tiers", "orders", "campaigns")
"""What can be compared too, by endpoints that not every version of the query API has."""

Keys = Mapping[str, tuple[str, str]]
"""Application id and token by project id."""


@dataclass(slots=True)
class Comparison:
    """The differences, and how much was compared: checks by kind of thing, requests in all."""

    differences: list[Difference] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    requests: int = 0


async def compare(
    truth: Json,
    base_url: str,
    *,
    keys: Keys | None = None,
    things: Sequence[str] = THINGS,
    concurrency: int = 8,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Ask the query API for everything that the truth speaks of.

    `keys` are needed where the API asks for them or the truth has several projects. `progress` is
    called with the checks done and their number.
    """
    comparison = Comparison()
    async with AsyncExitStack() as stack:
        apis: list[Api] = []
        checks: list[Check] = []
        for project, expected in truth["projects"].items():
            key = keys.get(project) if keys else None
            api = await stack.enter_async_context(Api(base_url, key, most=concurrency))
            apis.append(api)
            checks += _checks(Checks(api, project, expected), things, comparison)
        await _run(checks, comparison, concurrency, progress)
        comparison.requests = sum(api.requests for api in apis)
    return comparison


def _checks(checks: Checks, things: Sequence[str], comparison: Comparison) -> Iterator[Check]:
    for thing in things:
        made = list(getattr(checks, thing)())
        comparison.checked[thing] = comparison.checked.get(thing, 0) + len(made)
        yield from made


async def _run(
    checks: Sequence[Check],
    comparison: Comparison,
    concurrency: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Run the checks, some at a time; differences are kept in the checks' order."""
    found: list[list[Difference]] = [[] for _ in checks]
    left = iter(enumerate(checks))
    done = 0

    async def work() -> None:
        nonlocal done
        for number, check in left:
            found[number] = await check()
            done += 1
            if progress is not None:
                progress(done, len(checks))

    await asyncio.gather(*(work() for _ in range(concurrency)))
    comparison.differences = [difference for some in found for difference in some]
