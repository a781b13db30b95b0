"""An installation is carried to another log and state, whole, whatever interrupts it."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogUnavailableError, Message, Partition, Record
from handlers.consumer import Consumer
from state.facts import Fact, Gone, Observed, Stamp, ThingKey
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import Batch
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from tests.voucherify_sync.installation import PACE, Installation, defect, not_understood
from tests.voucherify_sync.program import run
from tests.voucherify_sync.test_dead_letters import told
from voucherify_sync import copying
from voucherify_sync.clock import now_ms
from voucherify_sync.copying import Copied, CopyError, New, Old
from voucherify_sync.diff import Difference, differences
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions


async def everything(log: EmbeddedLog) -> list[tuple[object, ...]]:
    """All that a log holds, but for where."""
    (here,) = await log.ends()
    begin = (await log.begins())[here]
    found: list[Record] = []
    while page := await log.read({here: begin + len(found)}, limit=1_000, wait=0):
        found += page
    return [(one.topic, one.key, one.value, one.headers) for one in found]


class Copying:
    """From an installation into one beside it, in pieces or as a whole."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.log = EmbeddedLog(folder / "log.db")
        self.state = SqliteState(folder / "state.db")
        self.content = SqliteReader(folder / "state.db")
        old = SqliteReader(installation.state_path)
        self.old = Old(installation.log, installation.state, old)
        self.new = New(self.log, self.log, self.state, self.content)
        self.stop = asyncio.Event()

    async def log_only(self) -> Copied:
        """Carry the log."""
        copied = await copying.begin(self.old, self.new)
        await copying.carry_log(self.old, self.new, copied, progress=lambda _: None, stop=self.stop)
        return copied

    async def copy(self) -> Sequence[Difference]:
        """Carry everything; what differs."""
        copied = await self.log_only()
        await copying.carry_state(
            self.old, self.new, copied, progress=lambda _: None, stop=self.stop
        )
        return await copying.finish(self.old, self.new, copied)

    async def close(self) -> None:
        """Let go of what was opened here."""
        await self.old.content.close()
        await self.content.close()
        await self.state.close()
        await self.log.close()


@pytest.fixture
async def copier(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Copying]:
    """From the installation into new files."""
    monkeypatch.setattr(copying, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(copying, "AT_ONCE", 7)
    made = Copying(installation, tmp_path / "new")
    yield made
    await made.close()


def simulated(events: int = 300) -> list[bytes]:
    """Everything that the simulator can tell of, disorderly."""
    options = SimulationOptions(seed=8, cards=20, events=events, disorder=0.5, duplicates=0.1)
    return [one.body for one in schedule(options).deliveries]


async def test_the_new_one_equals_the_old_one(copier: Copying) -> None:
    """Records, things, positions and as-of; there is nothing for the new handlers to apply."""
    await copier.installation.accept(*simulated())
    await copier.installation.handle()

    assert [] == await copier.copy()
    assert await everything(copier.installation.log) == await everything(copier.log)
    assert (await copier.log.ends()).items() <= (await copier.state.positions()).items()
    assert (await copier.old.content.standing()).as_of == (await copier.content.standing()).as_of


async def test_what_was_not_applied_is_left_to_the_new_handlers(copier: Copying) -> None:
    """They begin behind what the old ones had done, and nothing else is missing."""
    await copier.installation.accept(*map(told, range(10)))
    await copier.installation.handle()
    await copier.installation.accept(*map(told, range(10, 30)))

    assert [] == await copier.copy()
    (new,) = await copier.log.ends()
    assert (10, 30) == ((await copier.state.positions())[new], (await copier.log.ends())[new])
    stop = asyncio.Event()
    consumer = Consumer(copier.log, copier.log, copier.state, now_ms=now_ms, pace=PACE)
    task = asyncio.create_task(consumer.run(stop))
    async with asyncio.timeout(20):
        while (await copier.state.positions())[new] < 30:
            await asyncio.sleep(0.01)
    stop.set()
    await task
    await copier.installation.handle()

    found = [one async for one in differences(copier.old.content, copier.content)]
    assert [] == found


class Breaking:
    """A log that takes some appends and then no more; each is in it or not."""

    def __init__(self, log: EmbeddedLog, appends: int, *, after_taking: bool) -> None:
        self._log = log
        self._left = appends
        self._after_taking = after_taking

    async def append(self, messages: Sequence[Message]) -> None:
        """See LogWriter."""
        self._left -= 1
        if self._left >= 0 or self._after_taking:
            await self._log.append(messages)
        if self._left < 0:
            raise LogUnavailableError("cut")

    async def check(self) -> None:
        """See LogWriter."""

    async def close(self) -> None:
        """See LogWriter."""


@pytest.mark.parametrize("after_taking", [False, True])
@pytest.mark.parametrize("appends", [0, 1, 3, 5])
async def test_an_interrupted_one_goes_on(
    copier: Copying, appends: int, after_taking: bool
) -> None:
    """Nothing is missing; at most one step of records is there twice, and no position is wrong."""
    await copier.installation.accept(*map(told, range(25)))
    await copier.installation.handle()
    await copier.installation.accept(*map(told, range(25, 40)))
    whole = copier.new
    copier.new = New(
        Breaking(copier.log, appends, after_taking=after_taking),
        whole.log,
        whole.state,
        whole.content,
    )
    with pytest.raises(LogUnavailableError):
        await copier.copy()
    copier.new = whole

    assert [] == await copier.copy()
    old, new = [await everything(log) for log in (copier.installation.log, copier.log)]
    (here,) = await copier.log.ends()
    position = (await copier.state.positions())[here]
    assert (set(old), True) == (set(new), len(new) <= len(old) + 7)
    assert old[25:] == list(dict.fromkeys(new[position:]))
    assert set(old[:25]) == set(new[:position])


async def test_the_state_is_carried_on_after_an_interruption(copier: Copying) -> None:
    """Told once more, nothing changes."""
    await copier.installation.accept(*map(told, range(25)))
    await copier.installation.handle()
    copied = await copier.log_only()
    stop = asyncio.Event()
    await copying.carry_state(
        copier.old, copier.new, copied, progress=lambda _: stop.set(), stop=stop
    )

    assert [] == await copier.copy()


async def test_dead_letters_come_along(copier: Copying) -> None:
    """With their ids, and what is in the dead-letter topic is not told there again."""
    with defect(not_understood, "evt_1", "evt_2"):
        await copier.installation.accept(*map(told, range(4)))
        await copier.installation.handle()
    waiting = await copier.installation.state.unpublished_dead_letters(10)

    assert [] == await copier.copy()
    assert await copier.installation.letters() == await copier.state.dead_letters()
    assert list(waiting) == list(await copier.state.unpublished_dead_letters(10))


async def test_what_the_old_log_no_longer_has(copier: Copying) -> None:
    """The state knows more than the log; both are carried as they are."""
    await copier.installation.accept(*map(told, range(10)))
    await copier.installation.accept(*map(told, range(10, 20)))
    await copier.installation.handle()
    (here,) = await copier.installation.log.ends()
    await copier.installation.log.trim({here: 10}, older_than_seconds=-1)

    assert [] == await copier.copy()
    assert 10 == len(await everything(copier.log))


PROJECT = "proj"
CUSTOMER = ThingKey(PROJECT, "customer", "cust_1")
CONSENT = ThingKey(PROJECT, "consent", "c")


def consent(customer: str, told: int) -> Fact:
    """A consent that is a customer's."""
    return Observed(CONSENT, Stamp(told, 3, told), {"customer_id": customer})


async def test_whose_personal_things_are_stays_known(copier: Copying) -> None:
    """One that was another customer's before goes with either of them, in the new state, too."""
    state = copier.installation.state
    await state.apply(Batch([consent("cust_1", 1), consent("cust_2", 2)], {}))

    assert [] == await copier.copy()
    assert list(await copier.old.content.also_of()) == list(await copier.content.also_of())
    for one in (state, copier.state):
        await one.apply(Batch([Gone(CUSTOMER)], {}))
    found = [one async for one in differences(copier.old.content, copier.content)]
    row = (await copier.content.things((PROJECT, "consent", ""), 1))[0].row
    assert ([], True) == (found, row.gone)


async def test_a_target_that_is_not_empty_is_refused(copier: Copying) -> None:
    """A log or a state of somebody else; nothing is written to either."""
    await copier.installation.accept(told(0))
    await copier.installation.handle()
    await copier.log.append([Message("t", b"", b"", ())])
    with pytest.raises(CopyError, match="new log holds something"):
        await copier.copy()

    await copier.state.apply(Batch((), {Partition("other", 0): (0, 5)}))
    with pytest.raises(CopyError, match="new state holds something"):
        await copier.copy()
    assert 1 == len(await everything(copier.log))


async def test_a_finished_one_is_not_begun_again(copier: Copying) -> None:
    """By then the new one may be ahead."""
    await copier.installation.accept(told(0))
    await copier.installation.handle()
    await copier.installation.state.advance_as_of(1)
    await copier.copy()

    with pytest.raises(CopyError, match="copied already"):
        await copier.copy()


async def test_a_log_of_another_state_is_refused(copier: Copying) -> None:
    """What was applied is not what the log has at the beginning."""
    await copier.installation.accept(*map(told, range(5)))
    (here,) = await copier.installation.log.ends()
    await copier.installation.state.migrate()
    await copier.installation.state.apply(Batch((), {here: (0, 3)}, marks={here: b"another"}))
    with pytest.raises(CopyError, match="not the one"):
        await copier.copy()


async def test_one_that_is_at_work_is_refused(
    copier: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it takes meanwhile would be left behind."""
    monkeypatch.setattr(copying, "_LOOK_SECONDS", 0.3)
    stop = asyncio.Event()
    installation = copier.installation
    consumer = Consumer(
        installation.log, installation.log, installation.state, now_ms=now_ms, pace=PACE
    )
    task = asyncio.create_task(consumer.run(stop))
    async with asyncio.timeout(20):
        while (await copier.old.content.standing()).as_of is None:
            await asyncio.sleep(0.01)
    with pytest.raises(CopyError, match="is at work"):
        await copier.copy()
    stop.set()
    await task


async def test_the_command_into_kafka_and_postgresql(
    installation: Installation, tmp_path: Path, kafka: Kafka, postgres: Postgres
) -> None:
    """Records in their topics, state and positions in the database; a second time it refuses."""
    await installation.accept(*simulated())
    await installation.handle()
    await installation.accept(*map(told, range(5)))
    await installation.close()
    name = f"c{secrets.token_hex(4)}"
    database = postgres.create_database(name)
    (tmp_path / "url").write_text(f"{database}\n")
    arguments = ("copy", "--into-log", f"kafka://{kafka.servers}", "--into-state-file", "url")
    environment = {
        "VOUCHERIFY_SYNC_TOPIC_PREFIX": f"{name}.",
        "VOUCHERIFY_SYNC_TOPIC_PARTITIONS": "2",
        "VOUCHERIFY_SYNC_KAFKA_GROUP": name,
    }

    async def program(*given: str) -> tuple[int, str]:
        done = await asyncio.to_thread(run, *given, cwd=tmp_path, environment=environment)
        return done.returncode, done.stdout + done.stderr

    copied = await program(*arguments)
    same = await program("diff", f"sqlite:///{installation.state_path}", database)
    new = ("--log", f"kafka://{kafka.servers}", "--state-file", "url")
    _, positions = await program("positions", "list", *new)
    again = await program(*arguments)

    assert (0, True) == (copied[0], "5 records of them to be applied" in copied[1]), copied
    assert 0 == same[0], same
    behind = [line.split("\t")[4] for line in positions.splitlines() if name in line]
    assert 5 == sum(map(int, behind))
    assert (1, True) == (again[0], "copied already" in again[1])


async def begun(log: EmbeddedLog) -> bool:
    """Whether something is in it; while another process makes the file, it may be locked."""
    try:
        return bool(await everything(log))
    except LogUnavailableError:
        return False


async def test_killed_in_the_middle(installation: Installation, tmp_path: Path) -> None:
    """SIGKILL while records are on their way; the same command goes on, and all is there."""
    await installation.accept(*simulated(4_000))
    await installation.handle()
    old = await everything(installation.log)
    await installation.close()
    new = ("--into-log", "sqlite:///new/log.db", "--into-state", "sqlite:///new/state.db")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voucherify_sync", "copy", *new),
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("VOUCHERIFY_SYNC_")},
        stderr=asyncio.subprocess.DEVNULL,
    )
    log = EmbeddedLog(tmp_path / "new" / "log.db")
    async with asyncio.timeout(30):
        while not (tmp_path / "new" / "log.db").exists() or not await begun(log):
            await asyncio.sleep(0.005)
    process.kill()
    code = await process.wait()
    again = await asyncio.to_thread(run, "copy", *new, cwd=tmp_path)
    found = await everything(log)
    await log.close()

    assert (-signal.SIGKILL, 0) == (code, again.returncode), again.stderr
    assert list(dict.fromkeys(old)) == list(dict.fromkeys(found))
    assert "The new state equals the old one." in again.stdout


async def test_wrong_use(tmp_path: Path) -> None:
    """An old log that is none, a target that is none, and nothing there at all."""
    into = ("--into-log", "kafka://x:1", "--into-state", "postgresql://x/y")
    done = [
        run("copy", "--log", "kafka://x:1", *into, cwd=tmp_path),
        run("copy", "--into-log", "nowhere", "--into-state", "sqlite:///a", cwd=tmp_path),
        run("copy", "--into-log", "kafka://x:1", cwd=tmp_path),
        run("copy", *into, cwd=tmp_path),
    ]

    assert [2, 2, 2, 1] == [one.returncode for one in done]
    assert "--into-log: is the old one" in done[0].stderr
    assert "--into-log: is sqlite" in done[1].stderr
    assert "there is no log at" in done[3].stderr
