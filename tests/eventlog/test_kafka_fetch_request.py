"""Our bytes of a fetch request are those that Kafka's own client makes; answers are read."""

from io import BytesIO

from aiokafka.protocol.fetch import FetchRequest_v10, FetchResponse_v10
from hypothesis import given
from hypothesis import strategies as st

from eventlog import kafka_fetch_request
from eventlog.kafka_fetch_request import Found, Limits, Place
from eventlog.log import Partition

VERSIONS = {FetchRequest_v10.API_KEY: (4, 17)}

small = st.integers(0, 2**31 - 1)
offsets = st.integers(0, 2**63 - 1)
names = st.text("abc.-é", min_size=1, max_size=20)
partitions = st.builds(Partition, names, small)
aborted = st.one_of(st.none(), st.lists(st.tuples(offsets, offsets), max_size=2))
parts = st.tuples(
    small,
    st.integers(-1, 100),
    *(offsets, offsets, offsets, aborted),
    st.one_of(st.none(), st.binary(max_size=50)),
)
answers = st.lists(st.tuples(names, st.lists(parts, max_size=4)), max_size=4)


@given(
    st.dictionaries(partitions, offsets, max_size=6),
    st.sets(partitions, max_size=3),
    st.builds(Place, small, st.integers(-1, 2**31 - 1)),
)
def test_the_request(
    positions: dict[Partition, int], forgotten: set[Partition], place: Place
) -> None:
    """For any positions and session; partitions of a topic stand together."""
    topics: dict[str, list[tuple[int, int, int, int, int]]] = {}
    for (name, number), at in positions.items():
        topics.setdefault(name, []).append((number, -1, at, -1, 7))
    left: dict[str, list[int]] = {}
    for name, number in forgotten:
        left.setdefault(name, []).append(number)

    limits = Limits(wait_ms=250, most=99, most_of_one=7)
    theirs = FetchRequest_v10(-1, 250, 1, 99, 0, *place, [*topics.items()], [*left.items()])
    ours = kafka_fetch_request.request(positions.items(), limits, place=place, forgotten=forgotten)

    assert theirs.encode() == ours.prepare(VERSIONS).encode()


@given(small, st.integers(-1, 100), answers)
def test_the_answer(
    session: int,
    code: int,
    topics: list[tuple[str, list[tuple[int, int, int, int, int, object, bytes | None]]]],
) -> None:
    """Whatever it holds, transactions of others and nulls too."""
    data = FetchResponse_v10(0, code, session, topics).encode()
    made = kafka_fetch_request.request([], Limits(1, 1, 1)).prepare(VERSIONS)

    expected = [
        Found(Partition(name, number), error, end, records or b"")
        for name, some in topics
        for number, error, end, _, _, _, records in some
    ]
    answer = made.RESPONSE_TYPE.decode(BytesIO(data))
    assert (code, session, expected) == kafka_fetch_request.found(answer)
