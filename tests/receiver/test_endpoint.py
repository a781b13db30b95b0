"""The webhook endpoint: every answer of the contract, and what is in the log after it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogUnavailableError
from receiver import signature
from receiver.endpoint import WebhookEndpoint
from schemas import topics
from tests.eventlog.factories import read_all
from tests.receiver.client import PATH, Answered, deliver, send
from tests.receiver.factories import MAX_BODY, RecordingLog, application, body, signed

HOSTILE = {
    "empty": b"",
    "plain text": b"  message  ",
    "white space": b" \r\n\t ",
    "nested": b"[" * 5_000 + b"]" * 5_000,
    "nested objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "nested in an event": body().replace(b'"v_1"', b"[" * 5_000 + b"]" * 5_000),
    "never closed": b'{"a":' * 200_000,
    "invalid UTF-8": body().replace(b"CODE-1", b"\xff\xfe\x80"),
    "NUL": body().replace(b"CODE-1", b"\x00"),
    "escaped NUL": body(id="whs\x00", project_id="proj\x00"),
    "lone surrogates": body().replace(b"CODE-1", b"\\ud800").replace(b"evt_1", b"\\udfff"),
    "surrogates in the type": body().replace(b"voucher.updated", b"\\ud800"),
    "too large a number": body().replace(b'"CODE-1"', b"1e400"),
    "many digits": body().replace(b'"CODE-1"', b"9" * 5_000),
    "NaN": body().replace(b'"CODE-1"', b"NaN"),
    "a key twice": body().replace(b'{"id"', b'{"id":"whs_0","id"', 1),
    "ids that are no texts": body().replace(b'"evt_1"', b"17").replace(b'"proj_test"', b"null"),
    "long ids": body(event_id="x" * 100_000) + b" " * 10,
    "byte order mark": b"\xef\xbb\xbf" + body(),
    "UTF-16": body().decode().encode("utf-16"),
    "an array": b"[1,2]",
    "null": b"null",
    "a raw payload": b'{"points":5}',
    "as large as allowed": b'"' + b"x" * (MAX_BODY - 2) + b'"',
    "line ends in ids": body(project_id="p\r\nX-Injected: 1"),
    "empty ids": body(id="", project_id=""),
}


@pytest.fixture
def log() -> RecordingLog:
    """A log that records."""
    return RecordingLog()


async def deliver_with_line(*args: Any, **kwargs: Any) -> tuple[Answered | None, dict[str, Any]]:
    """Send, and give the one line that was written about it."""
    with capture_logs() as lines:
        answered = await send(*args, **kwargs)
        await asyncio.sleep(0)  # lines are written when the turn of the loop is over
    (line,) = lines
    return answered, dict(line)


@pytest.mark.parametrize("name", HOSTILE)
async def test_whatever_is_signed_is_accepted(log: RecordingLog, name: str) -> None:
    """202 for every body under a right signature, and the log has it byte for byte."""
    answered = await deliver(application(log), HOSTILE[name])

    assert (202, b"", {b"content-length": b"0"}) == (
        answered.status,
        answered.body,
        answered.headers,
    )
    assert [HOSTILE[name]] == log.values()


@pytest.mark.parametrize("name", HOSTILE)
async def test_whatever_is_not_signed_is_refused(log: RecordingLog, name: str) -> None:
    """401 for every body under a wrong signature, and the log has nothing of it."""
    headers = signed(HOSTILE[name], b"another secret")
    answered = await send(application(log), [HOSTILE[name]], headers=headers)

    assert answered is not None
    assert (401, "signature_wrong") == (answered.status, answered.json()["key"])
    assert [] == log.messages


async def test_hostile_bodies_in_the_embedded_log(tmp_path: Path) -> None:
    """The log that is shipped has every signed body, in order, byte for byte."""
    log = EmbeddedLog(tmp_path / "log.db")
    app = application(log)
    answers = [await deliver(app, text) for text in HOSTILE.values()]
    records = await read_all(log)
    await log.close()

    assert [202] * len(HOSTILE) == [answered.status for answered in answers]
    assert list(HOSTILE.values()) == [record.value for record in records]


async def test_an_event_and_what_is_none(log: RecordingLog) -> None:
    """An event goes to its topic, what is not understood to the quarantine topic."""
    app = application(log)
    await deliver(app, body("publication.succeeded"))
    await deliver(app, b"plain text")

    expected = ["voucherify.v2024-01-01.publication", topics.QUARANTINE]
    assert expected == [message.topic for message in log.messages]


@pytest.mark.parametrize("secret", [b"old", b"new"])
async def test_each_secret_is_accepted(log: RecordingLog, secret: bytes) -> None:
    """While a secret is rotated, both hold."""
    headers = signed(body(), secret)
    answered = await send(application(log, secrets=["old", "new"]), [body()], headers=headers)

    assert answered is not None
    assert 202 == answered.status


async def test_a_re_indented_body_is_in_the_log_as_it_came(log: RecordingLog) -> None:
    """It is verified without its white space, and kept with it."""
    sent = json.dumps(json.loads(body()), indent=2, ensure_ascii=False).encode()
    answered = await send(application(log), [sent], headers=signed(body()))

    assert answered is not None
    assert 202 == answered.status
    assert [sent] == log.values()


async def test_a_compressed_body_is_bytes_like_any_other(log: RecordingLog) -> None:
    """Nothing is decompressed: what was received is what was signed."""
    answered = await deliver(application(log), b"\x1f\x8b\x08", (b"content-encoding", b"gzip"))

    assert 202 == answered.status
    assert [b"\x1f\x8b\x08"] == log.values()


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], "signature_missing"),
        ([(b"x-voucherify-signature", b"")], "signature_malformed"),
        ([(b"x-voucherify-signature", b"\xff" * 64)], "signature_malformed"),
        ([(b"x-voucherify-signature", b"0" * 64)], "signature_wrong"),
        (signed(body()) * 2, "signature_repeated"),
    ],
)
async def test_401(log: RecordingLog, headers: list[tuple[bytes, bytes]], key: str) -> None:
    """Nothing is written, and the line has nothing of the body, not even its size."""
    answered, line = await deliver_with_line(application(log), [body()], headers=headers)

    assert answered is not None
    assert (401, key) == (answered.status, answered.json()["key"])
    assert {"event", "log_level", "answer", "reason", "ms"} == set(line)
    assert [] == log.messages


async def test_403(log: RecordingLog) -> None:
    """An address that is not allowed is refused before a byte is read; the line names it."""
    app = application(log, allowed="eu1")
    answered, line = await deliver_with_line(app, [], headers=signed(b""))

    assert answered is not None
    assert (403, "source_not_allowed") == (answered.status, answered.json()["key"])
    assert ("source 203.0.113.9", 403) == (line["problem"], line["answer"])
    assert [] == log.messages


@pytest.mark.parametrize(
    ("peer", "forwarded", "status"),
    [
        (("34.247.197.22", 1), [], 202),
        (("10.0.0.7", 1), [b"203.0.113.9, 34.247.197.22", b"10.0.0.8"], 202),
        (("10.0.0.7", 1), [b"34.247.197.22, 203.0.113.9"], 403),
        (("10.0.0.7", 1), [b"34.247.197.22, garbage"], 403),
        (("203.0.113.9", 1), [b"34.247.197.22"], 403),
        (None, [b"34.247.197.22"], 403),
    ],
)
async def test_sources_behind_proxies(
    log: RecordingLog, peer: tuple[str, int] | None, forwarded: list[bytes], status: int
) -> None:
    """Only what trusted proxies added to X-Forwarded-For is believed."""
    app = application(log, allowed="eu1", proxies=["10.0.0.0/8"])
    headers = [*signed(body()), *((b"x-forwarded-for", value) for value in forwarded)]
    answered = await send(app, [body()], headers=headers, peer=peer)

    assert answered is not None
    assert status == answered.status


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/voucherify/more", "/webhooks/x"])
async def test_404(log: RecordingLog, path: str) -> None:
    """Another path is not the webhook's."""
    answered = await send(application(log), [body()], headers=signed(body()), path=path)

    assert answered is not None
    assert 404 == answered.status


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_405(log: RecordingLog, method: str) -> None:
    """Another method is refused, with the one that is allowed."""
    answered = await send(application(log), [body()], headers=signed(body()), method=method)

    assert answered is not None
    assert (405, b"POST") == (answered.status, answered.headers[b"allow"])
    assert [] == log.messages


async def test_408(log: RecordingLog) -> None:
    """A body that does not come whole in time is not waited for, and the connection ends."""

    async def drip(_scope: Any, _receive: Any, sender: Any) -> None:
        async def receive() -> Any:
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": b"x", "more_body": True}

        await application(log, body_seconds=0.05)(_scope, receive, sender)

    answered, line = await deliver_with_line(drip, [])

    assert answered is not None
    assert (408, "body_too_slow", b"close") == (
        answered.status,
        answered.json()["key"],
        answered.headers[b"connection"],
    )
    assert {"event", "log_level", "answer", "reason", "ms"} == set(line)


@pytest.mark.parametrize(
    ("chunks", "headers"),
    [
        ([b"x" * (MAX_BODY + 1)], []),
        ([b"x" * 3_000_000], []),
        ([b"x" * 400_000] * 8, []),
        ([b"x" * 3_000_000], [(b"content-length", b"3000000")]),
        ([], [(b"content-length", b"3000000"), (b"expect", b"100-continue")]),
    ],
)
async def test_413(
    log: RecordingLog, chunks: list[bytes], headers: list[tuple[bytes, bytes]]
) -> None:
    """A body that is too large is refused, declared or not; what still comes is dropped."""
    headers = [*headers, *signed(b"".join(chunks))]
    answered = await send(application(log), chunks, headers=headers)

    assert answered is not None
    assert (413, b"close") == (answered.status, answered.headers[b"connection"])
    assert {
        "code": 413,
        "key": "body_too_large",
        "message": "The body is larger than 1048576 bytes. Raise the receiver's largest body, if "
        "that is what Voucherify sends.",
    } == answered.json()
    assert [] == log.messages


async def test_an_answer_before_the_body_lets_the_rest_come_for_a_moment() -> None:
    """What still arrives is read and dropped, so that the sender gets to read the answer."""
    app = application(max_body=10, linger_bytes=50)
    whole = await send(app, [b"x" * 6] * 5, headers=[])
    endless = await send(app, [b"x" * 6] * 100, headers=[])
    none = await send(app, [b""], headers=[(b"content-length", b"11"), (b"expect", b"x")])

    assert whole is not None
    assert endless is not None
    assert none is not None
    assert [413, 413, 413] == [whole.status, endless.status, none.status]
    assert 5 == whole.asked
    assert 11 == endless.asked
    assert 0 == none.asked


async def test_503_when_the_log_refuses(log: RecordingLog) -> None:
    """The line says why, the answer says to come again, and nothing of ours."""
    log.failure = LogUnavailableError("event log /srv/log.db can't grow: the disk is full")
    headers = signed(body())
    answered, line = await deliver_with_line(application(log), [body()], headers=headers)

    assert answered is not None
    assert (503, b"5") == (answered.status, answered.headers[b"retry-after"])
    assert "log_unavailable" == answered.json()["key"]
    assert b"/srv" not in answered.body
    assert ("evt_1", "event log /srv/log.db can't grow: the disk is full") == (
        line["event_id"],
        line["problem"],
    )


async def test_503_when_the_log_is_slow(log: RecordingLog) -> None:
    """The answer does not wait for it any longer; the next delivery is taken."""
    app = application(log, append_seconds=0.05)
    log.seconds = 60
    slow = await deliver(app, body())
    log.seconds = 0
    quick = await deliver(app, body())

    assert [(503, "log_slow"), 202] == [(slow.status, slow.json()["key"]), quick.status]
    assert b"5" == slow.headers[b"retry-after"]


async def test_503_when_too_much_arrives_at_once(log: RecordingLog) -> None:
    """Memory is bounded, and what was refused is taken when there is room again."""
    app = application(log, in_flight_bytes=1_500)
    log.seconds = 0.05
    texts = [body(id=f"whs_{n}") + b" " * 500 for n in range(5)]
    answers = await asyncio.gather(*(deliver(app, text) for text in texts))
    again = await deliver(app, texts[-1])
    statuses = [answered.status for answered in answers]

    assert {202, 503} == set(statuses)
    assert 202 == again.status
    assert statuses.count(202) + 1 == len(log.messages)
    assert {"overloaded"} == {a.json()["key"] for a in answers if a.status == 503}


async def test_503_while_deliveries_queue(log: RecordingLog) -> None:
    """Who would wait behind many others is refused at once, in one line for all of a turn."""
    app = application(log, always_let_in=2, queue_seconds=0.3)
    await deliver(app, body())
    log.seconds = 0.8
    await asyncio.gather(*(deliver(app, body()) for _ in range(5)))
    with capture_logs() as lines:
        answers = await asyncio.gather(*(deliver(app, body()) for _ in range(6)))
    log.seconds = 0
    for _ in range(10):
        await deliver(app, body())
    again = await asyncio.gather(*(deliver(app, body()) for _ in range(6)))
    statuses = [answered.status for answered in answers]
    refused = [line for line in lines if line["event"] == "webhooks_refused"]

    assert [202, 202, 503, 503, 503, 503] == sorted(statuses)
    assert {"overloaded"} == {a.json()["key"] for a in answers if a.status == 503}
    assert b"connection" not in next(a.headers for a in answers if a.status == 503)
    assert [(503, "overloaded", 4)] == [
        (line["answer"], line["reason"], line["deliveries"]) for line in refused
    ]
    assert [202] * 6 == [answered.status for answered in again]


async def test_503_for_a_defect_of_ours(log: RecordingLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Voucherify tries again; the line names the error and its place, and not its text."""

    def stumble(*_: object) -> str:
        raise KeyError("secret of a customer")

    monkeypatch.setattr(signature, "refusal", stumble)
    answered, line = await deliver_with_line(application(log), [body()], headers=signed(body()))

    assert answered is not None
    assert (503, "internal_error", b"5") == (
        answered.status,
        answered.json()["key"],
        answered.headers[b"retry-after"],
    )
    assert line["problem"].startswith("KeyError in stumble (line ")
    assert "customer" not in str(line) + str(answered)


async def test_503_for_an_unexpected_error_of_the_log(log: RecordingLog) -> None:
    """Whatever the log raises, it has not said that it has the bytes."""
    log.failure = ZeroDivisionError()
    answered = await deliver(application(log), body())

    assert (503, "internal_error") == (answered.status, answered.json()["key"])


async def test_a_sender_that_leaves_gets_no_answer(log: RecordingLog) -> None:
    """Half a body is not written, though its signature may be right."""
    app = application(log)
    answered, line = await deliver_with_line(app, [body()], headers=signed(body()), leaves=True)

    assert answered is None
    assert (None, "sender-left") == (line["answer"], line["reason"])
    assert [] == log.messages


async def test_nothing_stays_held(log: RecordingLog) -> None:
    """However deliveries end, the memory they took is given back."""
    app = application(log, max_body=2_000, body_seconds=0.01, append_seconds=0.01)
    (route,) = app.routes
    endpoint = route.endpoint  # type: ignore[attr-defined]
    assert isinstance(endpoint, WebhookEndpoint)
    await deliver(app, body())
    await deliver(app, b"plain")
    await send(app, [body()], headers=[])
    await send(app, [b"x" * 1_500] * 2, headers=[])
    await send(app, [b"half"], leaves=True)
    log.seconds = 1
    await deliver(app, body())
    log.failure = LogUnavailableError("full")
    log.seconds = 0
    await deliver(app, body())
    task = asyncio.create_task(deliver(app, body()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert 0 == endpoint._bodies.held


async def test_the_route_has_one_path() -> None:
    """It is the contract's."""
    assert ["/webhooks/voucherify"] == [PATH] == [r.path for r in application().routes]  # type: ignore[attr-defined]
