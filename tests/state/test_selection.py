"""What each condition and order means, the same in every implementation."""

from typing import Any

import pytest

from state import kinds
from state.reader import StateReader
from state.selection import AnyOf, ColumnOf, Condition, Selection
from state.store import StateWriter
from tests.state.factories import PROJECT, observed, tell

ODD = "o\0\ud800\\"
VALUES: dict[str, Any] = {
    "number 5": 5,
    "number 7.5": 7.5,
    "number huge": 10**30,
    "text 5": "5",
    "text a": "a",
    "text b": "b",
    "text odd": ODD,
    "true": True,
    "false": False,
    "list": ["a", 5, True, None, ["zz"]],
    "null": None,
}
UNKNOWN = {"absent", "null"}
KNOWN = {*VALUES, "absent"} - UNKNOWN


@pytest.fixture(autouse=True)
async def told(writer: StateWriter) -> None:
    """Orders whose `note` is of every sort."""
    facts = [
        observed(kinds.ORDER, id_, note=value, source_id=id_.upper(), customer_id="c_1")
        for id_, value in VALUES.items()
    ]
    await tell(
        writer,
        *facts,
        observed(kinds.ORDER, "absent", created_at="2025-01-01T00:00:00Z"),
        observed(kinds.CUSTOMER, "c_1", source_id="ann", tier="gold", address={"city": "x"}),
    )


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("=", "a", {"text a"}),
        ("=", "5", {"text 5"}),
        ("=", 5, {"number 5"}),
        ("=", 5.0, {"number 5"}),
        ("=", 10**30, {"number huge"}),
        ("=", True, {"true"}),
        ("=", 1, set()),
        ("=", ODD, {"text odd"}),
        ("=", "o", set()),
        ("=", None, set()),
        ("=", ["a"], set()),
        ("!=", "a", KNOWN - {"text a"}),
        ("!=", 5, KNOWN - {"number 5"}),
        ("!=", False, KNOWN - {"false"}),
        ("!=", None, KNOWN),
        ("<", "b", {"text 5", "text a"}),
        ("<=", "b", {"text 5", "text a", "text b"}),
        (">=", "b", {"text b", "text odd"}),
        (">", 5, {"number 7.5", "number huge"}),
        ("<=", 7.5, {"number 5", "number 7.5"}),
        (">", 10**40, set()),
        ("<", True, {"false"}),
        ("in", ("a", 5, True, "?", None), {"text a", "number 5", "true"}),
        ("in", (), set()),
        ("not in", ("a", 5, True, "?"), KNOWN - {"text a", "number 5", "true"}),
        ("not in", (), KNOWN),
        ("is null", None, UNKNOWN),
        ("is not null", None, KNOWN),
        ("has", "a", {"list"}),
        ("has", 5, {"list"}),
        ("has", True, {"list"}),
        ("has", False, set()),
        ("has", "zz", set()),
        ("has", None, set()),
    ],
)
async def test_conditions_on_a_field(
    reader: StateReader, operator: Any, value: Any, expected: set[str]
) -> None:
    """A field meets a condition by its own sort; nothing that was told can make one fail."""
    assert expected == await ids(reader, Condition("fields.note", operator, value))


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("id", "=", "true", {"true"}),
        ("id", "!=", "true", {*VALUES, "absent"} - {"true"}),
        ("id", "<", "list", {"absent", "false"}),
        ("name", "=", "LIST", {"list"}),
        ("name", "=", 5, set()),
        ("name", "!=", 5, set(VALUES)),
        ("name", "in", ("LIST", "NULL", 7), {"list", "null"}),
        ("name", "not in", ("LIST",), set(VALUES) - {"list"}),
        ("name", "is null", None, {"absent"}),
        ("name", "is not null", None, set(VALUES)),
        ("created", ">", 0, {"absent"}),
        ("created", "is not null", None, {"absent"}),
        ("created", "is null", None, set(VALUES)),
        ("created", "<", 10**30, {*VALUES, "absent"}),
        ("created", "=", "x", set()),
        ("created", "=", 1_735_689_600_000, {"absent"}),
        ("updated", "is null", None, {*VALUES, "absent"}),
        ("customer", "=", "c_1", set(VALUES)),
        ("customer.name", "=", "ann", set(VALUES)),
        ("customer.name", "is null", None, {"absent"}),
        ("customer.fields.tier", "=", "gold", set(VALUES)),
        ("customer.fields.tier", "=", 1, set()),
        ("customer.fields.tier", "is null", None, {"absent"}),
        ("customer.fields.other", "is null", None, {*VALUES, "absent"}),
        ("customer.fields.address/city", "=", "x", set(VALUES)),
        ("customer.fields.address/city", "!=", "y", set(VALUES)),
        ("customer.fields.address/state", "is null", None, {*VALUES, "absent"}),
        ("fields.note/x", "is null", None, {*VALUES, "absent"}),
        ("fields.note/x", "=", "a", set()),
    ],
)
async def test_conditions_on_a_column(
    reader: StateReader, column: str, operator: Any, value: Any, expected: set[str]
) -> None:
    """So do columns, and those of the customer that a thing belongs to."""
    assert expected == await ids(reader, Condition(column, operator, value))


TEXTS = ("abc", "ab", "bc", "a.c", "a\\b", "a\\005cb", "ABC", "ąb", "a\nb", "a%b", "a'b", "0")


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("starts with", "ab", {"abc", "ab"}),
        ("starts with", "a\\", {"a\\b", "a\\005cb"}),
        ("starts with", "abcd", set()),
        ("ends with", "bc", {"abc", "bc"}),
        ("ends with", "aabc", set()),
        ("ends with", "5cb", {"a\\005cb"}),
        ("ends with", "b", set(TEXTS) - {"abc", "bc", "a.c", "ABC", "0"}),
        ("contains", "0", {"a\\005cb", "0"}),
        ("contains", "5c", {"a\\005cb"}),
        ("contains", ".", {"a.c"}),
        ("contains", "\\", {"a\\b", "a\\005cb"}),
        ("contains", "\n", {"a\nb"}),
        ("contains", "'b", {"a'b"}),
        ("contains", "%", {"a%b"}),
        ("contains", "ą", {"ąb"}),
        ("contains", "(", set()),
        ("contains", "\0", set()),
        ("contains", 5, set()),
        ("does not contain", "b", {"a.c", "ABC", "0"}),
    ],
)
async def test_parts_of_texts(
    writer: StateWriter, reader: StateReader, operator: Any, value: Any, expected: set[str]
) -> None:
    """Nothing in what is looked for has a meaning of its own, nor has how texts are kept."""
    facts = [observed(kinds.REWARD, f"r_{text}", name=text, stock=5) for text in TEXTS]
    await tell(writer, *facts, observed(kinds.REWARD, "r_nul", name="a\0b"))

    condition = Condition("fields.name", operator, value)
    found = await reader.find(Selection(PROJECT, kinds.REWARD, (condition,), limit=99))
    assert expected == {thing["name"] for thing in found} - {"a\0b"}


async def test_alternatives_within_alternatives(reader: StateReader) -> None:
    """An alternative may itself be a choice."""
    five, seven = Condition("fields.note", "=", 5), Condition("fields.note", "=", 7.5)
    text = Condition("fields.note", "=", "a")
    of_c_1 = Condition("customer", "=", "c_1")

    assert {"number 5", "text a"} == await ids(
        reader, AnyOf(((of_c_1, AnyOf(((five,), (text,)))), (five, seven)))
    )


async def test_conditions_on_the_campaign(writer: StateWriter, reader: StateReader) -> None:
    """A thing is found by its campaign's name as that is now."""
    await tell(
        writer,
        observed(kinds.CAMPAIGN, "camp_1", name="Gold", campaign_type="LOYALTY_PROGRAM"),
        observed(kinds.VOUCHER, "v_1", campaign_id="camp_1"),
        observed(kinds.VOUCHER, "v_2"),
    )

    for condition in (
        Condition("campaign.name", "=", "Gold"),
        Condition("campaign.fields.name", "starts with", "Go"),
        Condition("campaign.fields.campaign_type", "=", "LOYALTY_PROGRAM"),
    ):
        asked = Selection(PROJECT, kinds.VOUCHER, (condition,))
        assert ["v_1"] == [thing["id"] for thing in await reader.find(asked)]


async def test_alternatives(reader: StateReader) -> None:
    """One alternative is enough, and needs all of its own conditions."""
    text, five = Condition("fields.note", "=", "a"), Condition("fields.note", "=", 5)
    listed = Condition("name", "=", "LIST")

    assert {"text a", "number 5"} == await ids(reader, AnyOf(((text,), (five,))))
    assert {"text a"} == await ids(reader, AnyOf(((text,), (five, listed))))
    assert set() == await ids(reader, AnyOf(()))


@pytest.mark.parametrize("descending", [False, True])
async def test_the_order_of_a_field(reader: StateReader, descending: bool) -> None:
    """Numbers stand before texts, texts by their code points, what is neither comes last."""
    known = ["number 5", "number 7.5", "number huge", "text 5", "text a", "text b", "text odd"]
    unknown = sorted({*VALUES, "absent"} - set(known))
    expected = [*known[::-1], *unknown[::-1]] if descending else [*known, *unknown]

    found = await reader.find(
        Selection(
            PROJECT, kinds.ORDER, order="fields.note", descending=descending, limit=len(expected)
        )
    )

    assert expected == [order["id"] for order in found]


async def test_the_order_of_texts(writer: StateWriter, reader: StateReader) -> None:
    """Text is ordered by its code points, as no language would, in columns and in fields."""
    names = ["a", "B", "b", "_", "Ä", "ä", "z", "é", "🎁", "", "10", "9"]
    facts = [observed(kinds.CAMPAIGN, f"c{at}", name=name) for at, name in enumerate(names)]
    await tell(writer, *facts)

    for order in ("name", "fields.name"):
        selection = Selection(
            PROJECT, kinds.CAMPAIGN, order=order, descending=False, limit=len(names)
        )
        assert sorted(names) == [one["name"] for one in await reader.find(selection)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("fields.note", "customer.name"), ["text 5", "text a", "false", "list", "null"]),
        ("customer.name", ["false", "list", "null", "number 5", "number 7.5"]),
        ("customer", ["false", "list", "null", "number 5", "number 7.5"]),
        ("updated", ["absent", "false", "list", "null", "number 5"]),
        ("id", ["absent", "false", "list", "null", "number 5"]),
    ],
)
async def test_other_orders(reader: StateReader, order: Any, expected: list[str]) -> None:
    """By a column, by one of the customer's, or by the first of several that is known."""
    selection = Selection(PROJECT, kinds.ORDER, order=order, descending=False, limit=5)

    assert expected == [one["id"] for one in await reader.find(selection)]


async def test_a_column_of_other_things(reader: StateReader, writer: StateWriter) -> None:
    """Those that things of another kind name, if these meet the conditions."""
    moves = {"s_1/c_1": True, "s_1/c_2": False, "s_2/c_3": True}
    await tell(
        writer,
        *(observed(kinds.CUSTOMER, id_) for id_ in ("c_2", "c_3", "c_4")),
        *(
            observed(
                kinds.SEGMENT_MEMBERSHIP,
                id_,
                segment_id=id_[:3],
                customer_id=id_[4:],
                is_member=is_member,
            )
            for id_, is_member in moves.items()
        ),
        observed(kinds.SEGMENT_MEMBERSHIP, "nobody", segment_id="s_1", is_member=True),
    )

    async def found(*more: Condition) -> list[str]:
        held = Condition("fields.is_member", "=", True)
        members = ColumnOf("customer", kinds.SEGMENT_MEMBERSHIP, (held, *more))
        wanted = Condition("id", "of", members)
        return [
            one["id"]
            for one in await reader.find(Selection(PROJECT, kinds.CUSTOMER, (wanted,), order="id"))
        ]

    assert ["c_3", "c_1"] == await found()
    assert ["c_1"] == await found(Condition("name", "=", "s_1"))
    assert [] == await found(Condition("name", "=", "s_3"))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(
            PROJECT,
            kinds.VOUCHER,
            (Condition("fields.x", "of", ColumnOf("id", kinds.ORDER, ())),),
        ),
        Selection(
            PROJECT,
            kinds.VOUCHER,
            (Condition("id", "of", ColumnOf("created", kinds.ORDER, ())),),
        ),
        Selection(PROJECT, kinds.VOUCHER, (Condition("name; DROP TABLE thing", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("fields.x') --", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("fields.x/y') --", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("customer.x') --", "=", 1),)),
        Selection(PROJECT, kinds.VOUCHER, (Condition("name", "OR 1=1", 1),)),  # type: ignore[arg-type] # it is wrong
        Selection(PROJECT, kinds.VOUCHER, (Condition("name", "has", "x"),)),
        Selection(PROJECT, kinds.VOUCHER, order="random()"),
    ],
)
async def test_only_known_columns_become_sql(reader: StateReader, selection: Selection) -> None:
    """A column or operator that is not ours is refused before it can become SQL."""
    with pytest.raises(ValueError, match="no such"):
        await reader.find(selection)


async def ids(reader: StateReader, *conditions: Condition | AnyOf) -> set[str]:
    """The orders that meet conditions; found and counted alike."""
    selection = Selection(PROJECT, kinds.ORDER, conditions, limit=100)
    found = {order["id"] for order in await reader.find(selection)}
    assert len(found) == await reader.count(selection)
    return found
