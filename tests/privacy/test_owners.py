"""A personal thing goes with any customer it was ever told to be of, in whatever order."""

from itertools import permutations

import pytest

from state import kinds
from state.facts import Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.reader import StateReader
from state.store import Batch, StateWriter
from tests.privacy import dumping
from tests.state.stores import Store

PROJECT = "p"


def told(project: str, version: int, owner: str | None, **fields: str) -> Fact:
    """A telling of one event, which may say whose it is."""
    whose = {} if owner is None else {kinds.CUSTOMER_ID: owner}
    stamp = Stamp(version, Rank.SUBJECT, version)
    return Observed(ThingKey(project, kinds.EVENT, "evt_1"), stamp, {**whose, **fields})


def deleted(project: str, customer: str) -> Fact:
    """The customer is no more."""
    return Gone(ThingKey(project, kinds.CUSTOMER, customer))


@pytest.mark.parametrize("together", [1, 2, 4])
@pytest.mark.parametrize(("who", "there"), [("ann", False), ("bob", False), ("eve", True)])
async def test_any_owner(
    store: Store, writer: StateWriter, who: str, there: bool, together: int
) -> None:
    """Ann was named in an older telling, Bob in a newer one, nobody in the newest, Eve never."""
    states = set()
    for number, order in enumerate(permutations(range(4))):
        project = f"p{number}"
        facts = [
            told(project, 1, "ann", note="old"),
            told(project, 2, "bob", note="new"),
            told(project, 3, None, data="more"),
            deleted(project, who),
        ]
        for start in range(0, 4, together):
            some = [facts[at] for at in order[start : start + together]]
            applied = await writer.apply(Batch(some, {}))
            assert len(some) == applied.merged + applied.stale
            assert min(applied.merged, applied.stale) >= 0
        rows = [row[2:] for row in await dumping.things(store) if row[1] == project]
        states.add(str(rows))

    (state,) = states
    assert there == ("more" in state)


async def test_what_is_of_nobody_deleted_stays(
    store: Store, writer: StateWriter, reader: StateReader
) -> None:
    """Somebody else's deletion, or that of a thing with the customer's id, takes nothing along."""
    del store
    await writer.apply(Batch([told(PROJECT, 1, "ann", note="kept")], {}))
    await writer.apply(Batch([Gone(ThingKey(PROJECT, kinds.VOUCHER, "ann"))], {}))
    await writer.apply(Batch([deleted("other", "ann"), deleted(PROJECT, "bob")], {}))

    assert {"note": "kept"} == await reader.get(PROJECT, kinds.EVENT, "evt_1")


async def test_very_long_ids(store: Store, writer: StateWriter) -> None:
    """Ids that a database keeps shortened are the same everywhere."""
    long = "ann" * 200
    await writer.apply(Batch([told(PROJECT, 1, long, note="secret")], {}))
    await writer.apply(Batch([told(PROJECT, 2, "bob")], {}))
    await writer.apply(Batch([deleted(PROJECT, long)], {}))
    await writer.apply(Batch([told(PROJECT, 3, long, note="secret")], {}))

    assert "secret" not in dumping.texts(await dumping.rows(store))


async def test_whoever_it_is_of_too_is_forgotten(store: Store, writer: StateWriter) -> None:
    """Nothing that names the deleted one is left to look up by."""
    await writer.apply(Batch([told(PROJECT, 1, "ann"), told(PROJECT, 2, "bob")], {}))
    assert 1 == len([row for row in await dumping.rows(store) if row[0] == "also_of"])

    await writer.apply(Batch([deleted(PROJECT, "ann")], {}))

    assert [] == [row for row in await dumping.rows(store) if row[0] == "also_of"]
