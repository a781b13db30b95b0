"""The state is built anew from the log, beside the one that there is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from eventlog.log import LogUnavailableError, Partition
from handlers.applying import Applier
from handlers.brake import Brake
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from tests.voucherify_sync.installation import Installation, defect, not_understood
from tests.voucherify_sync.program import run
from tests.voucherify_sync.test_dead_letters import told
from voucherify_sync import rebuild
from voucherify_sync.clock import now_ms
from voucherify_sync.diff import differences
from voucherify_sync.rebuild import NotEmptyError, Span


class Target:
    """A database to rebuild into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = SqliteState(path)
        self.content = SqliteReader(path)

    async def rebuild(self, installation: Installation, stop: asyncio.Event | None = None) -> Span:
        """Prepare it, and replay the installation's log into it."""
        await rebuild.prepare(self.state, self.content)
        return await rebuild.replay(
            installation.log,
            self.state,
            Applier(self.state, Brake(1), now_ms, lambda: None),
            now_ms=now_ms,
            progress=lambda _: None,
            begun=lambda _: None,
            stop=stop or asyncio.Event(),
        )

    async def differences(self, installation: Installation) -> Sequence[object]:
        """How it differs from the installation's state."""
        live = SqliteReader(installation.state_path)
        found = [one async for one in differences(live, self.content)]
        await live.close()
        return found

    async def close(self) -> None:
        """Let go of it."""
        await self.content.close()
        await self.state.close()


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Target]:
    """A database that does not exist yet."""
    made = Target(tmp_path / "rebuilt" / "state.db")
    yield made
    await made.close()


async def test_it_equals_the_live_state(installation: Installation, target: Target) -> None:
    """In contents, positions and as-of; handlers that are pointed at it go on from there."""
    await installation.accept(*map(told, range(50)))
    await installation.handle()

    span = await target.rebuild(installation)

    assert (50, 0, {}) == (span.total, span.left, span.missing)
    assert [] == await target.differences(installation)
    assert await installation.state.positions() == await target.state.positions()
    assert (await target.content.standing()).as_of is not None


async def test_what_the_log_has_lost_is_missing(installation: Installation, target: Target) -> None:
    """A log that begins later is replayed from there, and says so."""
    await installation.accept(*[told(number) for number in range(5)])
    await installation.accept(*[told(number) for number in range(5, 10)])
    await installation.handle()
    (here,) = await installation.log.ends()
    await installation.log.trim({here: 5}, older_than_seconds=-1)

    span = await target.rebuild(installation)

    assert ({here: 5}, 5) == (span.missing, span.total)
    assert {here: 10} == await target.state.positions()
    assert await target.differences(installation)


async def test_a_database_with_anything_in_it_is_refused(
    installation: Installation, target: Target
) -> None:
    """The live state, say; nothing of it is touched."""
    await installation.accept(told(0))
    await installation.handle()
    await target.rebuild(installation)

    with pytest.raises(NotEmptyError, match="name a new one"):
        await target.rebuild(installation)


async def test_dead_letters_are_kept_in_the_new_state(
    installation: Installation, target: Target
) -> None:
    """What can't be understood is no reason to stop, and goes to no topic."""
    await installation.accept(*map(told, range(3)))
    before = await installation.log.ends()
    with defect(not_understood, "evt_1"):
        await target.rebuild(installation)

    letters = await target.state.dead_letters()
    assert (1, before) == (len(letters), await installation.log.ends())


async def test_it_ends_when_told_to(installation: Installation, target: Target) -> None:
    """Between two batches, with everything left to do and nothing promised."""
    await installation.accept(*map(told, range(3)))
    stop = asyncio.Event()
    stop.set()

    span = await target.rebuild(installation, stop)

    assert 3 == span.left
    assert (await target.content.standing()).as_of is None


async def test_a_log_that_gives_nothing_is_not_waited_for_without_end(
    installation: Installation, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that is never reached is an error that names the partition."""
    monkeypatch.setattr(rebuild, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(rebuild, "_WAIT_SECONDS", 0.01)
    (here,) = await installation.log.ends()

    async def ends() -> dict[Partition, int]:
        return {here: 7}

    monkeypatch.setattr(installation.log, "ends", ends)

    with pytest.raises(LogUnavailableError, match="gives no records of"):
        await target.rebuild(installation)


async def test_the_command(installation: Installation, tmp_path: Path) -> None:
    """From the log that there is into a new database; a second time it refuses."""
    await installation.accept(*map(told, range(4)))
    await installation.handle()
    await installation.close()
    into = f"sqlite:///{tmp_path}/rebuilt.db"

    first = run("rebuild", "--into", into, cwd=tmp_path)
    same = run("diff", f"sqlite:///{installation.state_path}", into, cwd=tmp_path)
    again = run("rebuild", "--into", into, cwd=tmp_path)

    assert (0, "4 records replayed\n") == (first.returncode, first.stdout), first.stderr
    assert 0 == same.returncode, same.stdout
    assert (1, 1) == (again.returncode, again.stderr.count("\n"))
    assert "holds a state already" in again.stderr


def test_wrong_use(tmp_path: Path) -> None:
    """Without a log nothing is made; a URL that is none is wrong use."""
    nothing = run("rebuild", "--into", "sqlite:///new.db", cwd=tmp_path)
    senseless = run("rebuild", "--into", "mysql://nowhere", "--log", "kafka://x:1", cwd=tmp_path)

    assert (1, []) == (nothing.returncode, list(tmp_path.iterdir()))
    assert "there is no log at" in nothing.stderr
    assert 2 == senseless.returncode
    assert "--into: is sqlite:///PATH" in senseless.stderr
