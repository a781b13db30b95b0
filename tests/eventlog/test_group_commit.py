"""Group commit: who shares a commit with whom, who is told what, and what is refused."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from itertools import chain

import pytest

from eventlog.group_commit import GroupCommit, Limits
from eventlog.log import LogUnavailableError


class Disk:
    """Records every commit; a commit waits while the gate is shut, and fails when told to."""

    def __init__(self) -> None:
        self.commits: list[list[bytes]] = []
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.told = 0
        self.messages = 0

    def commit(self, packed: Sequence[bytes]) -> None:
        self.begun.set()
        assert self.gate.wait(10)
        if self.failure:
            raise self.failure
        self.commits.append(list(packed))

    def committed(self, messages: int) -> None:
        self.told += 1
        self.messages += messages


@pytest.fixture
def disk() -> Disk:
    """A disk that works."""
    return Disk()


def group(disk: Disk, **limits: int) -> GroupCommit:
    """A group commit onto this disk."""
    return GroupCommit(disk.commit, name="log", limits=Limits(**limits), committed=disk.committed)


@pytest.fixture
async def commits(disk: Disk) -> AsyncIterator[GroupCommit]:
    """A group commit with the usual limits, closed at the end."""
    opened = group(disk)
    yield opened
    disk.gate.set()
    await opened.close()


def hand_over(commits: GroupCommit, *packed: bytes) -> asyncio.Task[None]:
    """A caller of its own."""

    async def wait() -> None:
        await commits.hand_over(packed)

    return asyncio.create_task(wait())


async def shut(disk: Disk, commits: GroupCommit) -> asyncio.Task[None]:
    """Let a first commit begin and not end."""
    disk.gate.clear()
    first = hand_over(commits, b"first")
    await asyncio.to_thread(disk.begun.wait, 10)
    return first


async def test_callers_of_one_turn_share_a_commit(disk: Disk, commits: GroupCommit) -> None:
    """64 callers at once cost one commit, which holds their messages in order."""
    callers = [hand_over(commits, str(n).encode()) for n in range(64)]
    await asyncio.gather(*callers)

    assert [[str(n).encode() for n in range(64)]] == disk.commits


async def test_what_arrives_during_a_commit_shares_the_next(
    disk: Disk, commits: GroupCommit
) -> None:
    """However many arrive while a commit runs, the next one takes them all."""
    first = await shut(disk, commits)
    others = []
    for n in range(10):
        others.append(hand_over(commits, str(n).encode()))
        await asyncio.sleep(0.001)
    disk.gate.set()
    await asyncio.gather(first, *others)

    assert [[b"first"], [str(n).encode() for n in range(10)]] == disk.commits
    assert (2, 11) == (disk.told, disk.messages)


async def test_a_commit_takes_no_more_than_its_limits(disk: Disk) -> None:
    """Many messages, or many bytes, are several commits; one hand-over is never split."""
    commits = group(disk, batch_messages=2, batch_bytes=10)
    packed = [(b"1", b"2", b"3"), (b"4",), (b"5",), (b"x" * 10,), (b"6",)]
    await asyncio.gather(*(commits.hand_over(one) for one in packed))
    await commits.close()

    expected = [[b"1", b"2", b"3"], [b"4", b"5"], [b"x" * 10], [b"6"]]
    assert expected == disk.commits


async def test_an_empty_hand_over_is_a_commit(disk: Disk, commits: GroupCommit) -> None:
    """Who hands over nothing learns that a commit works."""
    await commits.hand_over(())

    assert [[]] == disk.commits


async def test_each_caller_learns_of_its_own_commit(disk: Disk, commits: GroupCommit) -> None:
    """All who shared a failed commit are told so, each by an exception of its own; others go on."""
    disk.failure = LogUnavailableError("the disk is full")
    failed = await asyncio.gather(
        hand_over(commits, b"1"), hand_over(commits, b"2"), return_exceptions=True
    )
    disk.failure = None
    await commits.hand_over([b"3"])

    assert ["the disk is full"] * 2 == [str(error) for error in failed]
    assert failed[0] is not failed[1]
    assert [[b"3"]] == disk.commits
    assert 1 == disk.told


async def test_an_unexpected_failure_is_told_as_it_is(disk: Disk, commits: GroupCommit) -> None:
    """A defect reaches the caller, and the next commit works."""
    disk.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await commits.hand_over([b"1"])
    disk.failure = None
    await commits.hand_over([b"2"])

    assert [[b"2"]] == disk.commits


@pytest.mark.parametrize("limits", [{"waiting_messages": 3}, {"waiting_bytes": 7}])
async def test_too_much_that_waits_is_refused(disk: Disk, limits: dict[str, int]) -> None:
    """Beyond the limit a caller is refused at once; when the disk works again, none is."""
    commits = group(disk, **limits)
    first = await shut(disk, commits)
    waiting = [hand_over(commits, b"w"), hand_over(commits, b"w")]
    await asyncio.sleep(0)

    with pytest.raises(LogUnavailableError, match=r"log: 3 messages .* already wait"):
        await commits.hand_over([b"refused"])
    disk.gate.set()
    await asyncio.gather(first, *waiting)
    await commits.hand_over([b"taken"])
    await commits.close()

    assert [b"first", b"w", b"w", b"taken"] == list(chain.from_iterable(disk.commits))


async def test_what_a_cancelled_caller_handed_over_is_taken_back(
    disk: Disk, commits: GroupCommit
) -> None:
    """Cancelled before its commit begins, it is not written, and makes room for others."""
    first = await shut(disk, commits)
    cancelled, other = hand_over(commits, b"cancelled"), hand_over(commits, b"other")
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0)
    disk.gate.set()
    await asyncio.gather(first, other)

    assert [[b"first"], [b"other"]] == disk.commits


async def test_cancelled_in_its_commit_it_is_written(disk: Disk, commits: GroupCommit) -> None:
    """A commit that has begun goes on without its caller, and harms nobody."""
    first = await shut(disk, commits)
    first.cancel()
    await asyncio.sleep(0)
    disk.gate.set()
    await commits.hand_over([b"second"])

    assert [[b"first"], [b"second"]] == disk.commits


async def test_only_cancelled_callers_make_no_commit(disk: Disk, commits: GroupCommit) -> None:
    """Where nobody waits any more there is nothing to commit, and the next caller is served."""
    cancelled = hand_over(commits, b"cancelled")
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0.01)
    await commits.hand_over([b"next"])

    assert [[b"next"]] == disk.commits


async def test_closing_commits_what_waits_and_refuses_what_comes(disk: Disk) -> None:
    """Whoever came before the end is served, whoever comes after it is refused."""
    commits = group(disk)
    first = await shut(disk, commits)
    second = hand_over(commits, b"second")
    await asyncio.sleep(0)
    closing = asyncio.create_task(commits.close())
    await asyncio.sleep(0)
    with pytest.raises(LogUnavailableError, match="log is closed"):
        await commits.hand_over([b"late"])
    disk.gate.set()
    await asyncio.gather(first, second, closing)

    assert [[b"first"], [b"second"]] == disk.commits


def test_an_event_loop_that_ended_is_not_missed(disk: Disk) -> None:
    """Its commit is written though nobody is left to be told; the next loop is served."""
    disk.gate.clear()
    commits = group(disk)

    async def leave() -> None:
        hand_over(commits, b"1")
        await asyncio.sleep(0)
        hand_over(commits, b"never begun")
        await asyncio.sleep(0)

    async def come() -> None:
        disk.gate.set()
        await commits.hand_over([b"2"])
        await commits.close()

    asyncio.run(leave())
    asyncio.run(come())

    assert [[b"1"], [b"2"]] == disk.commits
