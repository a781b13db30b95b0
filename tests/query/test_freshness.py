"""Readiness and metrics say how far the state is behind."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from query import freshness
from state.sqlite import SqliteState
from state.sqlite_reader import SqliteReader
from state.store import SchemaMismatchError, StateUnavailableError
from tests.query.world import AS_OF, AS_OF_TEXT, World, begin

METRIC = "voucherify_sync_query_as_of_timestamp_seconds"


@pytest.mark.parametrize(("later", "behind"), [(1_234, 1.234), (0, 0.0), (-5, 0.0)])
async def test_how_far_behind(tmp_path: Path, later: int, behind: float) -> None:
    """By the clock of the database, and never ahead."""
    path = tmp_path / "state.db"
    reader = SqliteReader(path, now_ms=lambda: AS_OF + later)
    await begin(tmp_path)

    details = await freshness.check(reader)

    await reader.close()
    assert {"as_of": AS_OF_TEXT, "behind_seconds": behind} == details


async def test_nothing_is_said_before_there_is_anything_to_say(tmp_path: Path) -> None:
    """A state that was never complete is not behind by half a century."""
    state, reader = SqliteState(tmp_path / "s.db"), SqliteReader(tmp_path / "s.db")
    await state.migrate()

    assert {} == await freshness.check(reader)

    await reader.close()
    await state.close()


async def test_a_state_that_can_not_be_read(tmp_path: Path) -> None:
    """Readiness is for the check to refuse."""
    missing, empty = SqliteReader(tmp_path / "none.db"), SqliteReader(tmp_path / "empty.db")
    (tmp_path / "empty.db").touch()

    with pytest.raises(StateUnavailableError):
        await freshness.check(missing)
    with pytest.raises(SchemaMismatchError):
        await freshness.check(empty)
    await missing.close()
    await empty.close()


async def test_the_metric_follows_answers_and_checks(world: World) -> None:
    """Whichever looked last."""
    await world.ask("/v1/vouchers")
    assert AS_OF / 1000 == REGISTRY.get_sample_value(METRIC)

    await world.state.advance_as_of(AS_OF + 2_000)
    await freshness.check(world.reader)
    assert AS_OF / 1000 + 2 == REGISTRY.get_sample_value(METRIC)
