"""Dead letters of the small world: redriven as by a person, and searched for the deleted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from eventlog.log import Record
from handlers.applying import Outcome
from handlers.understand import Understood
from state import kinds
from state.facts import Gone, ThingKey
from state.store import DeadLetter, StateWriter
from tests.proof.things import private_mark
from voucherify_sync.dead_letters import Choice, find, redrive

_NOW: Final = 1_772_409_700_000
_MANY: Final = 10_000


async def redrive_all(state: StateWriter) -> None:
    """Apply all that are kept, and settle them."""
    places = await find(state, Choice())
    await redrive(state, places, now_ms=lambda: _NOW, progress=lambda _: None, stop=asyncio.Event())


async def indiscreet(
    state: StateWriter, log: Iterable[Record], understood: Callable[[Record], Outcome]
) -> AsyncIterator[str]:
    """Letters that still tell something personal of those of whose deletion the state knows."""
    kept = await state.dead_letters(limit=_MANY)
    deleted = set(_deleted(map(understood, log))) if kept else ()
    for letter in kept:
        for customer in deleted:
            if letter.project == customer.project and private_mark(customer.id) in _text(letter):
                yield f"letter {letter.place} ({letter.topic}) tells of {customer.id}, deleted"


async def left_behind(state: StateWriter) -> AsyncIterator[str]:
    """Redrive all; letters that can't be redriven any more."""
    await redrive_all(state)
    for letter in await state.dead_letters(limit=_MANY):
        yield f"letter {letter.place} was not redriven: {letter.reason}: {letter.value!r}"


def _deleted(outcomes: Iterable[Outcome]) -> Iterable[ThingKey]:
    for one in outcomes:
        for fact in one.facts if isinstance(one, Understood) else ():
            if isinstance(fact, Gone) and fact.thing.kind == kinds.CUSTOMER:
                yield fact.thing


def _text(letter: DeadLetter) -> str:
    parts = (letter.key, letter.value, *(value for _, value in letter.headers))
    told = b"\n".join(parts).decode(errors="replace")
    return "\n".join((told, *letter.about, *letter.people))
