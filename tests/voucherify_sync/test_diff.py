"""Two state databases are compared thing by thing, whichever they are."""

import json
from pathlib import Path

import pytest

from state import kinds
from state.facts import Fact, Gone, ThingKey
from state.store import Batch
from tests.services.postgres import Postgres
from tests.state.factories import PROJECT, entered, letter, observed, tell
from tests.state.stores import PostgresStore, SqliteStore, Store, migrated_database
from tests.voucherify_sync.program import run
from voucherify_sync.diff import differences

NAME = "Ada Lovelace"
PAIRS = [("sqlite", "sqlite"), ("sqlite", "postgres"), ("postgres", "sqlite")]


def opened(which: str, folder: Path, request: pytest.FixtureRequest) -> Store:
    """A database in which nothing was told yet."""
    if which == "sqlite":
        return SqliteStore(folder / "state.db")
    server: Postgres = request.getfixturevalue("postgres")
    return PostgresStore(migrated_database(server))


@pytest.fixture(params=PAIRS, ids="-".join)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Store]:
    """Two databases."""
    first, second = request.param
    return opened(first, tmp_path / "1", request), opened(second, tmp_path / "2", request)


@pytest.fixture
async def pair(stores: tuple[Store, Store]) -> tuple[Store, Store]:
    """The same, with their tables."""
    for store in stores:
        await told(store)
    return stores


async def told(store: Store, *facts: Fact) -> None:
    """Tell facts to a database."""
    writer = store.writer()
    await writer.migrate()
    if facts:
        await tell(writer, *facts)
    await writer.close()


async def compared(first: Store, second: Store) -> list[tuple[str, str, str, str]]:
    """All differences: kind, id, field and what it is."""
    readers = first.reader(), second.reader()
    found = [
        (one.kind, one.id, one.field, one.what) async for one in differences(readers[0], readers[1])
    ]
    for reader in readers:
        await reader.close()
    return found


async def test_each_difference_is_named(pair: tuple[Store, Store]) -> None:
    """Things in one only, gone ones, values, stamps, types that Python takes for equal."""
    first, second = pair
    both = [observed(kinds.ORDER, "same", amount=1), observed(kinds.ORDER, "long" * 80, amount=1)]
    await told(
        first,
        *both,
        observed(kinds.CAMPAIGN, "here"),
        observed(kinds.CUSTOMER, "left", name=NAME),
        observed(kinds.ORDER, "older", 1, amount=1),
        observed(kinds.ORDER, "other", amount=1, status="PAID"),
        observed(kinds.ORDER, "typed", amount=1),
    )
    await told(
        second,
        *both,
        Gone(ThingKey(PROJECT, kinds.CUSTOMER, "left")),
        observed(kinds.ORDER, "older", 2, amount=1),
        observed(kinds.ORDER, "other", amount=2, source_id="s"),
        observed(kinds.ORDER, "there"),
        observed(kinds.ORDER, "typed", amount=True),
    )

    assert [
        ("campaign", "here", "", "only in the first"),
        ("customer", "left", "", "gone in the second"),
        ("order", "older", "amount", "told at different moments"),
        ("order", "older", "id", "told at different moments"),
        ("order", "other", "amount", "values differ"),
        ("order", "other", "source_id", "only in the second"),
        ("order", "other", "status", "only in the first"),
        ("order", "other", "(name)", "looked up by different values"),
        ("order", "there", "", "only in the second"),
        ("order", "typed", "amount", "values differ"),
    ] == await compared(first, second)


async def test_the_order_of_telling_is_no_difference(pair: tuple[Store, Store]) -> None:
    """Nor are pages, long ids and odd texts."""
    ids = ["", "\0", "\ud800", "\\", *(f"{'v' * 240}{n}" for n in range(8)), "v" * 400]
    ids += [f"{'v' * 300}{n}" for n in range(8)]
    facts = [observed(kinds.VOUCHER, id_, code=f"code of {id_}") for id_ in ids]
    await told(pair[0], *facts)
    await told(pair[1], *reversed(facts))

    assert [] == await compared(*pair)


async def test_gaps_and_dead_letters_are_compared(pair: tuple[Store, Store]) -> None:
    """By what they say; when they were found is no difference."""
    first, second = (store.writer() for store in pair)
    moments = [f"2025-03-01T00:00:0{second}.000Z" for second in range(3)]
    for writer in (first, second):
        await tell(writer, entered("a", moments[0], 5, 5), entered("c", moments[2], 1, 9))
    await tell(first, entered("d", moments[2], 1, 1, "v_2"), entered("e", moments[0], 9, 9, "v_2"))
    await tell(second, entered("d", moments[2], 1, 1, "v_2"), entered("e", moments[0], 9, 9, "v_2"))
    await tell(second, entered("b", moments[1], 1, 6))
    await first.apply(Batch([], {}, [letter(1), letter(2), letter(3, recorded_at=1)]))
    await second.apply(Batch([], {}, [letter(2, reason="another"), letter(3), letter(4)]))
    for writer in (first, second):
        await tell(
            writer, entered("f", moments[0], 2, 2, "v_3"), entered("g", moments[1], 2, 9, "v_3")
        )
        while await writer.check_ledgers(10):
            pass
    # It is not known any more whether the ledger of v_3 has a hole in the second one.
    await tell(second, entered("h", moments[2], 2, 11, "v_3"))
    for writer in (first, second):
        await writer.close()

    place = "voucherify.v2024-01-01.loyalty/3"
    assert [
        ("transaction", "b", "", "only in the second"),
        ("transaction", "h", "", "only in the second"),
        ("dead letter", f"{place}/1", "", "only in the first"),
        ("dead letter", f"{place}/2", "", "values differ"),
        ("dead letter", f"{place}/4", "", "only in the second"),
        ("gap", "v_1", "a", "only in the first"),
        ("gap", "v_1", "b", "only in the second"),
    ] == await compared(*pair)


@pytest.fixture
async def urls(tmp_path: Path) -> list[str]:
    """Two databases that differ in a customer's name."""
    for number, name in enumerate((NAME, "Grace")):
        fact = observed(kinds.CUSTOMER, "c_1", name=name)
        await told(SqliteStore(tmp_path / f"{number}.db"), fact)
    return [f"sqlite:///{tmp_path / f'{number}.db'}" for number in range(2)]


def test_the_command(urls: list[str], tmp_path: Path) -> None:
    """A line for each difference, without a value unless asked for; exit 1 where there is any."""
    plain = run("diff", *urls, cwd=tmp_path)
    values = run("diff", *urls, "--values", "--json", cwd=tmp_path)
    same = run("diff", urls[0], urls[0], cwd=tmp_path)

    assert (1, f"{PROJECT}\tcustomer\tc_1\tname\tvalues differ\n") == (
        plain.returncode,
        plain.stdout,
    )
    assert "1 thing compared, 1 difference in 1 thing\n" == plain.stderr
    assert [NAME, "Grace"] == [
        json.loads(values.stdout)[which]["value"] for which in ("first", "second")
    ]
    assert (0, "", "1 thing compared, all equal\n") == (same.returncode, same.stdout, same.stderr)


def test_wrong_use(urls: list[str], tmp_path: Path) -> None:
    """A database that is not there is not made, and a URL that is none is wrong use."""
    missing = run("diff", urls[0], f"sqlite:///{tmp_path}/none.db", cwd=tmp_path)
    senseless = run("diff", urls[0], "mysql://nowhere", cwd=tmp_path)

    assert (1, 1) == (missing.returncode, missing.stderr.count("\n"))
    assert "there is no state database at" in missing.stderr
    assert not (tmp_path / "none.db").exists()
    assert 2 == senseless.returncode
    assert "the second URL: is sqlite:///PATH" in senseless.stderr
