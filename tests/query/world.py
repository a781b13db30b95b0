"""A real state, filled by telling events, and the query API over it: what the tests here ask."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from handlers import table
from query import manners
from query.keys import ApiKey
from query.manners import Manners
from query.routes import routes
from schemas import envelope, jsontext
from schemas.envelope import Envelope
from state.postgres import PostgresState
from state.postgres_reader import PostgresReader
from state.reader import StateReader
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import Batch, StateWriter
from tests.factories import CUSTOMER, at, webhook

AS_OF = 1_740_787_200_123
AS_OF_TEXT = "2025-03-01T00:00:00.123Z"

Object = dict[str, Any]


class World:
    """Tell events, then ask."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        """On SQLite in a folder, or on PostgreSQL at a URL."""
        self.path = folder / "state.db"
        self.state: StateWriter = PostgresState(url) if url else SqliteState(self.path)
        self.reader: StateReader = PostgresReader(url) if url else SqliteReader(self.path)
        self._position = 0
        self._client: httpx.AsyncClient | None = None

    async def tell(self, *events: Mapping[str, Any]) -> None:
        """Apply events to the state, as the handlers do."""
        await self.tell_read(_read(event) for event in events)

    async def tell_read(self, events: Iterable[Envelope]) -> None:
        """Apply events that were read already."""
        told = [fact for event in events for fact in table.facts(event)]
        moves = {("t", 0): (self._position, self._position + 1)}
        await self.state.apply(Batch(told, moves))
        self._position += 1

    async def ask(self, path: str, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer to a GET of a path that is percent-encoded already."""
        return await self.request("GET", path, headers=headers)

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer to any request, which always says as of when it is."""
        answer = await self.client().request(method, path, headers=headers)
        assert answer.headers.get("voucherify-sync-as-of") == AS_OF_TEXT
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache")
        assert answer.headers["x-request-id"]
        return answer

    def client(self) -> httpx.AsyncClient:
        """The client that asks; closed with the world."""
        if self._client is None:
            self._client = client(self.reader)
        return self._client

    async def get(self, path: str) -> Any:
        """The object that a GET answers with 200."""
        answer = await self.ask(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, path: str, name: str = "id") -> list[str]:
        """The ids of a list's things."""
        listed = await self.get(path)
        return [thing[name] for thing in listed[listed["data_ref"]]]

    async def total(self, path: str) -> int:
        """How many things a list says that it has."""
        total: int = (await self.get(path))["total"]
        return total

    async def status(self, path: str) -> int:
        """The status of an answer."""
        return (await self.ask(path)).status_code

    async def walk(self, path: str, *, limit: int) -> list[str]:
        """The ids of all pages, one after the other, each as long as can be but the last."""
        found: list[str] = []
        for page in range(1, 101):
            ids = await self.ids(f"{path}{'&' if '?' in path else '?'}limit={limit}&page={page}")
            assert len(ids) <= limit
            found += ids
            if len(ids) < limit:
                break
        return found

    async def follow(self, path: str, *, limit: int) -> list[str]:
        """The ids of all pages of a list that goes on behind its last entry."""
        found: list[str] = []
        start = f"{path}{'&' if '?' in path else '?'}limit={limit}"
        answer = await self.get(start)
        while answer["has_more"]:
            found += [thing["id"] for thing in answer["data"]]
            assert len(found) < 1_000
            assert found[-1] == answer["more_starting_after"]
            answer = await self.get(f"{start}&starting_after_id={answer['more_starting_after']}")
        assert "more_starting_after" not in answer
        return found + [thing["id"] for thing in answer["data"]]

    async def close(self) -> None:
        """Let go of everything."""
        if self._client is not None:
            await self._client.aclose()
        await self.reader.close()
        await self.state.close()


def _read(event: Mapping[str, Any]) -> Envelope:
    read = envelope.read(jsontext.encode(event))
    assert isinstance(read, Envelope), read
    return read


def client(
    reader: StateReader, *keys: ApiKey, manners: Manners = manners.DEFAULT
) -> httpx.AsyncClient:
    """A client of the query API over a reader."""
    app = Starlette(routes=routes(reader=reader, keys=keys, manners=manners))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://query.example")


async def begin(folder: Path, url: str | None = None) -> None:
    """Make a state in which nothing was told yet, complete up to AS_OF."""
    world = World(folder, url)
    await world.state.migrate()
    await world.state.advance_as_of(AS_OF)
    await world.close()


def customer(id_: str = CUSTOMER, **more: Any) -> Object:
    """A customer in the simple form."""
    return {
        "id": id_,
        "source_id": f"{id_}@example.com",
        "name": "Ada",
        "email": f"{id_}@example.com",
        "metadata": {"lang": "pl"},
        "object": "customer",
        **more,
    }


def campaign(id_: str, name: str, type_: str = "LOYALTY_PROGRAM", **more: Any) -> Object:
    """A campaign in the simple form."""
    return {
        "id": id_,
        "name": name,
        "campaign_type": type_,
        "created_at": at(0),
        "object": "campaign",
        **more,
    }


def publication(id_: str, vouchers: Sequence[str], made: int = 0, **more: Any) -> Object:
    """`publication.succeeded` of some vouchers to a customer."""
    holder = more.pop("customer", customer())
    told = {
        "id": id_,
        "object": "publication",
        "created_at": at(made),
        "customer_id": holder["id"],
        "tracking_id": holder["source_id"],
        "metadata": {},
        "channel": "API",
        "source_id": None,
        "result": "SUCCESS",
        "customer": holder,
        "vouchers_id": list(vouchers),
        **more.pop("publication", {}),
    }
    return webhook("publication.succeeded", {"publication": told, "customer": holder, **more})


def redemption(id_: str, made: int = 0, **more: Any) -> Object:
    """A redemption, or with `rolled_back` the rollback of one."""
    rolled_back = more.pop("rolled_back", None)
    told = {
        "id": id_,
        "object": "redemption",
        "date": at(made),
        "customer_id": CUSTOMER,
        "tracking_id": "track_1",
        "metadata": {},
        "result": "SUCCESS",
        "status": "SUCCEEDED",
        **more,
    }
    if rolled_back:
        told |= {"object": "redemption_rollback", "redemption": rolled_back, "reason": "returned"}
    return told
