"""An application that reads from the query API all the time, with a key that it is told."""

import asyncio
from dataclasses import dataclass, field

import httpx

from tests.deploy.rotating.guarded import APP


@dataclass
class Application:
    """Reads at `rate` a second until it is stopped; whatever is not a 200 is remembered."""

    url: str
    token: str
    rate: float = 50.0
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Several at once, as an application does."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            await asyncio.gather(*(self._read(client) for _ in range(4)))

    async def _read(self, client: httpx.AsyncClient) -> None:
        while not self.stop.is_set():
            try:
                answer = await client.get("/v1/customers", params={"limit": 5}, headers=self.key())
                told = "" if answer.status_code == 200 else f"{answer.status_code} {answer.text}"
            except httpx.HTTPError as error:
                told = type(error).__name__
            self.answers += 1
            if told:
                self.failures.append(told)
            await asyncio.sleep(4 / self.rate)

    def key(self) -> dict[str, str]:
        """What it shows of itself."""
        return {"X-App-Id": APP, "X-App-Token": self.token}
