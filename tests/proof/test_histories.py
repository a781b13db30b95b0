"""Whole histories, small and nasty: every order of delivery ends as the oracle says.

`make prove` runs many more of them. What failed once stands here as an example.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.proof.databases import Database, PostgresDatabase, SqliteDatabase
from tests.proof.history import History, Step, histories
from tests.proof.loops import ThreadlessLoop
from tests.proof.proving import problems
from tests.services.postgres import Postgres
from tests.state.stores import migrated_database

QUICK = settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PUBLISHED_AT_ONCE = History(steps=(Step("publish", a=1, design=13),))
"""A card created and published in one millisecond: creation does not take its holder away."""

UPDATED_AT_ONCE = History(
    steps=(Step("spend", passing=0), Step("wait for points"), Step("change a card", passing=0))
)
"""A card told without `updated_at`, and updated in that millisecond: the update is the newer."""

ROLLED_BACK_AT_ONCE = History(steps=(Step("spend", passing=0), Step("roll back", passing=0)))
"""A ledger that begins with a circle: it goes on from what the card was created with."""

GOES_WITH_THE_SAME_ID = History(
    steps=(Step("earn"), Step("change a customer"), Step("delete", b=1)), seeds=(14,)
)
"""Dead letters tell of a card that has the id of the customer who was deleted."""

ENTRY_OF_THE_SAME_ID = History(
    steps=(Step("publish", b=1), Step("expire"), Step("delete", a=1, b=1)), seeds=(6,)
)
"""They tell of a ledger entry that has that customer's id: nothing of it is taken out."""

TRACKED_OF_THE_SAME_ID = History(
    steps=(Step("belong to a segment"), Step("delete", b=1), Step("publish", b=1, design=18)),
    seeds=(9,),
)
"""They tell of a publication that has that customer's id: another one's tracking id stays."""

LOST_AT_ONCE = History(
    steps=(Step("earn", a=1, passing=0), Step("earn", a=1, passing=0)), seeds=(11,)
)
"""An entry of the millisecond in which its card was created is lost: the hole stays known."""

CREATED_LATER = History(steps=(Step("spend", passing=0), Step("spend", passing=-6)), seeds=(14,))
"""By its moments, a ledger begins before its card was created: all orders see the same holes."""

BELONGING = (Step("belong to a segment", passing=0),)
"""Something that is told in between, so that the rest is drawn another fate."""

EXPIRED_OF_THE_SAME_ID = History(
    steps=(
        *(10 * BELONGING),
        Step("belong to a segment", a=1, passing=0),
        Step("expire", passing=0),
        Step("delete", a=1, b=1, passing=0),
    ),
    seeds=(6,),
)
"""A dead letter of an event of nobody, with an entry that has a deleted customer's id."""

GONE_WITH_ITS_CAMPAIGN = History(
    steps=(
        *(9 * BELONGING),
        Step("earn", a=1, passing=0),
        *BELONGING,
        Step("wait for points", a=1, passing=0),
        Step("earn", a=1, passing=-6),
        Step("delete", a=1, b=2, passing=0),
    ),
    seeds=(549,),
)
"""A ledger is looked through from a late entry on when its card is gone: no hole stays."""

BEGUN_ANOTHER_WAY = History(
    steps=(
        *(4 * BELONGING),
        Step("belong to a segment", b=1, passing=0),
        Step("spend", passing=0),
        Step("roll back", passing=0),
        Step("transfer", passing=0),
        Step("belong to a segment", passing=-6),
        Step("belong to a segment", project=1, passing=0),
        Step("spend", b=1, passing=0),
    ),
)
"""An entry of the creation's moment comes late, and shows that the ledger begins elsewhere."""


class Prover:
    """Proves one history after the other, in one event loop."""

    def __init__(self, runner: asyncio.Runner, *databases: Database) -> None:
        self._runner = runner
        self._databases = databases

    def problems(self, history: History) -> list[str]:
        """All that is wrong."""
        return self._runner.run(problems(history, self._databases))

    def close(self) -> None:
        """Let go of the databases."""
        for database in self._databases:
            self._runner.run(database.close())


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Prover]:
    """Proves on SQLite."""
    with asyncio.Runner(loop_factory=ThreadlessLoop) as runner:
        prover = Prover(runner, SqliteDatabase(tmp_path / "state.db"))
        yield prover
        prover.close()


@pytest.fixture
def both(tmp_path: Path, postgres: Postgres) -> Iterator[Prover]:
    """Proves on both databases, and that they end alike."""
    url = migrated_database(postgres)
    with asyncio.Runner(loop_factory=ThreadlessLoop) as runner:
        lite = SqliteDatabase(tmp_path / "state.db")
        prover = Prover(runner, lite, PostgresDatabase(url))
        yield prover
        prover.close()


@QUICK
@example(PUBLISHED_AT_ONCE)
@example(UPDATED_AT_ONCE)
@example(ROLLED_BACK_AT_ONCE)
@example(ENTRY_OF_THE_SAME_ID)
@example(TRACKED_OF_THE_SAME_ID)
@example(EXPIRED_OF_THE_SAME_ID)
@example(GONE_WITH_ITS_CAMPAIGN)
@example(BEGUN_ANOTHER_WAY)
@example(LOST_AT_ONCE)
@example(CREATED_LATER)
@example(GOES_WITH_THE_SAME_ID)
@given(histories)
def test_on_sqlite(sqlite: Prover, history: History) -> None:
    """Any order, any duplication, any crash: one state, the oracle's."""
    assert [] == sqlite.problems(history)


@settings(QUICK, max_examples=40)
@example(PUBLISHED_AT_ONCE)
@example(UPDATED_AT_ONCE)
@example(ROLLED_BACK_AT_ONCE)
@example(ENTRY_OF_THE_SAME_ID)
@example(TRACKED_OF_THE_SAME_ID)
@example(EXPIRED_OF_THE_SAME_ID)
@example(GONE_WITH_ITS_CAMPAIGN)
@example(BEGUN_ANOTHER_WAY)
@example(LOST_AT_ONCE)
@example(CREATED_LATER)
@example(GOES_WITH_THE_SAME_ID)
@given(histories)
def test_on_both(both: Prover, history: History) -> None:
    """The same on PostgreSQL, whose state is the same as SQLite's, thing by thing."""
    assert [] == both.problems(history)
