"""One copy deletes a customer while another tells of them: neither sees the other, none may win."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from handlers.scrubbing import scrub
from state import kinds, personal, postgres_erasing
from state.facts import Fact, Gone, Observed, Stamp, ThingKey
from state.postgres import PostgresState
from state.postgres_transaction import transaction
from state.store import Batch
from tests.factories import PROJECT
from tests.privacy import ann, dumping
from tests.services.postgres import Postgres
from tests.state.factories import observed
from tests.state.stores import PostgresStore, migrated_database

SECRET = "whose it is"
_BOTH = """
SELECT (SELECT count(*) FROM thing WHERE kind = 'customer' AND id = $1 AND NOT gone),
       (SELECT count(*) FROM thing WHERE kind = 'custom_event' AND customer = $1)
"""
ROUNDS = 60
TOGETHER = 8


@pytest.fixture
def database(postgres: Postgres) -> PostgresStore:
    """A migrated database."""
    return PostgresStore(migrated_database(postgres), scrub=scrub)


@pytest.fixture
async def copies(database: PostgresStore) -> AsyncIterator[list[PostgresState]]:
    """Three copies of the handlers' writer."""
    writers = [PostgresState(database.url, scrub=scrub) for _ in range(3)]
    yield writers
    for writer in writers:
        await writer.close()


def happened(event: str, customer: str, **more: str) -> Fact:
    """A custom event of a customer."""
    told = {kinds.CUSTOMER_ID: customer, "note": SECRET, **more}
    return Observed(ThingKey(PROJECT, kinds.CUSTOM_EVENT, event), Stamp(1, 3, 1), told)


def deleted(customer: str) -> Fact:
    """The customer is no more."""
    return Gone(ThingKey(PROJECT, kinds.CUSTOMER, customer))


async def test_whoever_comes_second_knows_of_the_first(
    database: PostgresStore, copies: list[PostgresState]
) -> None:
    """In many rounds, with batches that tell of many at once, none of it stays."""
    chance = random.Random(5)
    for turn in range(ROUNDS):
        people = [f"cust_{turn}_{number}" for number in range(TOGETHER)]
        batches = [
            [happened(f"event_{turn}_{one}_{copy}", one) for one in chance.sample(people, 6)]
            for copy in range(2)
        ]
        batches[0].append(observed(kinds.VOUCHER, "v_1", turn, project=PROJECT))
        gone = [deleted(one) for one in chance.sample(people, len(people))]
        gone.append(observed(kinds.VOUCHER, "v_1", turn, project=PROJECT, note=turn))
        await asyncio.gather(
            *(
                copy.apply(Batch(facts, {}))
                for copy, facts in zip(copies, [*batches, gone], strict=True)
            )
        )

    assert SECRET not in dumping.texts(await dumping.rows(database))
    events = [row for row in await dumping.things(database) if row[2] == kinds.CUSTOM_EVENT]
    assert ROUNDS * 12 == len(events)


@pytest.mark.parametrize("letter", [False, True], ids=["fact", "letter"])
async def test_who_deletes_waits_for_who_tells(
    database: PostgresStore, copies: list[PostgresState], letter: bool
) -> None:
    """What was told but not committed yet when the customer is deleted goes all the same."""
    telling = ann.events()[6]
    facts = () if letter else (happened("event_1", ann.ID),)
    letters = (ann.letter(telling, 0),) if letter else ()
    raw = await asyncpg.connect(database.url)
    try:
        async with transaction(raw):
            await postgres_erasing.hold(raw, personal.concerned(facts), letters)
            deleting = asyncio.create_task(copies[0].apply(Batch([deleted(ann.ID)], {})))
            while not await raw.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
            assert not deleting.done()
            told = asyncio.create_task(copies[1].apply(Batch([], {})))
            await told
        await deleting
    finally:
        await raw.close()
    await copies[1].apply(Batch(facts, {}, letters))

    found = dumping.texts(await dumping.rows(database))
    assert not {SECRET, "rang the bell twice"} & found


async def test_readers_see_all_of_it_or_nothing(
    database: PostgresStore, copies: list[PostgresState]
) -> None:
    """A customer and what is theirs go in one moment, for whoever reads meanwhile."""
    for turn in range(20):
        one = f"cust_{turn}"
        events = [happened(f"event_{turn}_{number}", one) for number in range(50)]
        await copies[0].apply(
            Batch([observed(kinds.CUSTOMER, one, project=PROJECT, note=SECRET), *events], {})
        )
        reading = asyncio.create_task(_seen(database.url, one))
        await copies[0].apply(Batch([deleted(one)], {}))
        for there, theirs in await reading:
            assert (there, theirs) in ((1, 50), (0, 0))


async def _seen(url: str, customer: str) -> list[tuple[int, int]]:
    """How many customers and things of theirs were there, each time one looked."""
    raw = await asyncpg.connect(url)
    seen = []
    for _ in range(30):
        ((there, theirs),) = await raw.fetch(_BOTH, customer)
        seen.append((there, theirs))
    await raw.close()
    return seen
