"""The contract of looking at all that is kept, run against every implementation."""

from state import kinds
from state.facts import Gone, Stamp, ThingKey
from state.kept import FIRST, Kept, StateContent
from state.reader import StateReader
from state.store import StateWriter
from tests.state.factories import PROJECT, entered, observed, tell


async def every(content: StateContent, limit: int) -> list[Kept]:
    """All things, so many at once."""
    found: list[Kept] = []
    after = FIRST
    while page := await content.things(after, limit):
        assert len(page) <= limit
        found += page
        after = page[-1].place
    return found


async def test_everything_is_there_as_it_was_merged(
    writer: StateWriter, content: StateContent
) -> None:
    """Fields, the stamps that hold them, what is gone, and what a thing is looked up by."""
    await tell(
        writer,
        observed(kinds.VOUCHER, "v_1", 7, code="A", loyalty_card={"points": 3}),
        entered("vtx_1", "2025-03-01T00:00:00.000Z", 5, 5),
        observed(kinds.CUSTOMER, "c_1", name="Ada"),
        Gone(ThingKey(PROJECT, kinds.CUSTOMER, "c_1")),
    )

    customer, entry, card = await every(content, 2)

    assert [(PROJECT, "customer", "c_1"), (PROJECT, "transaction", "vtx_1")] == [
        customer.names,
        entry.names,
    ]
    assert (True, {}, None) == (customer.row.gone, customer.row.fields, customer.lookups.name)
    assert ("v_1", 1_740_787_200_000) == (entry.lookups.voucher, entry.lookups.created)
    assert "A" == card.lookups.name
    assert Stamp(7, 3, 7) == card.row.stamp_of("code")
    assert 3 == card.row.fields["loyalty_card.points"]


async def test_pages_of_any_size_have_the_same_things(
    writer: StateWriter, content: StateContent
) -> None:
    """Odd ids, too, in several projects: none is left out, none comes twice, keys only rise."""
    odd = ["v\0", "v\\0000", "v\ud800", "v'\"", "v\u0301🎁", "", " ", "v" * 300, f"{'v' * 299}w"]
    told = [
        observed(kind, id_, 1, project)
        for project in ("one", "two")
        for kind in (kinds.VOUCHER, kinds.ORDER)
        for id_ in odd
    ]
    await tell(writer, *told)

    all_at_once = [kept.place for kept in await every(content, 1_000)]

    assert len(told) == len(set(all_at_once))
    assert sorted(all_at_once) == all_at_once
    for limit in (1, 2, 7):
        assert all_at_once == [kept.place for kept in await every(content, limit)]


async def test_the_query_api_is_not_concerned(writer: StateWriter, reader: StateReader) -> None:
    """What is gone stays out of every answer, though it is kept."""
    await tell(writer, Gone(ThingKey(PROJECT, kinds.VOUCHER, "v_1")))

    assert await reader.get(PROJECT, kinds.VOUCHER, "v_1") is None
