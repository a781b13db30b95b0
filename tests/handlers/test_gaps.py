"""Ledgers are looked through beside the applying, and it is known how many have gaps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from handlers import metrics
from handlers.gaps import Gaps
from state import kinds
from state.sqlite import SqliteState
from state.store import StateUnavailableError
from tests.factories import CARD, card, facts, known, legacy, transaction, webhook
from tests.state.factories import entered, tell

FIRST, THIRD = "2025-01-01T00:00:01Z", "2025-01-01T00:00:03Z"


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[SqliteState]:
    made = SqliteState(tmp_path / "state.db")
    await made.migrate()
    yield made
    await made.close()


@asynccontextmanager
async def looking(state: Any) -> AsyncIterator[Gaps]:
    """A part that looks, told to stop in the end."""
    part = Gaps(state, wait_ms=0, look_seconds=0.01, most_seconds=0.05)
    stop = asyncio.Event()
    task = asyncio.create_task(part.run(stop))
    try:
        async with asyncio.timeout(10):
            yield part
    finally:
        stop.set()
        await task


async def gaps(state: SqliteState, count: int) -> None:
    """Wait until there are so many."""
    while count != await state.count_gaps(known_for=0):
        await asyncio.sleep(0.005)


async def test_gaps_open_and_close_by_themselves(
    state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to ask for it, and the metric tells how many there are."""
    monkeypatch.setattr("handlers.gaps._COUNT_SECONDS", 0)
    await tell(state, *(entered(f"{n}a", FIRST, 1, 1, f"v_{n}") for n in range(120)))
    await tell(state, *(entered(f"{n}c", THIRD, 1, 3, f"v_{n}") for n in range(120)))
    async with looking(state) as part:
        await gaps(state, 120)
        while metrics.GAPS._value.get() != 120:
            await asyncio.sleep(0.005)
        part.hurried = True
        late = "2025-01-01T00:00:02Z"
        await tell(state, *(entered(f"{n}b", late, 1, 2, f"v_{n}") for n in range(120)))
        await gaps(state, 0)


async def test_a_state_that_is_away_is_waited_for(state: SqliteState) -> None:
    """Then looking goes on."""
    failures = [StateUnavailableError("away")] * 2

    class Away:
        def __getattr__(self, name: str) -> Any:
            return getattr(state, name)

        async def check_ledgers(self, limit: int) -> int:
            if failures:
                raise failures.pop()
            return await state.check_ledgers(limit)

    await tell(state, entered("a", FIRST, 1, 1), entered("c", THIRD, 1, 3))
    async with looking(Away()):
        await gaps(state, 1)

    assert [] == failures


def opening(event: dict[str, Any]) -> object:
    """What an event says that its card began with."""
    told = [getattr(fact, "fields", {}).get(kinds.OPENING) for fact in facts(event)]
    return next((one for one in told if one is not None), None)


def test_only_a_creation_tells_what_a_card_began_with() -> None:
    """In the newer and the older shape, for points and for money; never any other event."""
    gift = {"id": CARD, "gift": {"amount": 500, "balance": 300}}
    begun = webhook("voucher.created", {"voucher": card(5)})
    told = [
        opening(begun),
        opening(legacy("voucher.created", card(5))),
        opening(webhook("voucher.created", {"voucher": gift})),
        opening(webhook("voucher.created", {"voucher": {"id": CARD}})),
        opening(webhook("voucher.created", {"voucher": card(None)})),
        opening(webhook("voucher.updated", {"voucher": card(5)})),
        opening(
            webhook(
                "voucher.loyalty_card.transaction.created",
                {"voucher": card(5), "transaction": transaction("t_1", 1, 5, 5)},
            )
        ),
    ]
    moment = told[0][1] if isinstance(told[0], list) else None

    assert [[5, moment], [5, moment], [300, moment], None, None, None, None] == told
    assert kinds.OPENING not in known([begun])[kinds.VOUCHER, CARD]
