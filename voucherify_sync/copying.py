"""An installation carried to another log and state: what `voucherify-sync copy` does, silently.

The log goes first, record by record in its order. How far that is stands in the new state, as the
position of the old log's partition: it says whether a target is ours, and where to go on after an
interruption. At most the records of one step are then in the new log twice, which changes no state.
What the old state had applied is marked as applied in the new one, so its handlers begin with the
rest. Then the state's things are told anew as facts, and everything is compared.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eventlog.log import LogReader, LogWriter, Message, Partition, Record
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


class CopyError(Exception):
    """It can't be copied so; the message says why, and the mend."""


@dataclass(frozen=True, slots=True)
class Old:
    """What is carried: an embedded log, and the state that was made of it."""

    log: LogReader
    state: StateWriter
    content: Reading


@dataclass(frozen=True, slots=True)
class New:
    """Where it goes to."""

    writer: LogWriter
    log: LogReader
    state: StateWriter
    content: Reading


@dataclass(slots=True)
class Copied:
    """How it stands: `begin` to `end` are the old log's records, `position` is what is carried.

    `applied` is how far the old state had applied them.
    """

    partition: Partition
    begin: int
    end: int
    applied: int
    position: int
    things: int = 0
    letters: int = 0


Progress = Callable[[Copied], None]


async def begin(old: Old, new: New) -> Copied:
    """See that it may be done, and mark the target as ours.

    Raises CopyError where the old one is at work, or the new one holds anything that is not ours.
    """
    await _refuse_at_work(old)
    ((partition, end),) = (await old.log.ends()).items()
    first = (await old.log.begins())[partition]
    applied = (await old.state.positions()).get(partition, 0)
    if applied > end:
        raise CopyError("the old state is ahead of the old log: they do not belong together")
    if applied < first and end > first:
        raise CopyError(
            f"the old log begins at {first} and was applied up to {applied}: what is between is "
            "lost; see `voucherify-sync positions`"
        )
    position = await _mark(new, partition, first)
    if position >= end and (await new.content.standing()).as_of is not None:
        raise CopyError("it is copied already: start the new installation")
    return Copied(partition, first, end, applied, position)


async def _refuse_at_work(old: Old) -> None:
    """Handlers at work publish as-of several times a second, whatever arrives."""
    before = (await old.content.standing()).as_of
    ends = await old.log.ends()
    await asyncio.sleep(_LOOK_SECONDS)
    if before != (await old.content.standing()).as_of or ends != await old.log.ends():
        raise CopyError("the old installation is at work: end it first, Voucherify tries again")


async def _mark(new: New, partition: Partition, first: int) -> int:
    """How far an earlier attempt came; in a new database, the begin."""
    try:
        await new.state.check()
    except NotMigratedError:
        await new.state.migrate()
    positions = await new.state.positions()
    if partition in positions:
        return positions[partition]
    holds = await new.content.things(FIRST, 1) or await new.state.count_dead_letters()
    if positions or holds:
        raise CopyError("the new state holds something already: name an empty database")
    full = sorted(one for one, end in (await new.log.ends()).items() if end)
    if full:
        raise CopyError(
            f"the new log holds something already, in {full[0].name} for one: name another "
            "cluster, or a prefix with VOUCHERIFY_SYNC_TOPIC_PREFIX"
        )
    await new.state.apply(Batch((), {partition: (0, first)}))
    return first


async def carry_log(
    old: Old, new: New, copied: Copied, *, progress: Progress, stop: asyncio.Event
) -> None:
    """Append what is not carried yet, and mark what was applied as applied.

    `stop` ends it between steps.
    """
    while copied.position < copied.end and not stop.is_set():
        limit = AT_ONCE
        if copied.position < copied.applied:
            limit = min(limit, copied.applied - copied.position)
        records = await old.log.read(
            {copied.partition: copied.position}, limit=limit, wait=_READ_SECONDS
        )
        if not records:
            raise CopyError("the old log gives no records, though it has some: it is damaged")
        await new.writer.append([_message(record) for record in records])
        after = records[-1].offset + 1
        moves: dict[PartitionKey, tuple[int, int]] = {}
        moves[copied.partition] = (copied.position, after)
        if after == copied.applied:
            moves |= await _applied(new)
        try:
            await new.state.apply(Batch((), moves))
        except PositionMovedError as moved:
            raise CopyError(
                f"{moved}: handlers work on the new state, or another copy does; end them, and "
                "begin anew with an empty database and empty topics"
            ) from moved
        copied.position = after
        progress(copied)


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


async def finish(old: Old, new: New) -> Sequence[Difference]:
    """Publish up to when it is complete; how the new state differs, which it should not."""
    found = [one async for one in differences(old.content, new.content)]
    as_of = (await old.content.standing()).as_of
    if as_of is not None and not found:
        await new.state.advance_as_of(as_of)
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
