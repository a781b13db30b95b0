"""The merge is a join through the databases, too, and ends alike in both.

Order, grouping into transactions and repetition cannot matter.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state import kinds
from state.facts import Entered, Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.store import Batch
from tests.proof.databases import (
    Database,
    PostgresDatabase,
    Remembered,
    SqliteDatabase,
    remembered,
)
from tests.services.postgres import Postgres
from tests.state.stores import migrated_database
from voucherify_sync.diff import Difference, differences

_LOG = ("log", 0)

Way = tuple[int, ...]
"""How facts are told: a seed of their order, then sizes of transactions."""
Problems = Callable[[Sequence[Fact], Sequence[Way]], list[Difference]]

scalars = st.sampled_from(
    [None, True, False, 0, 1, 1.0, -2, 10**30, 0.1, "", "a", "\ud800", "\0\\"]
)
values = st.one_of(
    scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from("ab\\"), scalars)
)
structs = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(["points", "balance"]), values, max_size=2)
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "code": values,
        "holder_id": values,
        "created_at": st.sampled_from(["2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z", None, 7]),
        "updated_at": st.sampled_from(["2025-03-01T00:00:00.001Z", None]),
        "loyalty_card": structs,
        "details": st.one_of(structs, st.dictionaries(st.just("balance"), structs)),
        "metadata": values,
    },
)
things = st.builds(
    ThingKey,
    project=st.sampled_from(["one", "two"]),
    kind=st.sampled_from([kinds.VOUCHER, kinds.CUSTOMER, kinds.TRANSACTION]),
    id=st.sampled_from(["x", "y\0", "z" * 300]),
)
stamps = st.builds(Stamp, st.integers(0, 2), st.sampled_from(Rank), st.integers(0, 2))
facts = st.one_of(
    st.builds(Observed, things, stamps, fields),
    st.builds(Observed, things, stamps, fields),
    st.builds(Entered, things, fields),
    st.builds(Gone, things),
)
ways = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)

QUICK = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def told(tellings: Sequence[Fact], way: Way) -> list[list[Fact]]:
    """All facts in some order, some of them twice, in transactions of some sizes."""
    drawn = random.Random(repr(way))
    shuffled = [*tellings, *(fact for fact in tellings if drawn.random() < 0.3)]
    drawn.shuffle(shuffled)
    groups: list[list[Fact]] = []
    while shuffled:
        size = way[len(groups) % len(way)]
        groups.append(shuffled[:size])
        shuffled = shuffled[size:]
    return groups


async def applied(database: Database, groups: Sequence[Sequence[Fact]]) -> Remembered:
    """What is kept after these transactions."""
    await database.empty()
    for number, group in enumerate(groups):
        await database.writer.apply(Batch(group, {_LOG: (number, number + 1)}))
    return await remembered(database)


async def problems(
    databases: Sequence[Database], tellings: Sequence[Fact], some_ways: Sequence[Way]
) -> list[Difference]:
    """How states differ from the one in which all facts are applied at once."""
    first = await applied(databases[0], [tellings])
    found: list[Difference] = []
    for database in databases:
        for way in some_ways:
            state = await applied(database, told(tellings, way))
            found += [one async for one in differences(first, state)]
    return found


@pytest.fixture(params=["sqlite", "both"])
def find(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Problems]:
    """Applies facts in several ways, and finds what differs."""
    databases: list[Database] = [SqliteDatabase(tmp_path / "state.db")]
    if request.param == "both":
        server: Postgres = request.getfixturevalue("postgres")
        databases.append(PostgresDatabase(migrated_database(server)))
    with asyncio.Runner() as runner:
        yield lambda tellings, some: runner.run(problems(databases, tellings, some))
        for database in databases:
            runner.run(database.close())


@QUICK
@given(st.lists(facts, min_size=1, max_size=12), st.lists(ways, min_size=1, max_size=2))
def test_order_grouping_and_repetition_do_not_matter(
    find: Problems, tellings: list[Fact], some_ways: list[Way]
) -> None:
    """One state, field by field and stamp by stamp, whatever the database."""
    assert [] == find(tellings, some_ways)
