"""Where the state stands in the log: what `voucherify-sync positions` does, without its output.

A position is lost where the log no longer has its records (they outlived the topic's retention) or
does not have them any more (the topic was deleted, or lost its end), or where it is another log
than the one that was applied. Handlers stop at one, loudly, and go on once it is moved by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlog.log import LogReader, Partition
from handlers.same_log import SameLog
from state.store import PositionMovedError, StateWriter


class PositionChangedError(Exception):
    """A position was moved meanwhile; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One partition: the state's position, None where it has none, and what the log has.

    `another` says that the record before the position is not the one that was applied.
    """

    partition: Partition
    position: int | None
    begin: int | None
    end: int | None
    another: bool = False

    @property
    def behind(self) -> int | None:
        """How many records there are to read; None where the log has no such partition."""
        if self.begin is None or self.end is None:
            return None
        return max(0, self.end - max(self.begin, self.position or 0))

    @property
    def target(self) -> int | None:
        """Where a lost position has to be moved to: the begin. None where it is not lost."""
        if self.begin is None or self.end is None:
            return None
        is_lost = self.another or not self.begin <= (self.position or 0) <= self.end
        return self.begin if is_lost else None

    @property
    def skipped(self) -> int:
        """How many records are gone before they were applied."""
        return max(0, (self.begin or 0) - (self.position or 0))


async def standpoints(reader: LogReader, state: StateWriter) -> Sequence[Standpoint]:
    """All partitions that the log has or the state has a position for. The reader has no group.

    The positions are read between begins and ends, so that handlers at work make none look lost.
    """
    begins = await reader.begins()
    positions = {Partition(*key): position for key, position in (await state.positions()).items()}
    ends = await reader.ends()
    same_log = SameLog(reader)
    await same_log.expect(await state.marks())
    others = await same_log.others()
    return [
        Standpoint(
            partition,
            positions.get(partition),
            begins.get(partition),
            ends.get(partition),
            another=partition in others,
        )
        for partition in sorted({*begins, *positions})
    ]


async def skip(state: StateWriter, lost: Standpoint) -> None:
    """Move a lost position to its target. Handlers that run meanwhile notice it by themselves.

    Raises PositionChangedError where one of them, or another person, was faster.
    """
    if lost.target is None:
        return
    try:
        await state.move_position(lost.partition, lost.position or 0, lost.target)
    except PositionMovedError as error:
        raise PositionChangedError(
            f"{error}: it was moved meanwhile; look with `voucherify-sync positions list`"
        ) from error
