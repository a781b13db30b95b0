"""The webhook endpoint behind a real server: what only shows on a connection."""

import asyncio
import tracemalloc
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from eventlog.embedded import EmbeddedLog
from tests.eventlog.factories import values
from tests.receiver.client import PATH
from tests.receiver.factories import MAX_BODY, RecordingLog, application, body, signed
from tests.receiver.server import chunk, connected, head, serving

TEXT = body()
SIGNED = signed(TEXT)


@pytest.fixture
def log() -> RecordingLog:
    """A log that records."""
    return RecordingLog()


def delivery(text: bytes = TEXT) -> bytes:
    """A whole delivery."""
    return head(signed(text), length=len(text)) + text


def client_of(port: int) -> httpx.AsyncClient:
    """A usual client; it need not load certificates to speak plain HTTP."""
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=False)  # noqa: S501


async def test_deliveries_on_one_connection(log: RecordingLog) -> None:
    """A connection is used again, also after a refusal that has read its body."""
    async with serving(application(log)) as port, connected(port) as connection:
        await connection.send(delivery())
        first = await connection.answer()
        await connection.send(head([], length=len(TEXT)), TEXT)
        refused = await connection.answer()
        await connection.send(delivery())
        last = await connection.answer()

    assert [202, 401, 202] == [first.status, refused.status, last.status]
    assert [TEXT] * 2 == log.values()


async def test_pipelined_deliveries(log: RecordingLog) -> None:
    """Sent without waiting for answers, each gets its own, in order."""
    texts = [body(id=f"whs_{n}") for n in range(5)]
    async with serving(application(log)) as port, connected(port) as connection:
        wrong = head(signed(b"other"), length=len(TEXT)) + TEXT
        await connection.send(*map(delivery, texts), wrong, delivery())
        answers = [await connection.answer() for _ in range(7)]

    assert [202] * 5 + [401, 202] == [answer.status for answer in answers]
    assert [*texts, TEXT] == log.values()


async def test_a_body_in_chunks(log: RecordingLog) -> None:
    """Of no declared length, in parts that are cut anywhere."""
    whole = head(SIGNED) + chunk(TEXT[:7]) + chunk(TEXT[7:8]) + chunk(TEXT[8:]) + chunk(b"")
    async with serving(application(log)) as port, connected(port) as connection:
        for start in range(0, len(whole), 50):
            await connection.send(whole[start : start + 50])
            await asyncio.sleep(0)
        answer = await connection.answer()

    assert 202 == answer.status
    assert [TEXT] == log.values()


async def test_a_sender_that_asks_first(log: RecordingLog) -> None:
    """`Expect: 100-continue` gets the go-ahead, and then the answer."""
    expect = (b"expect", b"100-continue")
    async with serving(application(log)) as port, connected(port) as connection:
        await connection.send(head([*SIGNED, expect], length=len(TEXT)))
        go_ahead = await connection.answer()
        await connection.send(TEXT)
        answer = await connection.answer()

    assert [100, 202] == [go_ahead.status, answer.status]
    assert [TEXT] == log.values()


async def test_a_sender_that_asks_first_and_may_not(log: RecordingLog) -> None:
    """Who would send too much, or may not send at all, is told so instead of the go-ahead."""
    expect = (b"expect", b"100-continue")
    app = application(log, linger_seconds=5.0)
    async with serving(app) as port, connected(port) as connection:
        await connection.send(head([*SIGNED, expect], length=3_000_000))
        answer = await connection.answer()
        rest = await connection.ended()

    assert (413, "close", b"") == (answer.status, answer.headers["connection"], rest)


@pytest.mark.parametrize("size", [MAX_BODY + 1, 3_000_000])
async def test_a_large_body_over_a_usual_client(log: RecordingLog, size: int) -> None:
    """A client that sends all before it reads gets the answer, and no broken connection."""
    async with serving(application(log)) as port, client_of(port) as client:
        answer = await client.post(PATH, content=b"x" * size)

    assert (413, "body_too_large") == (answer.status_code, answer.json()["key"])


async def test_a_source_that_is_not_allowed_over_a_usual_client(log: RecordingLog) -> None:
    """The answer comes through, though nothing of a large body is wanted."""
    app = application(log, allowed="eu1")
    async with serving(app) as port, client_of(port) as client:
        answer = await client.post(PATH, content=b"x" * 1_000_000)

    assert (403, "source_not_allowed") == (answer.status_code, answer.json()["key"])


async def test_a_declared_length_is_refused_at_once(log: RecordingLog) -> None:
    """The answer comes before the body, and the connection ends soon."""
    async with serving(application(log)) as port, connected(port) as connection:
        await connection.send(head(SIGNED, length=3_000_000))
        answer = await connection.answer()
        rest = await connection.ended()

    assert (413, "close", b"") == (answer.status, answer.headers["connection"], rest)


async def test_an_endless_body_is_refused_while_it_arrives(log: RecordingLog) -> None:
    """Chunks without an end are read up to the limit, and no further."""
    app = application(log, max_body=100_000, linger_bytes=1_000_000)
    sent = 0
    async with serving(app) as port, connected(port) as connection:
        await connection.send(head(SIGNED))
        with suppress(ConnectionError):
            while sent < 50_000_000:
                await connection.send(chunk(b"x" * 50_000))
                sent += 50_000

    assert sent < 20_000_000


async def test_memory_stays_bounded_in_a_flood(log: RecordingLog) -> None:
    """Many large bodies that arrive at once: some are refused, none is lost, little is held."""
    app = application(log, in_flight_bytes=4 * MAX_BODY)
    log.seconds = 0.2
    text = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    whole = delivery(text)
    tracemalloc.start()
    async with serving(app) as port:

        async def one() -> int:
            async with connected(port) as connection:
                await connection.send(whole)
                return (await connection.answer()).status

        statuses = await asyncio.gather(*(one() for _ in range(40)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert {202, 503} == set(statuses)
    assert statuses.count(202) == len(log.messages)
    assert peak < 60 * MAX_BODY


@pytest.mark.parametrize("parts", [[], [TEXT[:10]], [TEXT[:10], TEXT[10:20]]])
async def test_a_slow_sender_is_cut_off(log: RecordingLog, parts: list[bytes]) -> None:
    """The time is for the whole body: bytes that drip in do not prolong it."""
    app = application(log, body_seconds=0.1)
    async with serving(app) as port, connected(port) as connection:
        await connection.send(head(SIGNED, length=len(TEXT)))
        for part in parts:
            await asyncio.sleep(0.04)
            await connection.send(part)
        answer = await connection.answer()
        rest = await connection.ended()

    assert (408, "close", b"") == (answer.status, answer.headers["connection"], rest)
    assert [] == log.messages


async def test_slow_senders_do_not_hold_up_others(log: RecordingLog) -> None:
    """While a hundred bodies drip in, a whole one is answered."""
    app = application(log, body_seconds=0.5)
    async with serving(app) as port:
        slow = [connected(port) for _ in range(100)]
        connections = [await one.__aenter__() for one in slow]
        for connection in connections:
            await connection.send(head(SIGNED, length=len(TEXT)), TEXT[:5])
        async with connected(port) as quick:
            await quick.send(delivery())
            answered = await quick.answer()
        cut_off = [await connection.answer() for connection in connections]
        for one in reversed(slow):
            await one.__aexit__(None, None, None)

    assert 202 == answered.status
    assert [408] * 100 == [answer.status for answer in cut_off]
    assert [TEXT] == log.values()


async def test_a_sender_that_leaves_in_the_middle(log: RecordingLog) -> None:
    """Half a body is not written, and the server goes on."""
    async with serving(application(log)) as port:
        async with connected(port) as connection:
            await connection.send(head(SIGNED, length=len(TEXT)), TEXT[:-1])
            await asyncio.sleep(0.05)
            connection.reset()
        async with connected(port) as connection:
            await connection.send(delivery())
            answer = await connection.answer()

    assert 202 == answer.status
    assert [TEXT] == log.values()


async def test_a_sender_that_does_not_wait_for_the_answer(log: RecordingLog) -> None:
    """A whole body that was sent is written, whether or not somebody hears the answer."""
    log.seconds = 0.1
    async with serving(application(log)) as port:
        async with connected(port) as connection:
            await connection.send(delivery())
            await asyncio.sleep(0.05)
            connection.reset()
        await asyncio.sleep(0.15)

    assert [TEXT] == log.values()


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"PUT", b"DELETE"])
async def test_another_method(log: RecordingLog, method: bytes) -> None:
    """405 says which one is right."""
    async with serving(application(log)) as port, connected(port) as connection:
        await connection.send(head(SIGNED, length=0, method=method))
        answer = await connection.answer(has_body=method != b"HEAD")

    assert (405, "POST") == (answer.status, answer.headers["allow"])


async def test_the_embedded_log_over_http(tmp_path: Path) -> None:
    """What it takes is durable, what it refuses is a 503, and it passes; nothing crashes."""
    log = EmbeddedLog(tmp_path / "log.db")
    texts = [body(id=f"whs_{n}") for n in range(100)]
    async with serving(application(log)) as port, client_of(port) as client:

        async def post(text: bytes) -> int:
            headers = {name.decode(): value.decode() for name, value in signed(text)}
            return (await client.post(PATH, content=text, headers=headers)).status_code

        first = await asyncio.gather(*(post(text) for text in texts[:50]))
        log._written.read(lambda db: db.execute("PRAGMA query_only = ON"))
        refused = await asyncio.gather(*(post(text) for text in texts[50:]))
        again = await asyncio.gather(*(post(text) for text in texts[50:]))
    found = await values(log)
    await log.close()

    assert {202} == {*first, *again}
    assert 503 in refused
    assert sorted(texts) == sorted(set(found))
