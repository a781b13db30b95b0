"""The live view of accepted events, on both logs, with nobody's name in it."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_described import describe
from eventlog.kafka_topics import Creation
from eventlog.kafka_writer import KafkaWriter
from eventlog.log import LogUnavailableError, Partition, Record
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


async def test_on_kafka_it_makes_no_topics(tmp_path: Path, kafka: Kafka) -> None:
    """A misspelt prefix is said, and not what everybody finds there from then on."""
    prefix = f"t{secrets.token_hex(4)}."
    done = await asyncio.to_thread(
        run,
        *("tail", "--log", f"kafka://{kafka.servers}", "--topic-prefix", prefix),
        cwd=tmp_path,
    )
    names = [prefix + topic for topic in topics.ALL_TOPICS]
    found = await describe(KafkaConnection([kafka.servers]), names)

    assert (1, []) == (done.returncode, list(found.topics))
    assert f"there is no topic {prefix}voucherify." in done.stderr
    assert "--topic-prefix" in done.stderr


class Both:
    """Two embedded logs as the partitions of one, a record of each at a time."""

    def __init__(self, *logs: EmbeddedLog) -> None:
        self.logs = logs
        self.away = 0

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader."""
        found = [
            await log.read(positions, limit=min(1, limit), wait=wait / 50) for log in self.logs
        ]
        return [record for records in found for record in records]

    async def begins(self) -> Mapping[Partition, int]:
        """See LogReader. It is `away` so many times."""
        if self.away:
            self.away -= 1
            raise LogUnavailableError("away")
        return {place: at for log in self.logs for place, at in (await log.begins()).items()}

    async def ends(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return {place: at for log in self.logs for place, at in (await log.ends()).items()}

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """See LogReader."""

    async def trim(self, applied: Mapping[Partition, int], *, older_than_seconds: float) -> int:
        """See LogReader."""
        return sum(
            [await log.trim(applied, older_than_seconds=older_than_seconds) for log in self.logs]
        )

    async def close(self) -> None:
        """See LogReader."""
        for log in self.logs:
            await log.close()


async def test_a_lost_position_concerns_its_partition_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on where they are, and a log that is away meanwhile does not end it."""
    monkeypatch.setattr(tailing, "_PAUSE_SECONDS", 0.01)
    logs = EmbeddedLog(tmp_path / "a.db"), EmbeddedLog(tmp_path / "b.db")
    for number, log in enumerate(logs):
        for one in range(4):
            await log.append([message(event(10 * number + one))])
    both = Both(*logs)
    stop, told = asyncio.Event(), list[str]()
    shown: list[int] = []
    async with asyncio.timeout(20):
        async for record in tailing.follow(both, from_begin=True, stop=stop, away=told.append):
            found = tailing.seen(record, tailing.Wanted(), personal=True)
            assert found is not None
            shown.append(int(found.event_id.removeprefix("evt_")))
            if len(shown) == 2:
                both.away = 1
                await both.trim(dict.fromkeys(await logs[0].ends(), 3), older_than_seconds=-1)
            if shown[-1] == 13:
                stop.set()
    await both.close()

    assert ([0, 3], [10, 11, 12, 13]) == (
        [one for one in shown if one < 10],
        [one for one in shown if one >= 10],
    )
    assert [True, True] == ["are trimmed" in told[0], told[1] == "away"], told


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
