"""An installation on Kafka and PostgreSQL is carried to another one, row by row."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from state.facts import Fact, Observed, Stamp, ThingKey
from state.postgres import PostgresState
from state.store import Batch
from tests.acceptance.server import SECRET, Server, running
from tests.chaos.installation import Installation
from tests.services.kafka import Kafka
from tests.services.postgres import Postgres
from tests.state.factories import entered, letter
from tests.voucherify_sync.program import run
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, compare
from voucherify_sync.simulator.deliveries import Delivery, schedule
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import Pace, Sender

OPTIONS: Final = SimulationOptions(
    seed=41, cards=30, events=900, disorder=0.4, duplicates=0.1, noise=0.05
)
_ROWS: Final = {
    "thing": "SELECT project, kind, id, gone, name, voucher, campaign, customer, created, updated, "
    "fields::jsonb, stamps::jsonb FROM thing ORDER BY project, kind, id",
    "also_of": "SELECT * FROM also_of ORDER BY project, customer, kind, id",
    "dead_letter": "SELECT * FROM dead_letter ORDER BY partition, number, position",
    "dead_letter_about": "SELECT * FROM dead_letter_about ORDER BY 1, 2, 3, 4, 5",
    "ledger_gap": "SELECT project, voucher, after_entry, before_entry, since, until, points "
    "FROM ledger_gap ORDER BY 1, 2, 3, 4",
    # A card that was told without its campaign first leaves a count of none there.
    "tally": "SELECT project, kind, campaign, sum(things) FROM tally "
    "GROUP BY 1, 2, 3 HAVING sum(things) <> 0 ORDER BY 1, 2, 3",
    "as_of": "SELECT moment FROM as_of",
}


@pytest.fixture
def installation(tmp_path: Path, kafka: Kafka, postgres: Postgres) -> Installation:
    """A receiver, the handlers and a query API, not started yet."""
    return Installation(tmp_path, kafka, postgres, receivers=1, handlers=1)


async def test_all_rows_and_records(
    installation: Installation, postgres: Postgres, kafka: Kafka, tmp_path: Path
) -> None:
    """Links, letters and gaps come along; what was not applied is left to the new handlers."""
    made = schedule(OPTIONS)
    cut = len(made.deliveries) * 3 // 4
    await _deliver_and_end(installation, made.deliveries[:cut], made.deliveries[cut:])
    await _tell_what_webhooks_seldom_do(installation.database)
    name = f"c{secrets.token_hex(4)}"
    database = postgres.create_database(name)
    new = {"TOPIC_PREFIX": f"{name}.", "STATE": database, "KAFKA_GROUP": name}

    copied = await asyncio.to_thread(
        run,
        *("copy", "--into-log", f"kafka://{kafka.servers}", "--into-state", database),
        *("--into-topic-prefix", f"{name}."),
        cwd=tmp_path,
        environment=_environment(installation.settings),
    )

    assert 0 == copied.returncode, copied.stderr
    assert f"{len(made.deliveries)} records" in copied.stdout
    assert f"{len(made.deliveries) - cut} records of them to be applied" in copied.stdout
    old_database = installation.database.rpartition("/")[2]
    old, carried = (_rows(postgres, one) for one in (old_database, name))
    assert [] == [one for one, rows in old.items() if not rows], "nothing to compare"
    for table, rows in old.items():
        assert rows == carried[table], table
    (project,) = made.truth["projects"]
    settings = installation.settings | new | {"API_KEYS": f"app:token:{project}"}
    async with running("serve", tmp_path, **settings) as serve:
        await serve.caught_up()
        keys = {project: ("app", "token")}
        found = await compare(made.truth, serve.url, keys=keys, things=(*THINGS, *MORE_THINGS))
    assert [] == [str(difference) for difference in found.differences]


async def _deliver_and_end(
    installation: Installation, applied: Sequence[Delivery], accepted: Sequence[Delivery]
) -> None:
    """All is accepted, and not all of it applied, when the old installation ends."""
    await installation.start()
    await _deliver(installation.receivers[0], applied)
    await installation.query.caught_up()
    for one in (*installation.handlers, installation.query):
        assert 0 == await one.end()
    await _deliver(installation.receivers[0], accepted)
    assert 0 == await installation.receivers[0].end()


async def _deliver(receiver: Server, deliveries: Sequence[Delivery]) -> None:
    sender = Sender(f"{receiver.url}/webhooks/voucherify", SECRET, Pace(time_scale=1 / 1200))
    counts = await sender.send(deliveries, asyncio.Event())
    assert counts.complete, counts.answers


async def _tell_what_webhooks_seldom_do(database: str) -> None:
    """A consent that was another's before, a ledger with a gap, letters that wait and do not."""
    consent = ThingKey("proj", "consent", "c")
    told = [Observed(consent, Stamp(at, 3, at), {"customer_id": f"cust_{at}"}) for at in (1, 2)]
    state = PostgresState(database)
    letters = [letter(1), letter(2)]
    await state.apply(Batch(told[:1], {}, dead_letters=letters))
    await state.apply(Batch([*told[1:], *_ledger_with_a_gap()], {}))
    while await state.check_ledgers(100):
        pass
    await state.mark_published([letters[0].place])
    await state.close()


def _ledger_with_a_gap() -> Sequence[Fact]:
    return [entered(f"vtx_{at}", f"2025-06-01T10:00:0{at}.000Z", 10, 10 * at) for at in (1, 3)]


def _rows(postgres: Postgres, database: str) -> Mapping[str, str]:
    return {table: postgres.run(select, database) for table, select in _ROWS.items()}


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"VOUCHERIFY_SYNC_{name}": value for name, value in settings.items()}
