"""One run: a simulated programme is sent to an installation in trouble, then all is compared."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from tests.acceptance.server import SECRET
from tests.chaos.installation import Installation
from tests.chaos.watching import Positions, digest, in_topics
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import Delivery, Schedule, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Counts, Pace, Sender

PATH = "/webhooks/voucherify"

_TIME_SCALE = 1 / 120
"""The vendor's first retry after half a second: nothing is given up while a part restarts."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. Every list should be empty and `missing` 0."""

    deliveries: int
    retried: int
    unaccepted: int
    missing: int
    moved_back: list[str]
    differences: list[str]
    questions: int
    looks: int
    caught_up_seconds: float

    @property
    def fine(self) -> bool:
        """Nothing was lost, nothing counted twice, no position moved back."""
        return not (self.unaccepted or self.missing or self.moved_back or self.differences)

    def lines(self) -> list[str]:
        """What to show."""
        return [
            f"{self.deliveries:,} deliveries, {self.retried:,} attempts again, "
            f"{self.unaccepted:,} never accepted",
            f"accepted and not in the topics: {self.missing:,}",
            f"positions that moved back: {len(self.moved_back):,} of {self.looks:,} looks",
            f"differences from the truth: {len(self.differences):,} in {self.questions:,} answers",
            f"caught up {self.caught_up_seconds:.1f} s after the last trouble",
            *self.moved_back[:10],
            *self.differences[:10],
        ]


async def run(
    installation: Installation,
    options: SimulationOptions,
    trouble: Callable[[], Awaitable[None]],
    *,
    settle: Callable[[], Awaitable[None]] | None = None,
) -> Report:
    """Send all of a simulation while there is trouble; then let it settle, and compare."""
    made = schedule(options)
    accepted: set[bytes] = set()
    positions = Positions(installation.database)
    watching = asyncio.create_task(positions.watch())
    troubling = asyncio.ensure_future(trouble())
    try:
        counts = await _send(installation, made, options, accepted, troubling)
    finally:
        await _cancelled(troubling)
    begun = perf_counter()
    await asyncio.gather(*(one.ready() for one in installation.processes))
    await installation.query.caught_up(within=120)
    seconds = perf_counter() - begun
    if settle:
        await settle()
    found = await compare(made.truth, installation.query.url, things=(*THINGS, *MORE_THINGS))
    await _cancelled(watching)
    in_log = await in_topics(installation.kafka.servers, installation.prefix)
    return Report(
        deliveries=counts.total,
        retried=counts.retried,
        unaccepted=counts.total - counts.accepted,
        missing=len(accepted - in_log),
        moved_back=positions.moved_back,
        differences=[str(difference) for difference in found.differences],
        questions=found.requests,
        looks=positions.looks,
        caught_up_seconds=seconds,
    )


async def _send(
    installation: Installation,
    made: Schedule,
    options: SimulationOptions,
    accepted: set[bytes],
    troubling: asyncio.Future[None],
) -> Counts:
    """Each receiver is sent its share, as a load balancer would; what fails goes to it again."""
    receivers = installation.receivers
    rate = options.rate / len(receivers) if options.rate else None
    pace = Pace(rate, 64, _TIME_SCALE)
    stop = asyncio.Event()

    def note(delivery: Delivery, _begun: float, _ended: float) -> None:
        accepted.add(digest(delivery.body))

    senders = [Sender(one.url + PATH, SECRET, pace, accepted=note) for one in receivers]
    shares = [made.deliveries[number :: len(receivers)] for number in range(len(receivers))]
    sending = [
        asyncio.create_task(sender.send(share, stop))
        for sender, share in zip(senders, shares, strict=True)
    ]
    troubling.add_done_callback(lambda _: stop.set())
    counts = [await one for one in sending]
    if troubling.done():
        await troubling  # ended by itself, which it only does by failing
    return _sum(counts)


def _sum(all_: list[Counts]) -> Counts:
    return Counts(
        total=sum(one.total for one in all_),
        accepted=sum(one.accepted for one in all_),
        retried=sum(one.retried for one in all_),
    )


async def _cancelled(task: asyncio.Future[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
