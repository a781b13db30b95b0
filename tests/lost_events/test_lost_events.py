"""A card that lost an entry is found to have a gap, and none that is complete."""

import os
from pathlib import Path

import pytest

from state.postgres import PostgresState
from state.sqlite import SqliteState
from state.store import StateWriter
from tests.lost_events.losing import history_of
from tests.lost_events.running import Histories
from tests.state.stores import migrated_database

HISTORIES = int(os.environ.get("LOST_EVENTS_HISTORIES", "5"))
"""How many histories; 1,000 by hand take minutes, `python -m tests.lost_events` says how far."""


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> StateWriter:
    """A state in which nothing was told yet."""
    if request.param == "sqlite":
        return SqliteState(tmp_path / "state.db")
    return PostgresState(migrated_database(request.getfixturevalue("postgres")))


async def test_every_loss_that_shows_is_noticed_and_no_other(state: StateWriter) -> None:
    """Two in a hundred entries are never told, the rest in disorder; then they come after all."""
    await state.migrate()
    running = Histories(state)
    for seed in range(HISTORIES):
        await running.run(seed, history_of(seed, events=400, share=0.02))
    await state.close()

    outcome = running.outcome
    assert outcome.shown > HISTORIES // 2
    assert ([], [], []) == (outcome.unnoticed, outcome.alarms, outcome.left_open)


async def test_nothing_is_noticed_where_nothing_is_lost(tmp_path: Path) -> None:
    """Disorder and repetition alone leave no gap."""
    state = SqliteState(tmp_path / "state.db")
    await state.migrate()
    running = Histories(state)
    await running.run(1, history_of(1, events=800, share=0.0))
    await state.close()

    assert (0, []) == (running.outcome.entries, running.outcome.alarms)
