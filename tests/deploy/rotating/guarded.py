"""An installation whose secrets stand in files: of webhooks, of the query API, of the database."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.acceptance.server import Server
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres

APP: Final = "app"


class Guarded:
    """Receiver, handlers and query API, the last two as a user of the database of their own."""

    def __init__(self, folder: Path, kafka: Kafka, postgres: Postgres) -> None:
        self.name = f"rotating_{secrets.token_hex(4)}"
        self._folder = folder
        self._postgres = postgres
        self._address = postgres.create_database(self.name).partition("@")[2]
        postgres.run(f"CREATE ROLE {self.name} LOGIN")
        postgres.run(f"ALTER DATABASE {self.name} OWNER TO {self.name}")
        self.let_in_by("first-secret")
        self.answer_to("first-token")
        self.connect_by("first-password")
        self.accept_at_database("first-password")
        settings = {
            "LOG": f"kafka://{kafka.servers}",
            "STATE_FILE": str(self._file("state")),
            "WEBHOOK_SECRETS_FILE": str(self._file("webhooks")),
            "API_KEYS_FILE": str(self._file("keys")),
            "TOPIC_PREFIX": f"{self.name}.",
            "TOPIC_PARTITIONS": "3",
            "KAFKA_GROUP": self.name,
        }
        self.receiver, self.handlers, self.query = (
            Server(command, folder, **settings) for command in ("receiver", "handlers", "query")
        )

    async def start(self) -> None:
        """Start all of them and wait until they are ready."""
        await asyncio.gather(*(part.start() for part in self._parts))

    async def end(self) -> list[int]:
        """End all of them by SIGTERM, and forget the user; the exit codes."""
        codes = await asyncio.gather(*(part.end() for part in self._parts))
        self._postgres.run(f"DROP DATABASE {self.name} WITH (FORCE)")
        self._postgres.run(f"DROP ROLE {self.name}")
        return codes

    def let_in_by(self, *webhook_secrets: str) -> None:
        """Have the receiver accept deliveries signed by any of these."""
        self._write("webhooks", webhook_secrets)

    def answer_to(self, *tokens: str) -> None:
        """Have the query API answer whoever shows one of these."""
        self._write("keys", [f"{APP}:{token}" for token in tokens])

    def connect_by(self, password: str) -> None:
        """Tell the password of the database to who connects there."""
        self._write("state", [f"postgresql://{self.name}:{password}@{self._address}"])

    def accept_at_database(self, password: str) -> None:
        """Have the database accept this one, and end every connection made by another."""
        self._postgres.run(f"ALTER ROLE {self.name} PASSWORD '{password}'")
        mine = f"usename = '{self.name}'"
        self._postgres.run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"  # noqa: S608 # ours
        )

    @property
    def _parts(self) -> tuple[Server, ...]:
        return self.handlers, self.query, self.receiver

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.secret"

    def _write(self, name: str, lines: Sequence[str]) -> None:
        """In one step, as Kubernetes replaces a Secret's files."""
        made = self._folder / f"{name}.new"
        made.write_text("".join(f"{line}\n" for line in lines))
        made.chmod(0o600)
        made.replace(self._file(name))
