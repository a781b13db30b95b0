"""Dead letters put right or given up: what `voucherify-sync dead-letters` does, without its output.

Redriving applies an event's facts anew. Facts are joined in any order, so it ends in the state that
there would be had the event never failed, and it may run while handlers run. Nothing here decides
what an event tells or what facts mean when they meet.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from eventlog.log import Partition, Record
from handlers.understand import Understood, refused, understand
from state.store import (
    Batch,
    DeadLetter,
    LetterPlace,
    PositionMovedError,
    SchemaMismatchError,
    StateUnavailableError,
    StateWriter,
)

T = TypeVar("T")

AT_ONCE: Final = 100
_PLACE: Final = re.compile(r"(.+)/([0-9]{1,10})/([0-9]{1,19})")
_LARGEST_NUMBER: Final = 2**31 - 1
_LARGEST_OFFSET: Final = 2**63 - 1


class DeadLetterError(Exception):
    """No such dead letter; the message names it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters are meant: those at places, those whose reason begins so, or all."""

    places: tuple[LetterPlace, ...] | None = None
    reason: str | None = None


@dataclass(slots=True)
class Redriven:
    """How a redriving stands: of `total`, how many are applied now and how many failed again.

    `vanished` are those that somebody else settled or discarded meanwhile.
    """

    total: int
    applied: int = 0
    vanished: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.applied + self.vanished + self.failed.total()

    @property
    def left(self) -> int:
        """How many were not."""
        return self.total - self.done


Progress = Callable[[Redriven], None]


def parse_place(text: str) -> LetterPlace:
    """The place that an id (`name/number/offset`) names. Raises DeadLetterError."""
    found = _PLACE.fullmatch(text)
    if found:
        place = LetterPlace(found[1], int(found[2]), int(found[3]))
        if place.number <= _LARGEST_NUMBER and place.offset <= _LARGEST_OFFSET:
            return place
    raise DeadLetterError(
        f"{text} is no id of a dead letter; `voucherify-sync dead-letters list` names them"
    )


async def pages(state: StateWriter, choice: Choice) -> AsyncIterator[Sequence[DeadLetter]]:
    """The letters that are meant, by place, some at a time."""
    after: LetterPlace | None = None
    while page := await state.dead_letters(
        places=choice.places, reason=choice.reason, after=after, limit=AT_ONCE
    ):
        yield page
        after = page[-1].place


async def first(state: StateWriter, choice: Choice, limit: int) -> list[DeadLetter]:
    """The first letters that are meant, by place."""
    found: list[DeadLetter] = []
    async for page in pages(state, choice):
        found += page[: limit - len(found)]
        if len(found) == limit:
            break
    return found


async def find(state: StateWriter, choice: Choice) -> list[LetterPlace]:
    """Where the letters that are meant stand. Raises DeadLetterError for a place without one."""
    found = [letter.place async for page in pages(state, choice) for letter in page]
    missing = sorted(set(choice.places or ()) - set(found))
    if missing:
        others = f", nor under {len(missing) - 1:,} of the other ids" if missing[1:] else ""
        raise DeadLetterError(
            f"no dead letter is kept under {missing[0]}{others}; was it redriven or discarded?"
        )
    return found


async def redrive(
    state: StateWriter,
    places: Sequence[LetterPlace],
    *,
    now_ms: Callable[[], int],
    progress: Progress,
    stop: asyncio.Event,
    dry_run: bool = False,
) -> Redriven:
    """Apply the events of these letters and settle them; those that fail again stay.

    With `dry_run` they are understood only. `stop` ends it after the batch under way. Raises
    StateUnavailableError; what was applied until then stays applied.
    """
    redriven = Redriven(len(places))
    for some in _batches(places, AT_ONCE):
        if stop.is_set():
            break
        kept = await state.dead_letters(places=some, limit=len(some))
        failed = await _apply(state, kept, now_ms(), dry_run=dry_run)
        redriven.vanished += len(some) - len(kept)
        redriven.applied += len(kept) - len(failed)
        redriven.failed.update(letter.reason for letter in failed)
        progress(redriven)
    return redriven


async def discard(state: StateWriter, places: Sequence[LetterPlace]) -> int:
    """Forget these letters for good; return how many there were."""
    return sum([await state.discard(some) for some in _batches(places, AT_ONCE)])


async def _apply(
    state: StateWriter, letters: Sequence[DeadLetter], now: int, *, dry_run: bool
) -> list[DeadLetter]:
    """Apply what the letters tell; those that failed again, with their new reasons."""
    outcomes = [understand(_record(letter), now) for letter in letters]
    understood = [one for one in outcomes if isinstance(one, Understood)]
    failed = [one for one in outcomes if isinstance(one, DeadLetter)]
    if dry_run:
        return failed
    failed += await _settle(state, understood, now)
    await _keep_reasons(state, letters, failed)
    return failed


async def _settle(
    state: StateWriter, understood: Sequence[Understood], now: int
) -> list[DeadLetter]:
    """Apply all of them in one transaction, or halve them until what breaks it stands alone."""
    batch = Batch(
        facts=[fact for one in understood for fact in one.facts],
        moves={},
        settled=[LetterPlace(*one.record.partition, one.record.offset) for one in understood],
    )
    try:
        await state.apply(batch)
    except (PositionMovedError, SchemaMismatchError, StateUnavailableError):
        raise
    except Exception as error:
        if len(understood) == 1:
            return [refused(understood[0], error, now)]
    else:
        return []
    middle = len(understood) // 2
    first = await _settle(state, understood[:middle], now)
    return first + await _settle(state, understood[middle:], now)


async def _keep_reasons(
    state: StateWriter, letters: Sequence[DeadLetter], failed: Sequence[DeadLetter]
) -> None:
    """Write down why letters failed this time, where it is another reason than before."""
    reasons = {letter.place: letter.reason for letter in failed}
    changed = [
        letter.place
        for letter in letters
        if reasons.get(letter.place, letter.reason) != letter.reason
    ]
    if changed:
        # Looked up once more: what somebody discarded or settled meanwhile must not come back.
        kept = await state.dead_letters(places=changed, limit=len(changed))
        anew = [replace(letter, reason=reasons[letter.place]) for letter in kept]
        await state.apply(Batch((), {}, dead_letters=anew))


def _record(letter: DeadLetter) -> Record:
    """The record that the letter was made of."""
    return Record(
        partition=Partition(letter.place.name, letter.place.number),
        offset=letter.place.offset,
        topic=letter.topic,
        key=letter.key,
        value=letter.value,
        headers=letter.headers,
    )


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
