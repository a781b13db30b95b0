"""One history proved: all orders of delivery end in one state, and that is what the oracle says."""

import asyncio
from collections.abc import Sequence

from tests.proof import gaps, keeping, losing, oracle
from tests.proof.asking import Asker
from tests.proof.databases import Database, Remembered, remembered
from tests.proof.handling import handle
from tests.proof.history import History, Lived, live
from voucherify_sync.diff import Difference, differences


async def problems(history: History, databases: Sequence[Database]) -> list[str]:
    """All that is wrong, in every order and every database; nothing, it should be."""
    lived = live(history)
    found = (
        [f"unfair: {one}" for one in oracle.unfair(lived.projects)] if history.is_orderly else []
    )
    first: Remembered | None = None
    for database in databases:
        for order in history.orders:
            await database.empty()
            deliveries = order.deliveries(lived.webhooks)
            wrong = [one async for one in handle(deliveries, order, database.writer)]
            wrong += [one async for one in gaps.wrong(history, lived, database.writer)]
            state = await remembered(database)
            if order in (history.orders[0], history.orders[-1]):
                wrong += await _wrong(lived, database)
            for project in lived.projects:
                wrong += keeping.wrong(project, state)
            found += [f"{order}: {one}" for one in wrong]
            if first is not None:
                found += [f"{order}: {_say(one)}" async for one in differences(first, state)]
            first = first or state
        if history.is_steady:
            found += [one async for one in losing.wrong(history, lived, database)]
    return found


async def _wrong(lived: Lived, database: Database) -> list[str]:
    """What is wrong with the answers."""
    asker = Asker(database.reader)
    questions = [one for project in lived.projects for one in oracle.questions(project)]
    answers = await asyncio.gather(*map(asker.wrong, questions))
    return [one for answer in answers for one in answer]


def _say(one: Difference) -> str:
    return f"{one.project} {one.kind} {one.id} {one.field} {one.what}: {one.first} {one.second}"
