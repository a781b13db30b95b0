"""The consumer loses nothing and applies nothing twice, whatever fails around it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from eventlog.embedded import EmbeddedLog
from eventlog.log import (
    AssignmentChangedError,
    LogUnavailableError,
    Message,
    Partition,
    Record,
)
from handlers import table
from handlers.consumer import Consumer, Pace
from handlers.retrying import NOT_BEGUN
from handlers.understand import understand
from schemas import moment, topics
from schemas.envelope import Envelope
from state import kinds
from state.facts import Fact, Gone, Observed, ThingKey
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import (
    Applied,
    Batch,
    DeadLetter,
    LetterPlace,
    PositionMovedError,
    StateUnavailableError,
)
from tests.factories import PROJECT, body, card, webhook

TOPIC = "voucherify.v2024-01-01.voucher"
QUICK = Pace(batch=50, as_of_seconds=0.02, retry_seconds=0.05)


def message(number: int = 1, **more: Any) -> Message:
    """`voucher.updated` of the card with this number."""
    voucher = card(number, updated=number) | {"id": f"v_{number}", **more}
    event = webhook("voucher.updated", {"voucher": voucher}, event_id=f"evt_{number}")
    return Message(TOPIC, b"k", body(event), (("ce_id", f"evt_{number}".encode()),))


class Clock:
    """A clock that moves on at each look at it."""

    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


class System:
    """A log, a state and a consumer between them."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.log = EmbeddedLog(folder / "log.db")
        self.state = SqliteState(folder / "state.db", now_ms=self.clock)
        self.reader = SqliteReader(folder / "state.db")

    def consumer(self, *, log: Any = None, state: Any = None, pace: Pace = QUICK) -> Consumer:
        """A consumer on these parts, or on others that stand in front of them."""
        reader = log or self.log
        return Consumer(reader, self.log, state or self.state, now_ms=self.clock, pace=pace)

    async def applied(self) -> int:
        """How many vouchers are known."""
        from state.selection import Selection

        return await self.reader.count(Selection(PROJECT, kinds.VOUCHER))

    async def caught_up(self) -> None:
        """Wait until the state is complete up to now."""
        until = self.clock()
        while (await self.as_of() or 0) < until:
            await asyncio.sleep(0.01)

    async def as_of(self) -> int | None:
        """The moment up to which the state is complete."""
        return (await self.reader.standing()).as_of

    async def topic(self, name: str) -> list[Record]:
        """All records of one topic."""
        records = await self.log.read({}, limit=1000, wait=0)
        return [record for record in records if record.topic == name]


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    parts = System(tmp_path)
    await parts.state.migrate()
    yield parts
    await parts.reader.close()
    await parts.state.close()
    await parts.log.close()


@asynccontextmanager
async def running(consumer: Consumer) -> AsyncIterator[Consumer]:
    """The consumer at work, told to stop at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(consumer.run(stop))
    try:
        async with asyncio.timeout(10):
            yield consumer
    finally:
        stop.set()
        await task


async def problem_of(consumer: Consumer) -> str | None:
    """What keeps it from applying, once it has tried."""
    while consumer.problem == NOT_BEGUN:
        await asyncio.sleep(0.01)
    return consumer.problem


@contextmanager
def broken_rows(monkeypatch: pytest.MonkeyPatch, broken: str, make: Any) -> Iterator[None]:
    """Understanding as it would be with a defect of ours in one event."""
    real = table.facts

    def facts(envelope: Envelope) -> Iterator[Fact]:
        if envelope.event_id == broken:
            yield from make()
        yield from real(envelope)

    with monkeypatch.context() as patched:
        patched.setattr("handlers.table.facts", facts)
        yield


async def test_what_is_appended_becomes_state(system: System) -> None:
    """Records are applied in batches, and as-of moves on, also while nothing arrives."""
    await system.log.append([message(number) for number in range(120)])

    async with running(system.consumer()) as consumer:
        await system.caught_up()
        first = await system.as_of()
        await system.caught_up()

        assert 120 == await system.applied()
        assert (await system.as_of() or 0) > (first or 0)
        assert await problem_of(consumer) is None


async def test_how_long_an_event_waited(system: System) -> None:
    """From the moment of its receipt, as its header has it."""
    name = "voucherify_sync_receipt_to_applied_seconds_sum"
    before = REGISTRY.get_sample_value(name) or 0
    received = ("ce_receivedat", moment.to_text(500).encode())
    await system.log.append([message()._replace(headers=(received,))])

    async with running(system.consumer()):
        while not await system.applied():
            await asyncio.sleep(0.01)

    assert before + 0.5 <= (REGISTRY.get_sample_value(name) or 0)


async def test_it_goes_on_where_it_ended(system: System) -> None:
    """A new consumer begins at the stored position, not at the log's begin."""
    await system.log.append([message(1)])
    async with running(system.consumer()):
        await system.caught_up()
    before = await system.state.positions()
    await system.log.append([message(2)])
    async with running(system.consumer()):
        await system.caught_up()

    assert 2 == await system.applied()
    ((place, position),) = (await system.state.positions()).items()
    assert before[place] + 1 == position


async def test_other_topics_move_the_position_only(system: System) -> None:
    """Quarantined deliveries and dead letters are not understood again."""
    await system.log.append([Message(topics.QUARANTINE, b"k", b"hello"), message(1)])

    async with running(system.consumer()):
        await system.caught_up()

    assert 1 == await system.applied()
    assert [] == await system.topic(topics.DEAD_LETTER)


async def test_an_event_that_cannot_be_understood(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in understanding parks that event, with no word of its content, and no other."""

    def fail() -> Iterator[Fact]:
        people: dict[str, Fact] = {}
        yield people["ann@example.com"]

    await system.log.append([message(number) for number in range(10)])
    with broken_rows(monkeypatch, "evt_4", fail):
        async with running(system.consumer()):
            await system.caught_up()

    assert 9 == await system.applied()
    await expect_one_dead_letter(system, "KeyError")


async def expect_one_dead_letter(system: System, error: str) -> None:
    """The topic holds the one event that failed, with its reason and where it was."""
    (letter,) = await system.topic(topics.DEAD_LETTER)
    headers = dict(letter.headers)
    assert (b"evt_4", TOPIC.encode()) == (headers["ce_id"], headers["originaltopic"])
    assert headers["reason"].startswith(error.encode())
    assert b"example.com" not in headers["reason"]
    assert message(4).value == letter.value


async def test_an_event_whose_facts_cannot_be_joined(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact that breaks the join is found by halving the batch; all others are applied."""

    def fail() -> Iterator[Fact]:
        yield Gone(ThingKey(PROJECT, "no such kind", "x"))
        yield Observed(ThingKey(PROJECT, "no such kind", "y"), None, {})  # type: ignore[arg-type] # broken on purpose

    await system.log.append([message(number) for number in range(10)])
    with broken_rows(monkeypatch, "evt_4", fail):
        async with running(system.consumer()):
            await system.caught_up()

    assert 9 == await system.applied()
    await expect_one_dead_letter(system, "KeyError")


async def test_a_record_that_is_no_event_is_a_dead_letter() -> None:
    """What stands in an event topic and can't be read is parked with the reason."""
    record = Record(Partition("p", 0), 1, TOPIC, b"k", b"{", (("ce_id", b"\xff"),))

    letter = understand(record, 7)

    assert isinstance(letter, DeadLetter)
    assert ("unreadable: not-json", "p/0/1", 7) == (
        letter.reason,
        str(letter.place),
        letter.recorded_at,
    )
    assert (None, ("k",)) == (letter.project, letter.about)


class Failing:
    """Stands in front of a part and fails some calls; what it lets through is the part's."""

    def __init__(self, part: Any, method: str, failures: list[Exception]) -> None:
        self._part, self._method, self._failures = part, method, failures

    def __getattr__(self, name: str) -> Any:
        if name == self._method and self._failures:
            return self._fail
        return getattr(self._part, name)

    async def _fail(self, *_: Any, **__: Any) -> Any:
        raise self._failures.pop(0)


@pytest.mark.parametrize("method", ["apply", "positions", "migrate"])
async def test_a_state_that_is_away_is_waited_for(system: System, method: str) -> None:
    """A failing database is no dead letter: the consumer is not ready, waits, and goes on."""
    away = Failing(system.state, method, [StateUnavailableError("the state is away")] * 2)
    await system.log.append([message(number) for number in range(3)])

    async with running(system.consumer(state=away)) as consumer:
        while consumer.problem != "the state is away":
            await asyncio.sleep(0.005)
        await system.caught_up()

    assert (3, []) == (await system.applied(), await system.topic(topics.DEAD_LETTER))


async def test_a_log_that_is_away_is_waited_for(system: System) -> None:
    """So is a log; the end of waiting does not depend on anything arriving."""
    away = Failing(system.log, "read", [LogUnavailableError("the log is away")])
    await system.log.append([message(1)])

    async with running(system.consumer(log=away)):
        await system.caught_up()

    assert 1 == await system.applied()


async def test_it_stops_while_it_waits(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop, it does not sit out its waiting."""
    monkeypatch.setattr("handlers.retrying._FIRST_SECONDS", 60)
    away = Failing(system.state, "positions", [StateUnavailableError("away")] * 9)

    pace = Pace(retry_seconds=60)
    async with asyncio.timeout(5), running(system.consumer(state=away, pace=pace)) as consumer:
        while consumer.problem != "away":
            await asyncio.sleep(0.005)


async def test_a_copy_that_was_overtaken_begins_anew(system: System) -> None:
    """Two consumers of one log apply every event once between them, and both go on."""
    other = SqliteState(system.state._path, now_ms=system.clock)
    await system.log.append([message(number) for number in range(200)])
    pace = Pace(batch=7, as_of_seconds=0.01)

    async with (
        running(system.consumer(pace=pace)),
        running(system.consumer(state=other, pace=pace)),
    ):
        await system.caught_up()
        await system.log.append([message(number) for number in range(200, 300)])
        await system.caught_up()

    await other.close()
    assert 300 == await system.applied()


async def test_a_batch_that_was_applied_without_our_knowing(system: System) -> None:
    """An apply that commits and still fails (a cut connection) is not applied twice."""

    class Cut:
        """Commits, then says that it could not."""

        def __init__(self) -> None:
            self.batches: list[Batch] = []
            self.outcomes: list[str] = []

        def __getattr__(self, name: str) -> Any:
            return getattr(system.state, name)

        async def apply(self, batch: Batch) -> Applied:
            self.batches.append(batch)
            try:
                applied = await system.state.apply(batch)
            except PositionMovedError:
                self.outcomes.append("moved")
                raise
            self.outcomes.append("applied")
            if len(self.batches) == 1:
                raise PositionMovedError("cut")
            return applied

    cut = Cut()
    await system.log.append([message(number) for number in range(60)])
    async with running(system.consumer(state=cut)):
        await system.caught_up()

    assert 60 == await system.applied()
    assert ["applied", "applied"] == cut.outcomes


async def test_applied_records_are_trimmed(system: System) -> None:
    """What is applied and older than the retention leaves the log."""
    await system.log.append([message(number) for number in range(10)])
    pace = Pace(as_of_seconds=0.01, trim_seconds=0.02, retention_seconds=0)

    async with running(system.consumer(pace=pace)):
        await system.caught_up()
        while await system.log.read(await positions(system), limit=1, wait=0):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await system.caught_up()

    assert await system.log.trim(await positions(system), older_than_seconds=0) == 0
    assert 10 == await system.applied()


async def positions(system: System) -> Mapping[Partition, int]:
    """The stored positions."""
    return {Partition(*place): at for place, at in (await system.state.positions()).items()}


async def test_dead_letters_reach_their_topic_after_a_crash(system: System) -> None:
    """A dead letter that was committed and not yet published is published at the next start."""
    letter = DeadLetter(LetterPlace("embedded", 0, 0), TOPIC, "KeyError", b"k", b"v", (), 1)
    await system.state.apply(Batch([], {("elsewhere", 0): (0, 1)}, [letter]))

    async with running(system.consumer()):
        await system.caught_up()

    published: Sequence[Record] = await system.topic(topics.DEAD_LETTER)
    assert [b"v"] == [record.value for record in published]


async def test_a_bad_release_stops_itself(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most events fail nothing moves on; a release that understands them loses none."""

    def fail() -> Iterator[Fact]:
        raise KeyError("no event is understood")

    await system.log.append([message(number) for number in range(200)])
    with monkeypatch.context() as broken:
        broken.setattr(table, "facts", lambda _event: fail())
        async with running(system.consumer()) as consumer:
            while "this release may be wrong" not in (consumer.problem or ""):
                await asyncio.sleep(0.005)
        assert ({}, []) == (await system.state.positions(), await letters(system))

    async with running(system.consumer()):
        await system.caught_up()

    assert (200, []) == (await system.applied(), await letters(system))


async def letters(system: System) -> list[DeadLetter]:
    """The dead letters that are kept."""
    return list(await system.state.dead_letters())


async def test_the_brake_can_be_taken_off(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit of 1 everything that fails becomes a dead letter, and nothing waits."""

    def fail(_event: Any) -> Iterator[Fact]:
        raise KeyError("no event is understood")

    monkeypatch.setattr(table, "facts", fail)
    await system.log.append([message(number) for number in range(60)])
    pace = Pace(batch=50, as_of_seconds=0.02, brake=1.0)

    async with running(system.consumer(pace=pace)):
        await system.caught_up()

    assert 60 == len(await letters(system))


async def test_other_partitions_are_begun_where_they_stand(system: System) -> None:
    """When a reader is given other partitions, the positions are read anew and nothing is lost."""

    class Reassigned:
        """Says at every third reading that other partitions are ours now."""

        def __init__(self) -> None:
            self.reads = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(system.log, name)

        async def read(self, *positions: Any, **more: Any) -> Sequence[Record]:
            self.reads += 1
            if self.reads % 3 == 0:
                raise AssignmentChangedError
            return await system.log.read(*positions, **more)

    await system.log.append([message(number) for number in range(100)])
    pace = Pace(batch=7, as_of_seconds=0.02)

    async with running(system.consumer(log=Reassigned(), pace=pace)) as consumer:
        await system.caught_up()
        assert await problem_of(consumer) is None

    assert 100 == await system.applied()


async def test_a_defect_of_ours_is_waited_for(system: System) -> None:
    """What nobody expected is named without its text, and the loop goes on."""
    broken = Failing(system.log, "read", [ValueError("ann@example.com")])
    await system.log.append([message(1)])

    async with running(system.consumer(log=broken)) as consumer:
        while not (consumer.problem or "").startswith("a defect: ValueError in"):
            await asyncio.sleep(0.002)
        assert "ann@" not in (consumer.problem or "")
        await system.caught_up()

    assert 1 == await system.applied()


async def test_as_of_waits_for_what_other_copies_apply(system: System) -> None:
    """A copy that applied all of its own does not speak for the partitions of the others."""
    other = Partition("of another copy", 3)

    class Partitioned:
        """A log with one more partition, which is not read here."""

        def __getattr__(self, name: str) -> Any:
            return getattr(system.log, name)

        async def ends(self) -> Mapping[Partition, int]:
            return {**await system.log.ends(), other: 5}

    await system.log.append([message(1)])
    async with running(system.consumer(log=Partitioned())):
        while await system.applied() < 1:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        assert await system.as_of() is None
        await system.state.apply(Batch([], {(other.name, other.number): (0, 5)}))
        await system.caught_up()


async def test_dead_letters_that_their_topic_refuses_hold_up_nothing(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events behind a dead letter are applied while its topic can't be written."""

    class Unwritable:
        """A log whose every append fails."""

        async def append(self, messages: Sequence[Message]) -> None:
            raise LogUnavailableError(f"{len(messages)} not taken")

    def fail() -> Iterator[Fact]:
        raise KeyError("x")

    await system.log.append([message(number) for number in range(10)])
    with broken_rows(monkeypatch, "evt_4", fail):
        consumer = Consumer(
            system.log,
            Unwritable(),  # type: ignore[arg-type] # it only appends
            system.state,
            now_ms=system.clock,
            pace=QUICK,
        )
        async with running(consumer):
            await system.caught_up()

    assert 9 == await system.applied()
    assert 1 == len(await system.state.unpublished_dead_letters(10))
