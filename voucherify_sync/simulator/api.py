"""A small reader of the query API, as an application would write one: GET, pages, cursors."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from voucherify_sync.simulator.certificates import trusted
from voucherify_sync.simulator.wire import Json

PAGE = 100
"""The largest page, and the largest page number, that Voucherify's lists have."""

AS_OF = "Voucherify-Sync-As-Of"

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the moment up to which it is complete; status 0 where there was none."""

    status: int
    body: Json
    as_of: str | None = None


class Api:
    """One project's query API."""

    def __init__(self, base_url: str, key: tuple[str, str] | None = None, *, most: int = 8) -> None:
        headers = {"X-App-Id": key[0], "X-App-Token": key[1]} if key else {}
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=15.0,
            verify=trusted(),
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            trust_env=False,
        )
        self.requests = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, params: Params | None = None) -> Answer:
        """One answer; what is no JSON object counts as an empty one."""
        self.requests += 1
        try:
            response = await self._client.get(path, params=params)
            body = response.json()
        except httpx.HTTPError as error:
            return Answer(0, {"message": type(error).__name__})
        except ValueError:
            body = None
        found = body if isinstance(body, dict) else {}
        return Answer(response.status_code, found, response.headers.get(AS_OF))

    async def cursor(self, path: str) -> AsyncIterator[Answer]:
        """Every page of a list that goes on after an id, oldest first; ends at an error."""
        params: Params = {"limit": PAGE, "order": "id"}
        while True:
            answer = await self.get(path, params)
            yield answer
            entries = items(answer.body, "data")
            if answer.status != 200 or not answer.body.get("has_more") or not entries:
                return
            params["starting_after_id"] = str(entries[-1].get("id"))

    async def whole(self, path: str) -> AsyncIterator[Answer]:
        """A list that has no pages, as the one that there is."""
        yield await self.get(path)

    async def pages(
        self, path: str, name: str, filters: Mapping[str, str] | None = None
    ) -> AsyncIterator[Answer]:
        """Every page of a numbered list whose items stand under `name`; ends at an error."""
        for page in range(1, PAGE + 1):
            answer = await self.get(path, {"limit": PAGE, "page": page, **(filters or {})})
            yield answer
            if answer.status != 200 or len(items(answer.body, name)) < PAGE:
                return


def items(body: Json, name: str) -> list[Json]:
    """The objects of a list in an answer."""
    found: Any = body.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="", errors="surrogatepass")
