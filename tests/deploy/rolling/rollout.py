"""A rolling update, as a Deployment of the manifests makes it, of processes instead of pods.

A new copy gets ready; then the old one is told to end: proxies lose it a little later, its preStop
pause runs meanwhile, SIGTERM follows, and it has to be gone before the grace is over. The next copy
is replaced at once, without waiting for the end of the one before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.acceptance.server import Server
from tests.chaos.installation import Installation
from tests.deploy.made import DEPLOY
from tests.deploy.rolling.proxy import Proxy

_COMMON: Final = DEPLOY / "kubernetes" / "components" / "common"

PROPAGATION: Final = 3.0
"""Seconds until a proxy no longer sends anything to a pod that ends."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: preStop, all that a pod has to end, until proxies know."""

    pause: float
    grace: float
    propagation: float = PROPAGATION

    @classmethod
    def of_the_manifests(cls) -> "Timing":
        """As the pods that are asked from outside have it."""
        draining, serving = (_pod(_COMMON / f"{name}.yaml") for name in ("draining", "serving"))
        (container,) = draining["containers"]
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        return cls(pause, serving["terminationGracePeriodSeconds"])


@dataclass
class Rollout:
    """Replaces the receivers behind a proxy and the handlers, over and over."""

    installation: Installation
    proxy: Proxy
    timing: Timing
    replaced: int = 0
    slowest_end: float = 0.0

    async def once(self) -> None:
        """Every receiver and every handler, both at a time, as one `kubectl apply` would."""
        ending = await asyncio.gather(
            self._all(self.installation.receivers, self._drained),
            self._all(self.installation.handlers, self._ended),
        )
        await asyncio.gather(*(end for ends in ending for end in ends))

    async def _all(
        self, copies: list[Server], end: Callable[[Server], Awaitable[None]]
    ) -> list[asyncio.Future[None]]:
        """Replace these copies; what is returned is done once the old ones have ended."""
        ending: list[asyncio.Future[None]] = []
        for number, old in enumerate([*copies]):
            new = self.installation.server(old.name.split("-")[0], self._number(old))
            await new.start()
            if old in self.installation.receivers:
                self.proxy.add(new.port)
            copies[number] = new
            ending.append(asyncio.ensure_future(end(old)))
            self.replaced += 1
        return ending

    def _number(self, old: Server) -> int:
        return int(old.name.split("-")[1]) + 100

    async def _drained(self, old: Server) -> None:
        """Both clocks begin at once: that of the pod and that of the proxies."""
        await asyncio.gather(self._left(old), self._paused(old))

    async def _left(self, old: Server) -> None:
        await asyncio.sleep(self.timing.propagation)
        self.proxy.remove(old.port)

    async def _paused(self, old: Server) -> None:
        await asyncio.sleep(self.timing.pause)
        await self._ended(old, self.timing.pause)

    async def _ended(self, old: Server, used: float = 0.0) -> None:
        begun = time.perf_counter()
        assert 0 == await old.end(), old.log()
        seconds = time.perf_counter() - begun
        self.slowest_end = max(self.slowest_end, seconds)
        assert used + seconds < self.timing.grace, f"{old.name} would have been killed"


def _pod(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())["spec"]["template"]["spec"]
    return found
