"""One trace from a webhook to the transaction that merged it, told by real processes."""

import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests import factories
from tests.acceptance.server import SECRET, Server, running
from tests.receiver.factories import event
from tests.services.kafka import Kafka
from tests.voucherify_sync.tracing.collector import Collector, Span, collecting
from voucherify_sync.simulator.wire import signature

PATH = "/webhooks/voucherify"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SENDER = "b7ad6b7169203331"
TOPIC = "voucherify.v2024-01-01.voucher"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that all processes are told of."""
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
        yield made


async def deliver(
    server: Server, flags: str = "01", *, body: bytes | None = None, secret: str = SECRET
) -> int:
    """One webhook, sent within the test's trace."""
    body = body or factories.body(event())
    headers = {
        "x-voucherify-signature": signature(secret, body),
        "traceparent": f"00-{TRACE}-{SENDER}-{flags}",
    }
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        return (await client.post(PATH, content=body, headers=headers)).status_code


def chain(collector: Collector) -> list[Span]:
    """The spans of the test's trace, each the child of the one before it."""
    by_parent = {span.parent: span for span in collector.spans if span.trace == TRACE}
    found: list[Span] = []
    parent = SENDER
    while parent in by_parent:
        found.append(by_parent.pop(parent))
        parent = found[-1].id
    assert {} == by_parent
    return found


def told(spans: list[Span]) -> list[tuple[str, str]]:
    """Who tells of what."""
    return [(span.service, span.name) for span in spans]


async def test_through_the_embedded_log(tmp_path: Path, collector: Collector) -> None:
    """From the sender's trace to the transaction, which links back to it."""
    async with running("serve", tmp_path) as server:
        assert 202 == await deliver(server)
        await server.caught_up()

    assert [
        ("voucherify-sync-serve", f"POST {PATH}"),
        ("voucherify-sync-serve", f"publish {TOPIC}"),
        ("voucherify-sync-serve", f"process {TOPIC}"),
    ] == told(chain(collector))
    (transaction,) = collector.named("apply")
    assert (TRACE,) == transaction.links
    assert (transaction.trace,) == chain(collector)[-1].links
    reads = collector.named("GET /v1/vouchers/{code}")
    assert any("voucherify_sync.as_of" in span.attributes for span in reads)


async def test_through_kafka(tmp_path: Path, collector: Collector, kafka: Kafka) -> None:
    """Between processes it goes as the record's headers."""
    name = f"t{secrets.token_hex(4)}"
    settings = {
        "LOG": f"kafka://{kafka.servers}",
        "TOPIC_PREFIX": f"{name}.",
        "TOPIC_PARTITIONS": "1",
        "KAFKA_GROUP": name,
    }
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(running("receiver", tmp_path, **settings))
        await stack.enter_async_context(running("handlers", tmp_path, **settings))
        query = await stack.enter_async_context(running("query", tmp_path, **settings))
        assert 202 == await deliver(receiver)
        await query.caught_up()

    assert [
        ("voucherify-sync-receiver", f"POST {PATH}"),
        ("voucherify-sync-receiver", f"publish {TOPIC}"),
        ("voucherify-sync-handlers", f"process {TOPIC}"),
    ] == told(chain(collector))


async def test_a_refused_delivery(tmp_path: Path, collector: Collector) -> None:
    """Its span says the status, and nothing follows."""
    async with running("serve", tmp_path) as server:
        assert 401 == await deliver(server, secret="another")

    (only,) = chain(collector)
    assert (f"POST {PATH}", "int_value: 401") == (
        only.name,
        only.attributes["http.response.status_code"],
    )


async def test_what_the_sender_does_not_sample(tmp_path: Path, collector: Collector) -> None:
    """Costs no span anywhere, and no header in the log."""
    async with running("serve", tmp_path) as server:
        assert 202 == await deliver(server, "00")
        await server.caught_up()

    assert [] == chain(collector)
    assert [] == collector.named("apply")


async def test_no_span_holds_personal_data(tmp_path: Path, collector: Collector) -> None:
    """Not even of who was asked for: a path may hold an e-mail address."""
    data = {"id": "cust_1", "object": "customer", "name": "Ann Smith", "email": "ann@example.com"}
    body = factories.body(factories.webhook("customer.updated", {"customer": data}))
    async with running("serve", tmp_path) as server:
        assert 202 == await deliver(server, body=body)
        await server.caught_up()
        async with httpx.AsyncClient(base_url=server.url) as client:
            await client.get("/v1/customers/ann@example.com")
            await client.get("/v1/unknown/ann@example.com")

    assert 3 <= len(collector.spans)
    assert "ann" not in repr(collector.spans).lower()


async def test_a_collector_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs spans, and no delivery."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    async with running("serve", tmp_path) as server:
        assert 202 == await deliver(server)
        await server.caught_up()


async def test_a_collector_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does not keep a process from ending: it would wait for a minute."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")
        async with running("serve", tmp_path) as server:
            assert 202 == await deliver(server)


def test_off_it_is_not_even_imported() -> None:
    """What is off costs nothing: no part of it is there."""
    program = (
        "import sys; from voucherify_sync import wiring; from voucherify_sync.settings import "
        "load; wiring.serve(load({'webhook_secrets': 's'})); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[]\n" == done.stdout


def test_asked_for_and_not_installed() -> None:
    """The message says what to install."""
    program = (
        "import sys; sys.modules['opentelemetry'] = None; "
        "from voucherify_sync.tracing.parts import tracing; tracing('serve', '1')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PYTHONPATH": ":".join(path for path in sys.path if path),
            "OTEL_TRACES_EXPORTER": "console",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'voucherify-sync[tracing]'" in done.stderr
