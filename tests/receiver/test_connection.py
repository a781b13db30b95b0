"""Deliveries taken straight from the connection: the same answers, and nothing in between."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from receiver import connection
from receiver.connection import connections
from receiver.endpoint import WebhookEndpoint
from tests.receiver.factories import RecordingLog, application, body, signed
from tests.receiver.server import Answer, Connection, chunk, connected, head, serving


class Asked(Exception):  # noqa: N818 - what happens here
    """The application was asked."""


@pytest.fixture
def log() -> RecordingLog:
    """A log that records."""
    return RecordingLog()


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application must not be asked."""

    async def refuse(_self: object, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise Asked

    monkeypatch.setattr(WebhookEndpoint, "__call__", refuse)


def parts(length: int = 7) -> list[bytes]:
    """A delivery cut into pieces anywhere."""
    whole = head(signed(body()), length=len(body())) + body()
    return [whole[at : at + length] for at in range(0, len(whole), length)]


async def asked(sent: Connection, pieces: Sequence[bytes], seconds: float = 0.0) -> Answer:
    """The answer to bytes that come in these pieces."""
    for piece in pieces:
        await sent.send(piece)
        await asyncio.sleep(seconds)
    return await sent.answer()


@pytest.mark.usefixtures("straight")
@pytest.mark.parametrize("length", [5_000, 200, 13])
async def test_a_delivery_goes_straight_to_the_endpoint(log: RecordingLog, length: int) -> None:
    """Also in several reads, again and again on one connection."""
    async with serving(application(log)) as port, connected(port) as sent:
        answers = [await asked(sent, parts(length)) for _ in range(3)]

    assert [202] * 3 == [answer.status for answer in answers]
    assert {"content-length": "0"} == {
        name: value for name, value in answers[0].headers.items() if name not in ("date", "server")
    }
    assert "date" in answers[0].headers
    assert [body()] * 3 == log.values()


async def test_a_delivery_that_comes_slowly(log: RecordingLog) -> None:
    """The application goes on with what came, and its limits."""
    async with serving(application(log)) as port, connected(port) as sent:
        half = len(parts()) // 2
        await sent.send(*parts()[:half])
        await asyncio.sleep(0.2)
        answer = await asked(sent, parts()[half:])
        again = await asked(sent, parts())

    assert (202, 202) == (answer.status, again.status)
    assert [body()] * 2 == log.values()


@pytest.mark.parametrize("headers", [signed(body()), [], signed(body(), b"another secret")])
@pytest.mark.parametrize("chunks", [True, False])
async def test_the_answers_are_those_of_the_application(
    log: RecordingLog, headers: list[tuple[bytes, bytes]], chunks: bool
) -> None:
    """A body in chunks goes to the application; what is said to it is the same."""
    whole = [head(headers, length=len(body())), body()]
    in_chunks = [head(headers), chunk(body()), chunk(b"")]
    async with serving(application(log)) as port, connected(port) as sent:
        expected = await asked(sent, whole)
        answer = await asked(sent, in_chunks if chunks else whole)

    assert (expected.status, expected.body) == (answer.status, answer.body)
    assert sorted(expected.headers) == sorted(answer.headers)


async def test_the_last_delivery_on_a_connection(log: RecordingLog) -> None:
    """Who says that it is the last finds the connection closed after the answer."""
    headers = [*signed(body()), (b"connection", b"close")]
    async with serving(application(log)) as port, connected(port) as sent:
        answer = await asked(sent, [head(headers, length=len(body())) + body()])
        rest = await sent.ended()

    assert (202, "close", b"") == (answer.status, answer.headers["connection"], rest)


@pytest.mark.usefixtures("straight")
async def test_a_source_that_is_not_allowed(log: RecordingLog) -> None:
    """It is refused, and the connection ends."""
    async with serving(application(log, allowed="eu1")) as port, connected(port) as sent:
        answer = await asked(sent, parts(5_000))
        rest = await sent.ended()

    assert (403, "close", b"") == (answer.status, answer.headers["connection"], rest)


@pytest.mark.usefixtures("straight")
@pytest.mark.parametrize(("failure", "status"), [(None, 503), (ValueError("x"), 503)])
async def test_what_the_log_does_not_take(
    log: RecordingLog, failure: Exception | None, status: int
) -> None:
    """In time, or at all: the sender is told to come again, and its connection goes on."""
    log.failure, log.seconds = failure, 0.0 if failure else 1.0
    async with serving(application(log, append_seconds=0.05)) as port, connected(port) as sent:
        answer = await asked(sent, parts(5_000))
        log.failure, log.seconds = None, 0.0
        again = await asked(sent, parts(5_000))

    assert (status, "5", 202) == (answer.status, answer.headers["retry-after"], again.status)
    assert [body()] == log.values()


async def test_a_sender_that_leaves_while_it_sends(log: RecordingLog) -> None:
    """One line says so, and nothing is kept of it."""
    app = application(log)
    with capture_logs() as lines:
        async with serving(app) as port:
            async with connected(port) as sent:
                await sent.send(*parts()[:-1])
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.02)

    assert ["sender-left"] == [line["reason"] for line in lines if line["event"] == "webhook"]


async def test_a_connection_that_is_idle(
    log: RecordingLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is closed after a while, but not while a delivery is under way."""
    monkeypatch.setattr(connection, "_IDLE_SECONDS", 0.1)
    log.seconds = 0.3
    async with serving(application(log)) as port, connected(port) as sent:
        answers = [await asked(sent, parts(5_000)) for _ in range(2)]
        rest = await sent.ended()

    assert ([202, 202], b"") == ([answer.status for answer in answers], rest)


async def test_a_server_that_ends_answers_what_is_under_way(log: RecordingLog) -> None:
    """The last answer says that the connection ends."""
    log.seconds = 0.2
    async with serving(application(log)) as port:
        async with asyncio.timeout(10):
            sent = Connection(*await asyncio.open_connection("127.0.0.1", port))
            await sent.send(*parts(5_000))
            await asyncio.sleep(0.05)
    answer = await sent.answer()
    await sent.close()

    assert (202, "close") == (answer.status, answer.headers["connection"])


async def test_a_server_that_ends_waits_for_what_arrives(log: RecordingLog) -> None:
    """A body that has begun is read to its end."""
    async with serving(application(log)) as port:
        async with asyncio.timeout(10):
            sent = Connection(*await asyncio.open_connection("127.0.0.1", port))
            await sent.send(*parts()[:-1])
            await asyncio.sleep(0.02)
            rest = asyncio.get_running_loop().call_later(0.1, sent.write, parts()[-1])
    answer = await sent.answer()
    rest.cancel()
    await sent.close()

    assert 202 == answer.status


def test_a_server_without_the_endpoint() -> None:
    """A process that takes no deliveries has uvicorn's own connections."""
    assert connections(Starlette().routes) is None
