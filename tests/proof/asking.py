"""Asks the query API over a database, in process: its whole way from a request to an answer."""

from typing import Any, Final
from urllib.parse import quote

from query.endpoint import QueryApi
from query.keys import ApiKey
from query.routes import routes
from schemas import jsontext
from state.reading import Reading
from tests.proof.history import PROJECTS
from tests.proof.oracle import Question
from tests.proof.things import Json

_KEYS: Final = [ApiKey(project, "token", project) for project in PROJECTS]


class Asker:
    """The query API of all projects, each under its own key."""

    def __init__(self, reader: Reading) -> None:
        (route,) = routes(reader=reader, keys=_KEYS)
        assert isinstance(route, QueryApi)
        self._api = route

    async def wrong(self, question: Question) -> list[str]:
        """What is wrong with the answer to a question."""
        status, body = await self._get(question)
        return [
            f"{question.project} {question.path}: {one}" for one in question.check(status, body)
        ]

    async def _get(self, question: Question) -> tuple[int, Json]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("a GET has no body")

        path, _, query = question.path.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": query.encode(),
            "headers": [(b"x-app-id", question.project.encode()), (b"x-app-token", b"token")],
        }
        await self._api.handle(scope, receive, send)
        return sent[0]["status"], jsontext.decode(sent[1]["body"])
