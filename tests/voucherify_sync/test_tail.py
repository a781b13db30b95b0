"""The live view of accepted events, on both logs, with nobody's name in it."""

import asyncio
import json
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_topics import Creation
from eventlog.kafka_writer import KafkaWriter
from eventlog.log import Partition, Record
from schemas import moment, topics
from tests.factories import PROJECT, body, card, webhook
from tests.services.kafka import Kafka
from tests.voucherify_sync.installation import Installation, message
from tests.voucherify_sync.program import run
from voucherify_sync import tail_command, tailing
from voucherify_sync.clock import now_ms

CODE = "LOYALTY-CODE-1"
EMAIL = "ada@example.com"


def event(number: int, type_: str = "voucher.updated", **data: Any) -> bytes:
    """A webhook about a card of Ada's."""
    told: dict[str, Any] = {
        "voucher": card() | {"id": f"v_{number}", "code": f"{CODE}{number}"},
        "customer": {"id": f"cust_{number}", "source_id": EMAIL, "name": "Ada Lovelace"},
    }
    return body(webhook(type_, told | data, event_id=f"evt_{number}"))


def lines(text: str) -> list[dict[str, Any]]:
    """What it said with --json."""
    return [json.loads(line) for line in text.splitlines()]


async def test_what_is_shown_of_an_event(installation: Installation, tmp_path: Path) -> None:
    """Type, things, version and how late; codes and source ids masked, and no name at all."""
    await installation.accept(event(1))
    await installation.close()
    shown = run("tail", "--begin", "--limit", "1", cwd=tmp_path)
    (told,) = lines(run("tail", "--begin", "--limit", "1", "--json", cwd=tmp_path).stdout)

    assert (0, "") == (shown.returncode, shown.stderr)
    assert [] == [one for one in (CODE, EMAIL, "Ada") if one in shown.stdout + str(told)]
    assert "voucher.updated" in shown.stdout
    assert "v_1/LO*** cust_1/ad***  v2024-01-01" in shown.stdout
    assert (PROJECT, "evt_1", "voucher", True) == (
        told["project"],
        told["event_id"],
        told["family"],
        told["late"] > 0,
    )


async def test_personal_data_when_asked(installation: Installation, tmp_path: Path) -> None:
    """Codes and source ids, as they are needed to look something up elsewhere."""
    await installation.accept(event(1))
    await installation.close()
    shown = run("tail", "--begin", "--limit", "1", "--personal", cwd=tmp_path).stdout

    assert f"v_1/{CODE}1 cust_1/{EMAIL}" in shown


async def test_filters(installation: Installation, tmp_path: Path) -> None:
    """By types with a star, by a card's id or code, by a customer's id or source id."""
    await installation.accept(
        event(1), event(2, "customer.created"), event(3, "voucher.deleted"), b"not an event"
    )
    await installation.close()

    def ids(*arguments: str, limit: int = 1) -> list[str]:
        given = ("tail", "--begin", "--json", "--limit", str(limit), *arguments)
        return [one["event_id"] for one in lines(run(*given, cwd=tmp_path).stdout)]

    assert ["evt_2"] == ids("--type", "customer.*")
    assert ["evt_1", "evt_3"] == ids("--type", "voucher.*", limit=2)
    assert ["evt_2"] == ids("--card", "v_2")
    assert ["evt_3"] == ids("--card", f"{CODE}3")
    assert ["evt_2"] == ids("--customer", "cust_2")
    assert ["evt_3"] == ids("--customer", EMAIL, "--type", "voucher.deleted")


async def test_it_follows_and_ends_when_told_to(installation: Installation, tmp_path: Path) -> None:
    """From now on: what was there before is not shown."""
    await installation.accept(event(1))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voucherify_sync", "tail", "--json"),
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("VOUCHERIFY_SYNC_")},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    first = asyncio.ensure_future(process.stdout.readline())
    async with asyncio.timeout(30):
        number = 2
        while not first.done():  # when it has begun is its own affair
            await installation.accept(event(number))
            number += 1
            await asyncio.sleep(0.1)
        process.send_signal(signal.SIGINT)
        code = await process.wait()

    assert (0, True) == (code, json.loads(await first)["event_id"] != "evt_1")


async def test_on_kafka(tmp_path: Path, kafka: Kafka) -> None:
    """Without a group: handlers that read the same topics notice nothing."""
    name = f"t{secrets.token_hex(4)}"
    creation = Creation(partitions=2, prefix=f"{name}.")
    writer = KafkaWriter(
        KafkaConnection([kafka.servers]), topics=topics.EVENT_TOPICS, creation=creation
    )
    await writer.append([message(event(number)) for number in range(5)])
    await writer.close()
    done = await asyncio.to_thread(
        run,
        *("tail", "--begin", "--limit", "5", "--json", "--log", f"kafka://{kafka.servers}"),
        cwd=tmp_path,
        environment={"VOUCHERIFY_SYNC_TOPIC_PREFIX": f"{name}."},
    )

    found = {one["event_id"] for one in lines(done.stdout)}
    assert {f"evt_{number}" for number in range(5)} == found, done.stderr


def test_without_a_log(tmp_path: Path) -> None:
    """It makes none."""
    done = run("tail", cwd=tmp_path)

    assert (1, []) == (done.returncode, list(tmp_path.iterdir()))
    assert "there is no log at" in done.stderr


def seen(told: dict[str, Any], *, personal: bool = False) -> tailing.Seen:
    """What is shown of an event."""
    sent = message(body(told))
    record = Record(Partition("p", 0), 7, sent.topic, sent.key, sent.value, sent.headers)
    found = tailing.seen(record, tailing.Wanted(), personal=personal)
    assert found is not None
    return found


def test_an_entity_that_is_a_persons_name_elsewhere() -> None:
    """Where nothing else is told, the entity is shown; as an address it is masked."""
    told = webhook("customer.custom_event", {})
    told["event"]["entity_id"] = EMAIL

    assert "ad***" == seen(told).entity
    assert EMAIL == seen(told, personal=True).entity
    assert "entity_1" == seen(webhook("customer.custom_event", {})).entity


def test_families_have_colours_and_late_ones_are_red() -> None:
    """What came long after it happened stands out."""
    late = tail_command.line(seen(webhook("voucher.loyalty_card.points_added", {})))
    now = now_ms()
    fresh = webhook("voucher.loyalty_card.points_added", {})
    fresh["event"]["created_at"] = moment.to_text(now)

    assert {"green", "red"} <= {str(span.style) for span in late.spans}
    assert "red" not in {str(span.style) for span in tail_command.line(seen(fresh)).spans}
