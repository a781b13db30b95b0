"""What only PostgreSQL has: a server that can be killed, paused, locked and misnamed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import pytest

from state import kinds, postgres_batch, postgres_migrations
from state.letter_people import Scrub
from state.personal import Concerned
from state.postgres import PostgresState
from state.postgres_address import Address
from state.postgres_reader import PostgresReader
from state.postgres_transaction import transaction
from state.store import (
    Applied,
    Batch,
    PositionMovedError,
    SchemaMismatchError,
    StateUnavailableError,
)
from tests.services.postgres import USER, Postgres
from tests.state.factories import LOG, PROJECT, observed
from tests.state.stores import migrated_database

OTHER = ("other", 0)
ENDED = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a connection says that the server has ended, by when that is noticed."""


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A migrated database."""
    return migrated_database(postgres)


@pytest.fixture
async def state(url: str) -> AsyncIterator[PostgresState]:
    """A writer of it."""
    writer = PostgresState(url)
    yield writer
    await writer.close()


@pytest.fixture
async def raw(url: str) -> AsyncIterator[Any]:
    """A connection beside ours."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close(timeout=5)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server that tests kill and pause."""
    server = Postgres(tmp_path_factory.mktemp("mortal"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mortal_url(mortal: Postgres) -> str:
    """A migrated database of it."""
    return migrated_database(mortal)


def name_of(url: str) -> str:
    """The database that a URL names."""
    return url.rpartition("/")[2]


async def eventually(attempt: Callable[[], Awaitable[Any]]) -> Any:
    """What an attempt gives, made until the database is there again."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await attempt()
            except StateUnavailableError:
                await asyncio.sleep(0.05)


async def test_a_killed_server_loses_nothing_and_is_found_again(
    mortal: Postgres, mortal_url: str
) -> None:
    """Writers and readers say that it is away, and go on where they were once it is back."""
    state, reader = PostgresState(mortal_url), PostgresReader(mortal_url)
    await state.apply(Batch([observed(kinds.VOUCHER, "v_1", code="A")], {LOG: (0, 1)}))
    assert await reader.get(PROJECT, kinds.VOUCHER, "v_1")

    mortal.kill()
    for attempt in (state.positions, state.check, reader.standing, reader.check):
        with pytest.raises(StateUnavailableError, match=f"127.0.0.1:{mortal.port}"):
            await attempt()
    with pytest.raises(StateUnavailableError):
        await state.apply(Batch([], {LOG: (1, 2)}))
    mortal.start()

    assert {LOG: 1} == await eventually(state.positions)
    await state.apply(Batch([observed(kinds.VOUCHER, "v_1", 2, code="B")], {LOG: (1, 2)}))
    assert {"id": "v_1", "code": "B"} == await reader.get(PROJECT, kinds.VOUCHER, "v_1")
    await reader.close()
    await state.close()


async def test_kills_in_the_middle_of_batches(mortal: Postgres, mortal_url: str) -> None:
    """Killed again and again while batches are written, each batch is there as a whole, once."""
    state = PostgresState(mortal_url)
    stop = asyncio.Event()

    async def write() -> int:
        turn = 0
        while not stop.is_set():
            facts = [observed(kinds.ORDER, f"ord_{turn}_{at}", note=turn) for at in range(50)]
            try:
                await state.apply(Batch(facts, {LOG: (turn, turn + 1)}))
                turn += 1
            except StateUnavailableError:
                await asyncio.sleep(0.02)
            except PositionMovedError:
                turn = (await eventually(state.positions))[LOG]
        return turn

    writing = asyncio.create_task(write())
    for pause in (0.15, 0.05, 0.2, 0.11):
        await asyncio.sleep(pause)
        await asyncio.to_thread(mortal.kill)
        await asyncio.to_thread(mortal.start)
    await eventually(state.positions)
    await asyncio.sleep(0.1)
    stop.set()
    turns = await writing

    assert {LOG: turns} == await state.positions()
    assert str(turns * 50) == mortal.run("SELECT count(*) FROM thing", name_of(mortal_url))
    assert turns > 4
    await state.close()


async def test_closing_does_not_wait_for_a_server_that_hangs(
    mortal: Postgres, mortal_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers nothing is unavailable after a while, and holds no one up."""
    monkeypatch.setattr("state.postgres_login.COMMAND_SECONDS", 0.3)
    monkeypatch.setattr("state.postgres_login.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("state.postgres_connections._CLOSE_SECONDS", 0.3)
    state = PostgresState(mortal_url)
    await state.positions()

    mortal.pause()
    try:
        for _ in range(2):  # over the connection there is, and over a new one
            with pytest.raises(StateUnavailableError, match="does not answer in time"):
                await state.positions()
        hanging = asyncio.create_task(state.positions())
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await state.close()
        with pytest.raises(StateUnavailableError):
            await hanging
    finally:
        mortal.resume()
    with pytest.raises(StateUnavailableError, match="closed"):
        await state.positions()


async def test_a_copy_that_stands_still_does_not_hold_the_others_up(
    state: PostgresState, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was paused in the middle of a transaction loses it, and its locks with it."""
    monkeypatch.setattr("state.postgres_transaction.IDLE_SECONDS", 1)
    await state.apply(Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)}))

    async def stand_still() -> None:
        async with transaction(raw):
            await raw.execute("UPDATE position SET next = 77")
            await raw.execute("SELECT FROM thing FOR UPDATE")
            await state.apply(Batch([observed(kinds.VOUCHER, "v_1", 2)], {LOG: (1, 2)}))
            await raw.execute("SELECT 1")

    with pytest.raises(ENDED):
        await stand_still()
    assert {LOG: 2} == await state.positions()


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each attempt at a transaction locked its rows at once."""
    made: list[bool] = []
    real = postgres_batch.apply

    async def apply(connection: Any, batch: Batch, *, locked: bool, scrub: Scrub) -> Applied:
        made.append(locked)
        return await real(connection, batch, locked=locked, scrub=scrub)

    monkeypatch.setattr(postgres_batch, "apply", apply)
    return made


async def until_waiting(raw: Any) -> None:
    """Until someone waits for a lock."""
    while not await raw.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        await asyncio.sleep(0.01)


async def test_a_copy_that_stands_still_while_it_is_sent_rows(
    state: PostgresState, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that can't get rid of what it sends does not hold the locks for ever either."""
    monkeypatch.setattr("state.postgres_transaction.IDLE_SECONDS", 1)
    await state.apply(Batch([], {LOG: (0, 1)}))

    async def stand_still() -> None:
        async with transaction(raw):
            await raw.execute("UPDATE position SET next = 77")
            asyncio.get_running_loop().call_later(0.1, raw._transport.pause_reading)
            await raw.fetch("SELECT repeat('x', 1000000) FROM generate_series(1, 99), pg_sleep(.2)")

    standing = asyncio.create_task(stand_still())
    await asyncio.sleep(0.5)
    await state.apply(Batch([], {LOG: (1, 2)}))
    raw.terminate()
    with pytest.raises(ENDED):
        await standing
    assert {LOG: 2} == await state.positions()


async def test_a_copy_that_stands_still_within_a_statement(
    state: PostgresState, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was paused between a statement's text and its values loses its transaction, too."""
    await state.apply(Batch([], {LOG: (0, 1)}))
    monkeypatch.setattr("state.postgres_transaction.WHOLE_SECONDS", 1)

    async def stand_still() -> None:
        async with transaction(raw):
            monkeypatch.undo()
            await raw.execute("UPDATE position SET next = 77")
            await raw._get_statement("SELECT $1::integer + 4", None, named=True)  # its text alone
            await state.apply(Batch([], {LOG: (1, 2)}))
            await raw.execute("SELECT 1")

    with pytest.raises(ENDED):
        await stand_still()
    assert {LOG: 2} == await state.positions()


async def test_rows_that_another_copy_wrote_meanwhile_are_joined_with(
    state: PostgresState, raw: Any, url: str, attempts: list[bool]
) -> None:
    """Overtaken on an old row and on a new one, the batch is made again, with its rows locked."""
    await state.apply(Batch([observed(kinds.VOUCHER, "v_1", code="A")], {LOG: (0, 1)}))
    reader = PostgresReader(url)
    for at, id_ in enumerate(["v_1", "v_2"], 1):
        attempts.clear()
        async with raw.transaction():
            ours = observed(kinds.VOUCHER, id_, at + 1, code="C")
            theirs = Batch([observed(kinds.VOUCHER, id_, note="theirs")], {OTHER: (at - 1, at)})
            await postgres_batch._join(raw, theirs.facts, Concerned(), locked=True)
            applying = asyncio.create_task(state.apply(Batch([ours], {LOG: (at, at + 1)})))
            await until_waiting(raw)
        await applying

        expected = {"id": id_, "code": "C", "note": "theirs"}
        assert expected == await reader.get(PROJECT, kinds.VOUCHER, id_)
        assert [False, True] == attempts
    await reader.close()


@pytest.mark.parametrize("tiers", [0, 2], ids=["alone", "with tiers"])
async def test_copies_that_tell_of_one_campaign_do_not_overtake_each_other(
    url: str, monkeypatch: pytest.MonkeyPatch, tiers: int
) -> None:
    """Two copies write the same definitions in every batch, at their first attempt each."""
    monkeypatch.setattr("state.postgres._ATTEMPTS", 1)
    states = [PostgresState(url), PostgresState(url)]
    definitions = [
        (kinds.CAMPAIGN, "camp_1"),
        *((kinds.LOYALTY_TIER, f"lt_{number}") for number in range(tiers)),
    ]
    await states[0].apply(Batch([observed(*one) for one in definitions], {}))

    async def tell(copy: int) -> None:
        for turn in range(20):
            version = 2 + 2 * turn + copy
            told: dict[str, Any] = {f"by_{copy}": turn, "at": version}
            facts = [
                *(observed(*one, version, **told) for one in definitions),
                observed(kinds.VOUCHER, f"v_{copy}", version, turn=turn),
            ]
            await states[copy].apply(Batch(facts, {(LOG[0], copy): (turn, turn + 1)}))

    await asyncio.gather(tell(0), tell(1))
    reader = PostgresReader(url)
    for kind, id_ in definitions:
        held = await reader.get(PROJECT, kind, id_)
        assert {"id": id_, "by_0": 19, "by_1": 19, "at": 41} == held
    await reader.close()
    await asyncio.gather(*(state.close() for state in states))


async def test_a_deadlock_is_tried_again(
    state: PostgresState, raw: Any, attempts: list[bool]
) -> None:
    """Someone who locks rows in another order makes us begin again, not fail."""
    both = [observed(kinds.VOUCHER, "v_1"), observed(kinds.VOUCHER, "v_2")]
    await state.apply(Batch(both, {LOG: (0, 1)}))
    attempts.clear()
    lock = "SELECT FROM thing WHERE id = $1 FOR UPDATE"
    newer = [observed(kinds.VOUCHER, "v_1", 2), observed(kinds.VOUCHER, "v_2", 2)]

    async with raw.transaction():
        await raw.execute("SET LOCAL deadlock_timeout = '10s'")  # it is not the one that gives way
        await raw.execute(lock, "v_2")
        applying = asyncio.create_task(state.apply(Batch(newer, {LOG: (1, 2)})))
        await until_waiting(raw)
        await raw.execute(lock, "v_1")

    assert Applied(2, 0) == await applying
    assert [False, True] == attempts


async def test_what_stays_locked_is_unavailable(
    state: PostgresState, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that nobody lets go of is waited for, some times over, and then told of."""
    monkeypatch.setattr("state.postgres_transaction.LOCK_SECONDS", 0.05)
    async with raw.transaction():
        await raw.execute("LOCK TABLE thing")
        with pytest.raises(StateUnavailableError, match="busy"):
            await state.apply(Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)}))

    assert {} == await state.positions()


async def test_a_fact_that_the_database_refuses(state: PostgresState, raw: Any) -> None:
    """It is the fact's fault, and the error quotes nothing of it."""
    await raw.execute("ALTER TABLE thing ADD CHECK (id <> 'secret')")

    with pytest.raises(Exception, match="CheckViolation") as refused:
        await state.apply(Batch([observed(kinds.VOUCHER, "secret")], {LOG: (0, 1)}))

    assert not isinstance(refused.value, StateUnavailableError)
    assert "secret" not in repr(refused.value)
    assert refused.value.__suppress_context__
    assert {} == await state.positions()


@pytest.mark.parametrize("code", ["25P04", "25P02", "55000", "57P05", "08P01", "53400"])
async def test_what_is_no_facts_fault(state: PostgresState, raw: Any, code: str) -> None:
    """A transaction or a connection that the server ends puts no event into dead letters."""
    await raw.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$;"
        "CREATE TRIGGER fails BEFORE INSERT ON thing EXECUTE FUNCTION fail()"
    )
    with pytest.raises(StateUnavailableError):
        await state.apply(Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)}))


async def test_copies_that_migrate_at_once(postgres: Postgres) -> None:
    """Each of them ends with the same database, and it is made once."""
    url = postgres.create_database("migrated_at_once")
    states = [PostgresState(url) for _ in range(5)]

    await asyncio.gather(*(state.migrate() for state in states))

    for state in states:
        await state.check()
        await state.close()
    versions = postgres.run("SELECT version FROM voucherify_sync_migration", "migrated_at_once")
    assert [str(number) for number, _ in postgres_migrations._steps()] == versions.split()


async def test_ledgers_of_an_older_version_are_looked_through_once(postgres: Postgres) -> None:
    """A hole that was there before holes were looked for is found after the migration."""
    url = postgres.create_database("with_ledgers")
    raw = await asyncpg.connect(url)
    await raw.execute(postgres_migrations._MADE)
    await raw.execute(postgres_migrations._steps()[0][1])
    await raw.execute("INSERT INTO voucherify_sync_migration VALUES (1)")
    for id_, created, balance in (("a", 1, 5), ("c", 3, 9)):
        await raw.execute(
            "INSERT INTO thing VALUES ('p', 'transaction', $1, false, NULL, 'v_1', NULL, NULL, $2,"
            " NULL, $3, '[]')",
            id_,
            created,
            f'{{"details.balance.points": 1, "details.balance.balance": {balance}}}',
        )
    await raw.close()
    state = PostgresState(url)
    await state.migrate()

    assert (1, 0) == (await state.check_ledgers(10), await state.check_ledgers(10))
    (gap,) = await state.gaps(known_for=0)
    assert ("v_1", "a", "c", 3) == (gap.voucher, gap.after, gap.before, gap.points)
    await state.close()


async def test_databases_of_other_versions(postgres: Postgres, url: str) -> None:
    """One that is not migrated or is newer says what to do, to readers and to writers."""
    empty = postgres.create_database("not_migrated")
    for part in (PostgresState(empty), PostgresReader(empty)):
        with pytest.raises(SchemaMismatchError, match="voucherify-sync migrate"):
            await part.check()
        await part.close()
    reader = PostgresReader(empty)
    with pytest.raises(StateUnavailableError, match="voucherify-sync migrate"):
        await reader.standing()
    await reader.close()

    newer = postgres_migrations.latest() + 1
    name = name_of(url)
    postgres.run(f"INSERT INTO voucherify_sync_migration VALUES ({newer})", name)  # noqa: S608 - a number
    state = PostgresState(url)
    for attempt in (state.migrate, state.check):
        with pytest.raises(SchemaMismatchError, match="upgrade"):
            await attempt()
    await state.close()


async def test_databases_that_are_not_ours(postgres: Postgres) -> None:
    """Tables of something else, or an encoding without room, are refused, and left as they are."""
    for name, prepared, said in (
        ("of_others", "CREATE TABLE thing ()", "of its own"),
        ("in_latin", "", "ENCODING 'UTF8'"),
    ):
        encoding = "LATIN1" if name == "in_latin" else "UTF8"
        postgres.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        postgres.run(prepared or "SELECT 1", name)
        state = PostgresState(postgres.url(name))
        with pytest.raises(SchemaMismatchError, match=said):
            await state.migrate()
        await state.close()
        assert "" == postgres.run("SELECT to_regclass('voucherify_sync_migration')", name)


async def test_a_schema_of_its_own(postgres: Postgres) -> None:
    """Tables are made and found in the schema that connections begin in."""
    url = postgres.create_database("with_schema")
    postgres.run("CREATE SCHEMA ours", "with_schema")
    state = PostgresState(f"{url}?search_path=ours")
    await state.migrate()
    await state.apply(Batch([observed(kinds.VOUCHER, "v_1")], {LOG: (0, 1)}))
    await state.close()

    assert "1" == postgres.run("SELECT count(*) FROM ours.thing", "with_schema")


async def test_what_is_wrong_is_said_without_the_password(postgres: Postgres, url: str) -> None:
    """Messages name the server and the mend. No password is in them, right or wrong."""
    name = name_of(url)
    postgres.run("CREATE ROLE guest LOGIN PASSWORD 'guest-secret'")
    at = f"127.0.0.1:{postgres.port}"
    wrong = {
        f"postgresql://{USER}:wrong-secret@{at}/{name}": "user or the password",
        f"postgresql://nobody:wrong-secret@{at}/{name}": "user or the password",
        url.replace(name, "no_such_database"): "create it",
        f"postgresql://guest:guest-secret@{at}/{name}": "grant",
        f"{url}?sslmode=require": "sslmode",
        f"{url}?sslmode=verify-full&sslrootcert=/no/such.pem": "as the URL says",
        url.replace(str(postgres.port), "1"): "check that it runs",
        f"{url}?target_session_attrs=standby": "target_session_attrs",
        f"{url}?default_transaction_read_only=on": "read-only",
        f"{url}?statement_timeout=soon": "as the URL says",
        f"{url.replace(at, '')}?host=127.0.0.1:http": "as the URL says",
    }
    for given, said in wrong.items():
        state = PostgresState(given)
        with pytest.raises(StateUnavailableError, match=said) as error:
            await state.apply(Batch([], {LOG: (0, 1)}))
        await state.close()
        assert "PostgreSQL database" in str(error.value)
        for secret in ("secret", postgres.password, "postgresql://"):
            assert secret not in f"{error.value!r} {error.value.__cause__!r}"


async def test_no_connection_left(postgres: Postgres, url: str) -> None:
    """A server that takes no more connections says how to have more."""
    name = name_of(url)
    postgres.run("CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 1")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO few", name)
    few = url.replace(f"{USER}:{postgres.password}", "few:few")
    holding, state = await asyncpg.connect(few), PostgresState(few)

    with pytest.raises(StateUnavailableError, match="max_connections"):
        await state.check()

    await holding.close()
    await eventually(state.check)
    await state.close()


async def test_more_reads_than_connections(
    url: str, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads take turns; one that does not get one in time says so."""
    reader = PostgresReader(url, size=2)
    found = await asyncio.gather(*(reader.standing() for _ in range(50)))
    assert 50 == len(found)

    monkeypatch.setattr("state.postgres_connections._TURN_SECONDS", 0.05)
    async with raw.transaction():
        await raw.execute("LOCK TABLE as_of")
        waiting = [asyncio.create_task(reader.standing()) for _ in range(2)]
        await until_waiting(raw)
        with pytest.raises(StateUnavailableError, match="busy"):
            await reader.standing()
        waiting[0].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting[0]
        assert await reader.get(PROJECT, kinds.VOUCHER, "v_1") is None
    await waiting[1]
    await reader.close()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://u:p@db.example/state", "state at db.example:5432"),
        ("postgres://u:p@db.example:6432/state?sslmode=verify-full", "state at db.example:6432"),
        ("postgresql://u:p%40@[::1]:5433/a%20b", "a b at [::1]:5433"),
        ("postgresql://u:p@one,two:5433/state", "state at one:5432, two:5433"),
        ("postgresql:///state?host=/run/postgresql", "state at /run/postgresql"),
        ("postgresql://", "(of the user) at this machine"),
    ],
)
def test_how_a_database_is_called(url: str, name: str) -> None:
    """By its name, hosts and ports; the URL with its password stays out of every repr."""
    address = Address.parse(url)

    assert f"PostgreSQL database {name}" == address.name
    assert url == address.url
    assert "://" not in repr(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:secret@db.example/state", "no postgresql:// URL"),
        ("postgresql://u:secret@db.example/state?sslmode=yes", "sslmode is one of disable"),
        ("postgresql:u:secret@db.example/state", "no postgresql:// URL"),
        ("postgresql://u:sec/ret#@db.example:x/state", "percent-encoded"),
        ("postgresql://u:secret@db.example:65536/state", "percent-encoded"),
        ("postgresql://u:secret@[::1/state", "percent-encoded"),
        ("postgresql://u:secret@db.example:http/state", "percent-encoded"),
    ],
)
def test_urls_that_make_no_sense(url: str, said: str) -> None:
    """They are refused when they are read, and not quoted."""
    for make in (PostgresState, PostgresReader):
        with pytest.raises(ValueError, match=said) as refused:
            make(url)
        assert "sec" not in str(refused.value)


async def test_a_read_outlives_the_end_of_all_connections(postgres: Postgres, url: str) -> None:
    """An administrator ends them all, as when a password was changed; nobody is told."""
    reader = PostgresReader(url)
    await asyncio.gather(*(reader.standing() for _ in range(50)))
    ended = f"pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'"
    postgres.run(f"SELECT {ended}")  # blocks, so that nothing of it is noticed before the read

    assert (await reader.standing()).as_of is None
    await reader.close()
