"""One run: a simulated programme goes through the proxy while every copy is replaced."""

import asyncio
from dataclasses import dataclass

from tests.acceptance.server import SECRET
from tests.chaos.installation import Installation
from tests.deploy.rolling.proxy import Proxy
from tests.deploy.rolling.rollout import Rollout, Timing
from tests.deploy.rolling.sending import Sending
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions

PATH = "/webhooks/voucherify"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `failed` counts attempts that were not answered 2xx."""

    deliveries: int
    accepted: int
    failed: int
    failures: list[str]
    differences: list[str]
    questions: int
    replaced: int
    slowest_end: float
    percentiles: tuple[float, float]
    seconds: float

    @property
    def fine(self) -> bool:
        """Nobody noticed, and nothing is missing."""
        return not (self.failed or self.differences or self.deliveries - self.accepted)

    def lines(self) -> list[str]:
        """What to show."""
        p50, p99 = (1000 * seconds for seconds in self.percentiles)
        return [
            f"{self.deliveries:,} deliveries, {self.failed:,} failed attempts, "
            f"{self.deliveries - self.accepted:,} never accepted, "
            f"{self.accepted / self.seconds:.0f}/s",
            f"copies replaced: {self.replaced}; the slowest took {self.slowest_end:.1f} s to end",
            f"to 202 through the proxy: p50 {p50:.1f} ms, p99 {p99:.1f} ms",
            f"differences from the truth: {len(self.differences):,} in {self.questions:,} answers",
            *self.failures[:10],
            *self.differences[:10],
        ]


async def run(
    installation: Installation, timing: Timing, *, seconds: float, rate: float, seed: int = 8
) -> Report:
    """Send for so long at that rate, and roll out again and again meanwhile; then compare."""
    options = SimulationOptions(
        seed=seed, cards=100, events=int(seconds * rate), disorder=0.2, rate=rate, concurrency=64
    )
    made = schedule(options)
    async with Proxy() as proxy:
        for receiver in installation.receivers:
            proxy.add(receiver.port)
        sender = Sending(proxy.url + PATH, SECRET, made.deliveries, rate=rate, connections=64)
        sending = asyncio.create_task(sender.run())
        rollout = Rollout(installation, proxy, timing)
        await rollout.once()
        while not sending.done() and len(made.deliveries) - sender.sent.accepted > 20 * rate:
            await rollout.once()
        sent = await sending
    await installation.query.caught_up(within=120)
    found = await compare(made.truth, installation.query.url, things=(*THINGS, *MORE_THINGS))
    return Report(
        deliveries=sent.total,
        accepted=sent.accepted,
        failed=sent.failed,
        failures=proxy.failures,
        differences=[str(difference) for difference in found.differences],
        questions=found.requests,
        replaced=rollout.replaced,
        slowest_end=rollout.slowest_end,
        percentiles=(sent.percentile(0.5), sent.percentile(0.99)),
        seconds=sent.seconds,
    )
