"""Positions that the log has lost are found, and moved only by somebody who means it."""

from typing import Any

import pytest

from eventlog.log import Partition
from state.store import Batch, PositionMovedError, StateWriter
from tests.voucherify_sync.installation import Installation
from tests.voucherify_sync.program import answering, run
from tests.voucherify_sync.test_dead_letters import told
from voucherify_sync.positions import PositionChangedError, Standpoint, skip, standpoints

HERE = Partition("here", 1)


@pytest.mark.parametrize(
    ("position", "begin", "end", "behind", "target", "skipped"),
    [
        (5, 0, 10, 5, None, 0),
        (10, 0, 10, 0, None, 0),
        (3, 3, 10, 7, None, 0),
        (None, 0, 10, 10, None, 0),
        (None, 0, 0, 0, None, 0),
        (2, 3, 10, 7, 3, 1),
        (None, 3, 10, 7, 3, 3),
        (0, 7, 7, 0, 7, 7),
        (11, 0, 10, 0, 0, 0),
        (11, 4, 10, 0, 4, 0),
        (5, None, None, None, None, 0),
    ],
)
def test_what_is_lost(
    position: int | None,
    begin: int | None,
    end: int | None,
    behind: int | None,
    target: int | None,
    skipped: int,
) -> None:
    """What is not within the log's begin and end; a partition that is not there has neither."""
    one = Standpoint(HERE, position, begin, end)

    assert (behind, target, skipped) == (one.behind, one.target, one.skipped)


async def here(installation: Installation) -> Partition:
    """The log's only partition."""
    (partition,) = await installation.log.ends()
    return partition


async def trimmed(installation: Installation) -> Partition:
    """An installation whose log has lost 7 of 10 records before any was applied."""
    for number in range(10):
        await installation.accept(told(number))
    partition = await here(installation)
    await installation.log.trim({partition: 7}, older_than_seconds=-1)
    return partition


def positions(installation: Installation, *arguments: str, **more: Any) -> Any:
    """The command on this installation."""
    return run("positions", *arguments, cwd=installation.folder, **more)


async def test_list(installation: Installation) -> None:
    """Position, begin, end and records behind of each partition."""
    await installation.accept(*map(told, range(10)))
    partition = await here(installation)
    await installation.state.move_position(partition, 0, 4)
    await installation.state.move_position(Partition("elsewhere", 3), 0, 5)

    done = positions(installation, "list")

    assert (0, "") == (done.returncode, done.stderr)
    assert ["elsewhere/3\t5\t-\t-\t-\t", f"{partition.name}/0\t4\t0\t10\t6\t"] == (
        done.stdout.splitlines()
    )


async def test_skip_what_the_log_has_dropped(installation: Installation) -> None:
    """It is said how much is skipped; then the handlers go on with what there is."""
    partition = await trimmed(installation)
    listed = positions(installation, "list")

    dry = positions(installation, "skip-lost", "--dry-run")
    unmoved = await installation.state.positions()
    done = positions(installation, "skip-lost", "--yes")
    moved = await installation.state.positions()
    await installation.handle()

    name = f"{partition.name}/0"
    says = f"{name}: from 0 to the log's begin 7; 7 records are lost to this state for ever"
    assert [f"{name}\t-\t7\t10\t3\tlost"] == listed.stdout.splitlines()
    assert (0, [says, "1 position lost; nothing was moved"]) == (
        dry.returncode,
        dry.stdout.splitlines(),
    )
    assert (0, [says, "1 position moved"]) == (done.returncode, done.stdout.splitlines())
    assert ({}, {partition: 7}) == (unmoved, moved)
    assert {"v_7", "v_8", "v_9"} == {id_ for _, _, id_ in installation.things()}


@pytest.mark.parametrize(("answer", "code", "position"), [("y", 0, 7), ("n", 1, None)])
async def test_moving_asks_on_a_terminal(
    installation: Installation, answer: str, code: int, position: int | None
) -> None:
    """And does it only if the answer is yes."""
    partition = await trimmed(installation)

    with answering(answer) as terminal:
        done = positions(installation, "skip-lost", stdin=terminal)

    assert "Move 1 position?" in done.stderr
    assert (answer == "n") == ("nothing was moved" in done.stderr)
    assert (code, position) == (
        done.returncode,
        (await installation.state.positions()).get(partition),
    )


async def test_a_log_that_begins_anew(installation: Installation) -> None:
    """A position beyond its end goes to its begin; reading again is harmless."""
    await installation.accept(*map(told, range(3)))
    partition = await here(installation)
    await installation.state.move_position(partition, 0, 99)

    done = positions(installation, "skip-lost", "--yes")
    await installation.handle()

    assert "from 99 to the log's begin 0; the log ends at 3, what it has is read again" in (
        done.stdout
    )
    assert 3 == len(installation.things())


async def test_nothing_is_lost(installation: Installation) -> None:
    """As it should be: nothing is moved, and nothing is asked."""
    await installation.accept(told(1))

    done = positions(installation, "skip-lost", "--yes")

    assert (0, "0 positions lost\n", "") == (done.returncode, done.stdout, done.stderr)


async def test_a_log_that_is_not_there(installation: Installation) -> None:
    """It is named, and looking at it does not make it."""
    done = positions(installation, "list", "--log", "sqlite:///other.db")

    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert "there is no log at other.db" in done.stderr
    assert not (installation.folder / "other.db").exists()


async def test_a_position_that_somebody_else_moved(installation: Installation) -> None:
    """Nothing is moved on top of that."""
    await trimmed(installation)
    (lost,) = await standpoints(installation.log, installation.state)
    await installation.state.move_position(lost.partition, 0, 8)

    with pytest.raises(PositionChangedError, match="positions list"):
        await skip(installation.state, lost)
    assert {lost.partition: 8} == await installation.state.positions()


async def test_what_is_not_lost_is_not_moved() -> None:
    """Whoever asks for it."""

    class Immovable:
        async def move_position(self, *_: Any) -> None:
            """Never."""
            raise PositionMovedError

    state: Any = Immovable()
    writer: StateWriter = state
    await skip(writer, Standpoint(HERE, 5, 0, 10))


async def test_another_log(installation: Installation) -> None:
    """Its position lies within it, and is lost all the same: all of it is read again."""
    await installation.accept(*map(told, range(10)))
    partition = await here(installation)
    batch = Batch((), {partition: (0, 4)}, marks={partition: b"of the record of another log"})
    await installation.state.apply(batch)

    listed = positions(installation, "list")
    done = positions(installation, "skip-lost", "--yes")
    await installation.handle()

    name = f"{partition.name}/0"
    says = f"{name}: from 4 to the log's begin 0; it is another log than the one that was applied"
    assert [f"{name}\t4\t0\t10\t6\tlost"] == listed.stdout.splitlines()
    assert (0, True) == (done.returncode, done.stdout.startswith(says))
    assert 10 == len(installation.things())
