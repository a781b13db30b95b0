"""What happens to an installation: kills at random, pauses, copies that come and go.

Each is a coroutine that goes on until it is cancelled, and leaves everything running.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from tests.acceptance.server import Server
from tests.chaos.installation import Installation

log = structlog.get_logger()


@dataclass
class Kills:
    """SIGKILL at a random part every `every` seconds; sometimes SIGSTOP of the broker instead."""

    installation: Installation
    chance: random.Random
    every: float
    pause_every: int = 20
    pause_seconds: float = 10.0
    count: Counter[str] = field(default_factory=Counter)

    async def go_on(self) -> None:
        """Until cancelled; what was killed last is started again before it ends."""
        troubles = 0
        while True:
            await asyncio.sleep(self.every * self.chance.uniform(0.5, 1.5))
            troubles += 1
            is_pause = troubles % self.pause_every == self.pause_every // 2
            trouble = self._pause_broker() if is_pause else self._kill_one()
            going_on = asyncio.create_task(trouble)
            try:
                await asyncio.shield(going_on)
            finally:
                await going_on

    async def _kill_one(self) -> None:
        away = self.chance.uniform(0.0, 1.0)
        kind = self.chance.choice(("receiver", "handlers", "handlers", "query", "broker", "state"))
        self.count[kind] += 1
        if kind == "broker":
            await self._restart(self.installation.kafka.kill, self.installation.kafka.start, away)
        elif kind == "state":
            database = self.installation.postgres
            await self._restart(database.kill, database.start, away)
        else:
            server = self.chance.choice(self._copies(kind))
            await server.kill()
            await asyncio.sleep(away)
            await server.start(wait=False)

    def _copies(self, kind: str) -> list[Server]:
        parts = self.installation
        return {"receiver": parts.receivers, "handlers": parts.handlers, "query": [parts.query]}[
            kind
        ]

    async def _restart(
        self, kill: Callable[[], object], start: Callable[[], object], away: float
    ) -> None:
        await asyncio.to_thread(kill)
        await asyncio.sleep(away)
        await asyncio.to_thread(start)

    async def _pause_broker(self) -> None:
        self.count["broker paused"] += 1
        await asyncio.to_thread(self.installation.kafka.pause)
        await asyncio.sleep(self.pause_seconds)
        await asyncio.to_thread(self.installation.kafka.resume)


@dataclass
class Storm:
    """A copy of the handlers joins or leaves every `every` seconds, politely."""

    installation: Installation
    every: float = 2.0
    joined: int = 0

    async def go_on(self) -> None:
        """Until cancelled; the copies that joined last leave then."""
        copies: list[Server] = []
        try:
            while True:
                await asyncio.sleep(self.every)
                if len(copies) < 2:
                    self.joined += 1
                    number = len(self.installation.handlers) + self.joined
                    copies.append(self.installation.server("handlers", number))
                    await copies[-1].start(wait=False)
                else:
                    await copies[0].ready()  # before, SIGTERM may find a Python that only starts
                    assert 0 == await copies.pop(0).end()
        finally:
            await asyncio.gather(*(copy.end() for copy in copies))
