"""Real processes of `voucherify-sync`, started, asked, ended and killed by their ids."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from voucherify_sync.simulator.moments import parse

SECRET = "acceptance-secret"


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One command at one address; may be killed and started again on the same files.

    `name` tells copies of one command apart. `module` is what is run with `-m`.
    """

    def __init__(
        self,
        command: str,
        folder: Path,
        *,
        name: str | None = None,
        module: str = "voucherify_sync",
        **settings: str,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.name = name or command
        self.module = module
        self._command = command
        self._folder = folder
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def run(self, *arguments: str) -> int:
        """Run a command that ends by itself; its exit code."""
        await self.start(*arguments, wait=False)
        return await self.ended()

    async def start(self, *arguments: str, wait: bool = True) -> None:
        """Start it, and wait until it is ready."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("VOUCHERIFY_SYNC_")}
        settings = {"WEBHOOK_SECRETS": SECRET, "PORT": str(self.port), **self._settings}
        added = {f"VOUCHERIFY_SYNC_{name}": value for name, value in settings.items()}
        log = (self._folder / f"{self.name}.log").open("ab")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self.module, self._command, *arguments),
                cwd=self._folder,
                env=clean | added,
                stdout=log,
                stderr=log,
            )
        if wait:
            await self.ready()

    async def kill(self) -> None:
        """SIGKILL: no word to anyone, nothing flushed."""
        self.kills += 1
        self._signal(signal.SIGKILL)
        await self.ended()

    async def end(self) -> int:
        """SIGTERM; the exit code."""
        self._signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end; the exit code."""
        assert self._process is not None
        async with asyncio.timeout(30):
            return await self._process.wait()

    def log(self) -> str:
        """Everything that it has written so far."""
        return (self._folder / f"{self.name}.log").read_text()

    async def caught_up(self, *, within: float = 30, key: Mapping[str, str] | None = None) -> None:
        """Wait until all that was accepted so far is applied, as who shows this key is told."""
        async with (
            httpx.AsyncClient(base_url=self.url, headers=key or self._key()) as client,
            asyncio.timeout(within),
        ):
            answer = await client.get("/v1/vouchers/none")
            begun = parse(answer.headers.get("voucherify-sync-as-of", "1970-01-01T00:00:00.000Z"))
            now = max(begun, _now_ms())
            while True:
                answer = await client.get("/v1/vouchers/none")
                told = answer.headers.get("voucherify-sync-as-of")
                if told and parse(told) > now:
                    return
                await asyncio.sleep(0.05)

    async def ready(self) -> None:
        """Wait until it is ready."""
        async with httpx.AsyncClient(base_url=self.url) as client, asyncio.timeout(60):
            while True:
                try:
                    if (await client.get("/healthz/ready")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                assert self._process is not None
                assert self._process.returncode is None, self.log()
                await asyncio.sleep(0.02)

    def _key(self) -> dict[str, str]:
        """The first of its API keys: as-of goes on for those only who may read."""
        keys = self._settings.get("API_KEYS")
        if not keys:
            return {}
        id_, token = keys.split(",")[0].split(":")[:2]
        return {"X-App-Id": id_, "X-App-Token": token}

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


def _now_ms() -> int:
    from voucherify_sync.clock import now_ms

    return now_ms()


@asynccontextmanager
async def running(
    command: str, folder: Path, *, name: str | None = None, **settings: str
) -> AsyncIterator[Server]:
    """A command at work, ended cleanly afterwards."""
    server = Server(command, folder, name=name, **settings)
    await server.start()
    try:
        yield server
    finally:
        assert 0 == await server.end(), server.log()
