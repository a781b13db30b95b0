"""An installation carried to another log and state: what `voucherify-sync copy` does, silently.

The log goes first, each partition in its order: what the old state had applied, then the rest. How
far that is stands in the new state, as positions of the old log's partitions under names of their
own: they say whether a target is ours, and where to go on after an interruption. At most the
records of one step are then in the new log twice, which changes no state. What was applied is
marked as applied in the new one, so its handlers begin with the rest. Then the state's things are
told anew as facts, and everything is compared.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eventlog.log import (
    AssignmentChangedError,
    LogReader,
    LogWriter,
    Message,
    Partition,
    Record,
)
from handlers.same_log import SameLog
from state.kept import FIRST, Kept
from state.reading import Reading
from state.store import (
    Batch,
    DeadLetter,
    LetterPlace,
    NotMigratedError,
    PartitionKey,
    PositionMovedError,
    StateWriter,
)
from voucherify_sync import retelling
from voucherify_sync.diff import Difference, differences

AT_ONCE: Final = 500
_MOST: Final = 2**31 - 1
_LOOK_SECONDS: Final = 1.0
_READ_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 30.0
_FINISHED: Final = ("copy finished", 0)


class CopyError(Exception):
    """It can't be copied so; the message says why, and the mend."""


@dataclass(frozen=True, slots=True)
class Old:
    """What is carried: a log, and the state that was made of it.

    `kept` are the log's partitions by name that are only kept: nobody applies them. The reader is
    given all partitions.
    """

    log: LogReader
    state: StateWriter
    content: Reading
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class New:
    """Where it goes to."""

    writer: LogWriter
    log: LogReader
    state: StateWriter
    content: Reading


@dataclass(slots=True)
class Copied:
    """How it stands in each of the old log's partitions.

    `begins` to `ends` are its records, `applied` is how far the old state had applied them,
    `positions` is what is carried.
    """

    begins: Mapping[Partition, int]
    ends: Mapping[Partition, int]
    applied: Mapping[Partition, int]
    positions: dict[Partition, int]
    things: int = 0
    letters: int = 0

    @property
    def records(self) -> int:
        """How many there are to carry, about: some offsets may be no record's."""
        return _between(self.begins, self.ends)

    @property
    def carried(self) -> int:
        """How many of them are."""
        return _between(self.begins, self.positions)

    @property
    def left(self) -> int:
        """How many of them the old state had not applied."""
        return _between(self.applied, self.ends)


def _between(begins: Mapping[Partition, int], ends: Mapping[Partition, int]) -> int:
    return sum(max(0, end - begins[place]) for place, end in ends.items())


Progress = Callable[[Copied], None]


async def begin(old: Old, new: New) -> Copied:
    """See that it may be done, and mark the target as ours.

    Raises CopyError where the old one is at work, or the new one holds anything that is not ours.
    """
    await _refuse_at_work(old)
    begins, ends = await old.log.begins(), await old.log.ends()
    stored = await old.state.positions()
    applied: dict[Partition, int] = {}
    for place, end in ends.items():
        at = end if place.name in old.kept else stored.get(place, 0)
        applied[place] = _checked(place, at, begins[place], end)
    await _refuse_another(old)
    positions = await _mark(new, begins)
    if all(positions[place] >= end for place, end in ends.items()) and await _is_finished(new):
        raise CopyError("it is copied already: start the new installation")
    return Copied(begins, ends, applied, positions)


def _checked(place: Partition, applied: int, first: int, end: int) -> int:
    """How far a partition is applied, from its begin on."""
    name = f"{place.name}/{place.number}"
    if applied > end:
        raise CopyError(
            f"the old state is ahead of the old log in {name}: they do not belong together"
        )
    if applied < first and end > first:
        raise CopyError(
            f"the old log begins at {first} in {name} and was applied up to {applied}: what is "
            "between is lost; see `voucherify-sync positions`"
        )
    return max(applied, first)


async def _refuse_another(old: Old) -> None:
    """A log that is not the one that the state was made of: its records are not those applied."""
    same_log = SameLog(old.log)
    await same_log.expect(await old.state.marks())
    others = sorted(await same_log.others())
    if others:
        raise CopyError(
            f"the old log is not the one that the old state was made of, in {others[0].name} for "
            "one; see `voucherify-sync positions`"
        )


async def _is_finished(new: New) -> bool:
    return _FINISHED in await new.state.positions()


async def _refuse_at_work(old: Old) -> None:
    """Handlers at work publish as-of several times a second, whatever arrives."""
    before = (await old.content.standing()).as_of
    ends = await old.log.ends()
    await asyncio.sleep(_LOOK_SECONDS)
    if before != (await old.content.standing()).as_of or ends != await old.log.ends():
        raise CopyError("the old installation is at work: end it first, Voucherify tries again")


async def _mark(new: New, begins: Mapping[Partition, int]) -> dict[Partition, int]:
    """How far an earlier attempt came; in a new database, the begins."""
    try:
        await new.state.check()
    except NotMigratedError:
        await new.state.migrate()
    positions = await new.state.positions()
    if any(_ours(place) in positions for place in begins):
        return {place: positions.get(_ours(place), first) for place, first in begins.items()}
    holds = await new.content.things(FIRST, 1) or await new.state.count_dead_letters()
    if positions or holds:
        raise CopyError("the new state holds something already: name an empty database")
    full = sorted(one for one, end in (await new.log.ends()).items() if end)
    if full:
        raise CopyError(
            f"the new log holds something already, in {full[0].name} for one: name another "
            "cluster, or a prefix with VOUCHERIFY_SYNC_TOPIC_PREFIX"
        )
    await new.state.apply(Batch((), {_ours(place): (0, at) for place, at in begins.items()}))
    return dict(begins)


def _ours(place: Partition) -> PartitionKey:
    """What says in the new state how far a partition of the old log is carried."""
    return f"copy of {place.name}", place.number


async def carry_log(
    old: Old, new: New, copied: Copied, *, progress: Progress, stop: asyncio.Event
) -> None:
    """Append what is not carried yet, and mark what was applied as applied.

    `stop` ends it between steps.
    """
    for bounds in (copied.applied, copied.ends):
        await _carry(old, new, copied, bounds, progress=progress, stop=stop)


async def _carry(
    old: Old,
    new: New,
    copied: Copied,
    bounds: Mapping[Partition, int],
    *,
    progress: Progress,
    stop: asyncio.Event,
) -> None:
    """Everything before these bounds, a step at a time."""
    heard = time.monotonic()
    while not stop.is_set():
        wanted = {one: at for one, at in copied.positions.items() if at < bounds.get(one, at)}
        if not wanted:
            return
        try:
            # Of the others nothing is asked, or it would come again and again.
            records = await old.log.read(
                {**copied.ends, **wanted}, limit=AT_ONCE, wait=_READ_SECONDS
            )
        except AssignmentChangedError:
            continue  # what this reader is given, which is everything
        after = {one.partition: one.offset + 1 for one in records if one.partition in wanted}
        if not after:
            if time.monotonic() - heard > _PATIENCE_SECONDS:
                raise CopyError("the old log gives no records, though it has some: it is damaged")
            continue
        moved = {one: min(at, bounds[one]) for one, at in after.items()}
        await new.writer.append([_message(one) for one in records if _is_within(one, moved)])
        await _move(new, copied, moved)
        heard = time.monotonic()
        progress(copied)


def _is_within(record: Record, moved: Mapping[Partition, int]) -> bool:
    return record.offset < moved.get(record.partition, 0)


async def _move(new: New, copied: Copied, moved: Mapping[Partition, int]) -> None:
    """Note how far it is carried; at the end of what was applied, also that it was."""
    before = _is_behind(copied)
    moves = {_ours(one): (copied.positions[one], at) for one, at in moved.items()}
    copied.positions.update(moved)
    if before and not _is_behind(copied):
        moves |= await _applied(new)
    try:
        await new.state.apply(Batch((), moves))
    except PositionMovedError as problem:
        raise CopyError(
            f"{problem}: handlers work on the new state, or another copy does; end them, and "
            "begin anew with an empty database and empty topics"
        ) from problem


def _is_behind(copied: Copied) -> bool:
    """Whether something that was applied is not carried yet."""
    return any(copied.positions[one] < at for one, at in copied.applied.items())


async def _applied(new: New) -> Mapping[PartitionKey, tuple[int, int]]:
    """All that is in the new log now, as what handlers need not apply."""
    return {one: (0, end) for one, end in (await new.log.ends()).items() if end}


def _message(record: Record) -> Message:
    return Message(record.topic, record.key, record.value, record.headers)


async def carry_state(
    old: Old, new: New, copied: Copied, *, progress: Progress, stop: asyncio.Event
) -> None:
    """Tell all things anew, keep all dead letters, and look for gaps. `stop` ends it in between."""
    owners = [retelling.owner(*row) for row in await old.content.also_of()]
    if owners:
        await new.state.apply(Batch(owners, {}))
    async for page in _things(old.content):
        if stop.is_set():
            return
        await new.state.apply(Batch([fact for one in page for fact in retelling.facts(one)], {}))
        copied.things += len(page)
        progress(copied)
    await _carry_letters(old, new, copied)
    while not stop.is_set() and await new.state.check_ledgers(AT_ONCE):
        pass


async def finish(old: Old, new: New, copied: Copied) -> Sequence[Difference]:
    """Publish up to when it is complete; how the new state differs, which it should not.

    Raises CopyError where the old log took more meanwhile.
    """
    found = [one async for one in differences(old.content, new.content)]
    if copied.ends != await old.log.ends():
        raise CopyError(
            "the old log took more meanwhile: end the old receivers, and run the same command again"
        )
    if found:
        return found
    as_of = (await old.content.standing()).as_of
    if as_of is not None:
        await new.state.advance_as_of(as_of)
    if not await _is_finished(new):
        await new.state.apply(Batch((), {_FINISHED: (0, 1)}))
    return found


async def _things(content: Reading) -> AsyncIterator[Sequence[Kept]]:
    after = FIRST
    while page := await content.things(after, AT_ONCE):
        yield page
        after = page[-1].place


async def _carry_letters(old: Old, new: New, copied: Copied) -> None:
    """They keep their ids. Those whose record is in the dead-letter topic are carried with it."""
    waiting = {one.place for one in await old.state.unpublished_dead_letters(_MOST)}
    after: LetterPlace | None = None
    while page := await old.state.dead_letters(after=after, limit=AT_ONCE):
        await _keep(new, page, waiting)
        copied.letters += len(page)
        after = page[-1].place


async def _keep(new: New, page: Sequence[DeadLetter], waiting: set[LetterPlace]) -> None:
    await new.state.apply(Batch((), {}, dead_letters=page))
    published = [one.place for one in page if one.place not in waiting]
    await new.state.mark_published(published)
