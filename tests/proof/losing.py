"""Entries of a steady history get lost: the holes that this leaves are known, until they come.

All webhooks that tell of a lost entry are held back. At the end each card is told once more, so
that the loss of its last entries can show. What can show is worked out by trying all orders: some
lost entries come to nothing together.
"""

from collections.abc import AsyncIterator, Iterator, Sequence, Set
from dataclasses import replace
from itertools import groupby
from typing import Final

from tests.proof import gaps
from tests.proof.databases import Database, remembered
from tests.proof.handling import handle
from tests.proof.history import PROJECTS, History, Lived, Order, Step, live
from tests.proof.things import Entry, Thing
from tests.proof.world import Project, beginning, usable
from voucherify_sync.diff import differences

_LOST_ONE_OF: Final = 2

Card = tuple[str, str]


async def wrong(history: History, lived: Lived, database: Database) -> AsyncIterator[str]:
    """What is wrong with the holes that lost entries leave, before and after they come."""
    order = Order(history.seeds[0])
    lived = live(replace(history, steps=(*history.steps, *_told_once_more(lived))))
    lost = {one.entry for one in lived.webhooks if one.entry and _is_lost(order, one.entry)}
    if not lost:
        return
    come = [one for one in order.deliveries(lived.webhooks) if one.entry not in lost]
    await database.empty()
    problems = [one async for one in handle(come, order, database.writer)]
    found = {(gap.project, gap.voucher) for gap in await gaps.look(database.writer)}
    shown = set(_shown(lived, lost))
    if found != shown:
        problems.append(f"holes of {sorted(found)}, lost {sorted(lost)} show in {sorted(shown)}")
    late = [*come, *(one for one in lived.webhooks if one.entry in lost)]
    problems += [one async for one in handle(late, order, database.writer)]
    problems += [f"{gap} after all entries came" for gap in await gaps.look(database.writer)]
    state = await remembered(database)
    await database.empty()
    problems += [one async for one in handle(lived.webhooks, Order(), database.writer)]
    whole = await remembered(database)
    problems += [f"late entries: {one}" async for one in differences(whole, state)]
    for one in problems:
        yield f"losing by {order.seed}: {one}"


def _is_lost(order: Order, entry: Card) -> bool:
    return order.draw(f"lost {entry}") % _LOST_ONE_OF == 0


def _told_once_more(lived: Lived) -> Iterator[Step]:
    """Each card is updated, in a moment of its own."""
    for project in lived.projects:
        for card in project.cards.values():
            number = int(card.id.removeprefix("x"))
            yield Step("change a card", PROJECTS.index(project.id), a=number)


def _shown(lived: Lived, lost: Set[Card]) -> Iterator[Card]:
    """The cards that are there and of which no order of what was told is one walk."""
    for project in lived.projects:
        for card in project.cards.values():
            if usable(project, card) and not _is_a_walk(_told(project, card, lost), None):
                yield project.id, card.id


def _told(project: Project, card: Thing, lost: Set[Card]) -> list[list[Entry]]:
    """What came of a ledger, by moments; the first and the last balance told as entries of none."""
    first = Entry("", "", card.made, 0, beginning(card))
    ledger = project.ledgers[card.id]
    balance = ledger[-1].balance if ledger else first.balance
    last = Entry("", "", card.changed or card.made, 0, balance)
    came = [entry for entry in ledger if (project.id, entry.id) not in lost]
    by_time = sorted([first, *came, last], key=lambda entry: entry.at)
    return [list(group) for _, group in groupby(by_time, key=lambda entry: entry.at)]


def _is_a_walk(moments: Sequence[Sequence[Entry]], balance: int | None) -> bool:
    """Whether entries, in some order of each moment, go on from each other; None is any balance."""
    if not moments:
        return True
    here, *later = moments
    if not here:
        return _is_a_walk(later, balance)
    for number, entry in enumerate(here):
        rest = [*here[:number], *here[number + 1 :]]
        if balance in (None, entry.balance - entry.points) and _is_a_walk(
            [rest, *later], entry.balance
        ):
            return True
    return False
