"""Connections are made by whichever password holds, while it is being changed."""

import asyncio
import secrets
from collections.abc import Iterator

import asyncpg
import pytest
from structlog.testing import capture_logs

from state.postgres_login import Login
from tests.services.postgres import Postgres


class User:
    """A user of the server and its URL, which says the password that is told to us."""

    def __init__(self, postgres: Postgres) -> None:
        self.name = f"login_{secrets.token_hex(4)}"
        self._postgres = postgres
        self.told = "one"
        postgres.run(f"CREATE ROLE {self.name} LOGIN PASSWORD 'one'")

    def url(self) -> str:
        """As it is told now."""
        return f"postgresql://{self.name}:{self.told}@127.0.0.1:{self._postgres.port}/postgres"

    def change(self, password: str) -> None:
        """At the server."""
        self._postgres.run(f"ALTER ROLE {self.name} PASSWORD '{password}'")


@pytest.fixture
def user(postgres: Postgres) -> Iterator[User]:
    """One of its own for each test."""
    made = User(postgres)
    yield made
    postgres.run(f"DROP ROLE {made.name}")


async def connect(login: Login) -> None:
    """A connection, and its end."""
    await (await login.connect()).close()


async def test_told_to_us_first(user: User) -> None:
    """Until the server knows the new one, the one before holds; each of both is said once."""
    login = Login(user.url)
    await connect(login)
    with capture_logs() as lines:
        user.told = "two"
        await connect(login)
        await connect(login)
        user.change("two")
        await connect(login)
    said = [line["event"] for line in lines]
    assert ["state_login_refused", "state_login_accepted"] == said
    assert "two" not in str(lines)


async def test_told_to_the_server_first(user: User) -> None:
    """A connection waits until we are told, too."""
    login = Login(user.url)
    await connect(login)
    user.change("two")
    waiting = asyncio.create_task(connect(login))
    done, _ = await asyncio.wait([waiting], timeout=0.5)
    assert set() == done
    user.told = "two"
    await waiting


async def test_never_told(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for ever, and not at all at the start or for a URL that stays."""
    monkeypatch.setattr("state.postgres_login.CONNECT_SECONDS", 0.3)
    login, fixed = Login(user.url), Login(user.url())
    await connect(login)
    await connect(fixed)
    user.change("two")
    for each in (login, fixed, Login(user.url)):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await each.connect()
