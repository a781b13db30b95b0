"""A whole installation on one machine: broker, database, and any number of copies of each part."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.server import Server
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres

PARTITIONS = 3


class Installation:
    """The real parts as real processes. `module` is what handlers are run as."""

    def __init__(
        self,
        folder: Path,
        kafka: Kafka,
        postgres: Postgres,
        *,
        receivers: int = 2,
        handlers: int = 3,
        module: str = "voucherify_sync",
    ) -> None:
        self.kafka = kafka
        self.postgres = postgres
        self._folder = folder
        self.database = postgres.create_database(f"chaos_{folder.name.lower()}")
        self.prefix = f"{folder.name}."
        self.settings = {
            "LOG": f"kafka://{kafka.servers}",
            "STATE": self.database,
            "TOPIC_PREFIX": self.prefix,
            "TOPIC_PARTITIONS": str(PARTITIONS),
            "KAFKA_GROUP": folder.name,
            "LOG_LEVEL": "info",
        }
        self.receivers = [self.server("receiver", number) for number in range(receivers)]
        self.handlers = [self.server("handlers", number, module) for number in range(handlers)]
        self.query = self.server("query", 0)

    def server(self, command: str, number: int, module: str = "voucherify_sync") -> Server:
        """One more copy of a part, not started yet."""
        name = f"{command}-{number}"
        return Server(command, self._folder, name=name, module=module, **self.settings)

    @property
    def processes(self) -> list[Server]:
        """The copies that the installation began with."""
        return [*self.receivers, *self.handlers, self.query]

    async def start(self) -> None:
        """Start everything and wait until all of it is ready."""
        await asyncio.gather(*(one.start(wait=False) for one in self.processes))
        await asyncio.gather(*(one.ready() for one in self.processes))

    async def end(self) -> dict[str, int]:
        """End everything by SIGTERM; the exit codes by name."""
        codes = await asyncio.gather(*(one.end() for one in self.processes))
        return dict(zip((one.name for one in self.processes), codes, strict=True))

    def command(self, *arguments: str) -> list[str]:
        """The lines that a command of the program prints, which has to succeed."""
        settings = {f"VOUCHERIFY_SYNC_{name}": value for name, value in self.settings.items()}
        done = subprocess.run(
            [sys.executable, "-m", "voucherify_sync", *arguments],
            cwd=self._folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def tracebacks(self) -> Iterator[str]:
        """The names of the processes that wrote a traceback."""
        for log in sorted(self._folder.glob("*.log")):
            if "Traceback" in log.read_text():
                yield log.name
