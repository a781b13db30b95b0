"""The merge is a join: order, grouping and repetition of facts cannot matter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import jsontext
from state import kinds
from state.facts import Entered, Fact, Gone, Observed, Rank, Stamp, ThingKey
from state.merge import Row, join, join_all, pack, unpack, view

VOUCHER = ThingKey("proj", kinds.VOUCHER, "v_1")
STAMP = Stamp(1, Rank.SUBJECT, 1)
ENTRY = ThingKey("proj", kinds.TRANSACTION, "vtx_1")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([1.0, 2.5, 10**30, "", "a", "b", "\ud800", "\0"]),
)
values = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.text("ab"), scalars))
structs = st.one_of(st.none(), st.dictionaries(st.sampled_from(["points", "balance"]), values))
fields = st.fixed_dictionaries(
    {},
    optional={
        "code": values,
        "active": values,
        "loyalty_card": structs,
        "gift": structs,
        "metadata": values,
    },
)
stamps = st.builds(Stamp, st.integers(0, 2), st.sampled_from(Rank), st.integers(0, 2))
observed = st.builds(Observed, st.just(VOUCHER), stamps, fields)
facts = st.lists(st.one_of(observed, observed, observed, st.just(Gone(VOUCHER))), max_size=7)


def joined(told: list[Fact]) -> Row:
    """A new row with all facts joined."""
    row = Row()
    join_all(row, told)
    return row


def content(row: Row) -> tuple[bool, bytes, bytes]:
    """Everything that a row holds, as bytes that are equal only for equal rows."""
    return (row.gone, *pack(row))


def observe(version: int, rank: Rank = Rank.SUBJECT, **told: Any) -> Observed:
    """A telling of the voucher at a moment."""
    return Observed(VOUCHER, Stamp(version, rank, version), told)


@given(facts, st.randoms(use_true_random=False))
def test_any_order_ends_in_the_same_row(told: list[Fact], random: Any) -> None:
    """Joining is commutative and associative."""
    shuffled = list(told)
    random.shuffle(shuffled)

    assert content(joined(told)) == content(joined(shuffled))


@given(st.lists(st.tuples(stamps, st.sampled_from([{}, {"a": 1}, {"voucher": {"a": True}}]))))
def test_joined_at_once_is_joined_one_by_one(told: list[tuple[Stamp, dict[str, Any]]]) -> None:
    """Tellings of the same that are taken together leave what each of them would have left."""
    campaign = ThingKey("proj", kinds.CAMPAIGN, "camp_1")
    about: list[Fact] = [Observed(campaign, stamp, fields) for stamp, fields in told]
    row = Row()
    for fact in about:
        join(row, fact)

    assert content(row) == content(joined(about))


@given(facts, st.lists(st.integers(0, 6), max_size=7))
def test_repetition_changes_nothing(told: list[Fact], again: list[int]) -> None:
    """Joining is idempotent, and says so."""
    row = joined(told)
    before = content(row)

    changes = [join(row, told[index]) for index in again if index < len(told)]

    assert (before, False) == (content(row), any(changes))


@given(facts, facts)
def test_each_field_is_the_greatest_telling(first: list[Fact], second: list[Fact]) -> None:
    """The row equals its definition: for each field the telling with the greatest stamp."""
    told = first + second
    row = joined(told)
    if any(isinstance(fact, Gone) for fact in told):
        assert content(row) == (True, b"{}", b"[]")
        return
    best: dict[str, tuple[Any, ...]] = {}
    for fact in told:
        assert isinstance(fact, Observed)
        kind = kinds.KINDS[kinds.VOUCHER]
        for path, value in kinds.flatten(kind, fact.fields).items():
            stamp = fact.stamp._replace(told=0) if path in kind.counters else fact.stamp
            best[path] = max(best.get(path, (Stamp(-1, 0, 0),)), (stamp, *weighed(value)))

    held = {path: (row.stamp_of(path), *weighed(value)) for path, value in row.fields.items()}

    assert best == held


def weighed(value: Any) -> tuple[Any, ...]:
    """The documented order of values: null, then numbers by size, then the rest by their text."""
    if value is None:
        return (0, 0, b"")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (1 if number else 2, value if number else 0, jsontext.canonical(value))


@given(facts)
def test_a_row_survives_being_stored(told: list[Fact]) -> None:
    """What is packed and unpacked goes on merging as if it had never been stored."""
    row = joined(told)

    again = unpack(*pack(row), gone=row.gone)

    assert (content(row), row.stamps) == (content(again), again.stamps)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            [observe(2, active=False), observe(1, active=True, code="A")],
            {"active": False, "code": "A"},
            id="a late, older telling only fills in",
        ),
        pytest.param(
            [
                observe(1, loyalty_card={"points": 1, "next": "x"}),
                observe(2, loyalty_card={"points": 2}),
            ],
            {"loyalty_card": {"points": 2, "next": "x"}},
            id="a simple form does not erase what the full form told",
        ),
        pytest.param(
            [observe(1, code="A"), observe(2, code=None)], {"code": None}, id="null is a value"
        ),
        pytest.param(
            [observe(1, Rank.MENTIONED, code="before"), observe(1, Rank.SUBJECT, code="after")],
            {"code": "after"},
            id="within one millisecond the subject outranks the mention",
        ),
        pytest.param(
            [observe(1, gift={"balance": 1}), observe(2, gift=None)],
            {"gift": None},
            id="a struct told as null is null",
        ),
        pytest.param(
            [
                observe(2, gift=None),
                observe(3, gift={"effect": "x"}),
                observe(1, gift={"balance": 1}),
            ],
            {"gift": {"effect": "x"}},
            id="what was told before the null stays out",
        ),
        pytest.param([observe(1, gift={})], {"gift": {}}, id="an empty struct is not absent"),
        pytest.param(
            [Observed(VOUCHER, STAMP, {"loyalty_card.points": 9, "x": 1})],
            {"x": 1},
            id="no posing as a struct",
        ),
        pytest.param(
            [Observed(VOUCHER, STAMP, {"$at": 9, "x": 1})], {"x": 1}, id="hidden fields stay hidden"
        ),
    ],
)
def test_view(told: list[Fact], expected: dict[str, Any]) -> None:
    """The object that is read is what all tellings together say."""
    assert expected == view(kinds.KINDS[kinds.VOUCHER], joined(told))


def test_a_deleted_thing_stays_deleted() -> None:
    """Nothing brings a gone thing back, told before or after."""
    row = joined([observe(9, code="A"), Gone(VOUCHER), observe(99, code="B")])

    assert (True, {}) == (row.gone, row.fields)


def test_tellings_of_an_entry_complete_each_other() -> None:
    """An entry told with null details and the same entry told in full are one entry."""
    short = Entered(ENTRY, {"id": "vtx_1", "details": None, "source": None})
    full = Entered(
        ENTRY, {"id": "vtx_1", "details": {"balance": {"points": 5}, "order": {}}, "source": "API"}
    )
    expected = {"id": "vtx_1", "details": {"balance": {"points": 5}, "order": {}}, "source": "API"}

    for told in ([short, full], [full, short]):
        assert expected == view(kinds.KINDS[kinds.TRANSACTION], joined([*told]))
