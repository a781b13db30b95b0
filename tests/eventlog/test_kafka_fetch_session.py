"""A session says only what changed, and everything again wherever it may have been lost."""

from io import BytesIO
from typing import Any

from aiokafka.protocol.fetch import FetchResponse_v10
from hypothesis import given
from hypothesis import strategies as st

from eventlog.kafka_fetch_request import Limits
from eventlog.kafka_fetch_session import FetchSession
from eventlog.log import Partition
from tests.eventlog.test_kafka_fetch_request import VERSIONS

LIMITS = Limits(wait_ms=250, most=99, most_of_one=7)
LAST = (1 << 31) - 1
some_positions = st.dictionaries(
    st.builds(Partition, st.sampled_from(["a", "b"]), st.integers(0, 3)),
    st.integers(0, 2),
    min_size=1,
)


class Broker:
    """What a broker remembers, by what Kafka's protocol says; its answers hold no records.

    `named` is what the last request named, `whole` all that it was about.
    """

    def __init__(self) -> None:
        self.held: dict[int, dict[Partition, int]] = {}
        self.epochs: dict[int, int] = {}
        self.named: list[Partition] = []
        self.whole: dict[Partition, int] = {}
        self.room = True
        self._last = 0

    def answer(self, request: Any) -> tuple[int, int]:
        """The error code and the session of the answer."""
        sent = request.prepare(VERSIONS)
        asked = {
            Partition(name, number): position
            for name, parts in sent.topics
            for number, (position, _) in parts
        }
        self.named = [*asked]
        forgotten = [
            Partition(name, no) for name, some in sent.forgotten_topics_data for no, _ in some
        ]
        session, epoch = sent.session_id, sent.session_epoch
        if epoch == 0:
            self.held.pop(session, None)
            self.whole = asked
            if not self.room:
                return 0, 0
            self._last += 1
            self.held[self._last], self.epochs[self._last] = asked, 1
            return 0, self._last
        if session not in self.held:
            return 70, 0
        if epoch != self.epochs[session]:
            return 71, 0
        self.epochs[session] += 1
        self.held[session].update(asked)
        for partition in forgotten:
            del self.held[session][partition]
        self.whole = self.held[session]
        return 0, session


def read(session: FetchSession, request: Any, code: int, number: int) -> int:
    """The session reads an answer of these; the error code that it makes of it."""
    made = request.prepare(VERSIONS)
    answer = made.RESPONSE_TYPE.decode(BytesIO(FetchResponse_v10(0, code, number, []).encode()))
    found, _ = session.found(answer)
    return found


troubles = st.sampled_from(["none", "none", "none", "lost", "evicted", "no room", "late"])


@given(st.lists(st.tuples(some_positions, troubles), min_size=1, max_size=12))
def test_a_broker_knows_what_is_wanted(
    steps: list[tuple[dict[Partition, int], str]],
) -> None:
    """After each answer without an error it held all that we want, whatever got lost before."""
    session, broker = FetchSession(), Broker()
    for positions, trouble in steps:
        broker.room = trouble != "no room"
        if trouble == "evicted":
            broker.held.clear()
        request = session.request(positions, LIMITS, sorted)
        if trouble == "lost":
            continue
        code, number = broker.answer(request)
        if trouble == "late":  # it came, but we did not see the answer
            continue
        assert 0 == read(session, request, code, number)
        if not code:
            assert positions == broker.whole


def test_only_what_changed_is_told() -> None:
    """And in the caller's order where all is."""
    session, broker = FetchSession(), Broker()
    places = [Partition("a", number) for number in range(3)]
    positions = dict.fromkeys(places, 0)
    ask(session, broker, positions, places[::-1])
    assert places[::-1] == broker.named

    ask(session, broker, positions)
    assert [] == broker.named

    ask(session, broker, positions | {places[1]: 5})
    assert [places[1]] == broker.named


def test_a_broker_without_room_is_asked_in_full() -> None:
    """Each time, and for a session again: there may be room by then."""
    session, broker = FetchSession(), Broker()
    positions = {Partition("a", 0): 0}
    broker.room = False
    for _ in range(2):
        ask(session, broker, positions)
        assert [*positions] == broker.named
    broker.room = True
    for named in ([*positions], []):
        ask(session, broker, positions)
        assert named == broker.named


def test_begun_anew() -> None:
    """All is said again, in the caller's order, and the broker forgets the session before."""
    session, broker = FetchSession(), Broker()
    places = [Partition("a", number) for number in range(3)]
    ask(session, broker, dict.fromkeys(places, 0))

    session.begin_anew()

    ask(session, broker, dict.fromkeys(places, 0), places[::-1])
    assert places[::-1] == broker.named
    assert 1 == len(broker.held)


def test_the_number_of_a_request_begins_anew_behind_the_last() -> None:
    """As Kafka counts: 0 would begin another session."""
    session, broker = FetchSession(), Broker()
    ask(session, broker, {Partition("a", 0): 0})
    broker.epochs[1] = session._epoch = LAST

    ask(session, broker, {Partition("a", 0): 1})

    request = session.request({Partition("a", 0): 1}, LIMITS, sorted)
    assert 1 == request.prepare(VERSIONS).session_epoch


def ask(
    session: FetchSession,
    broker: Broker,
    positions: dict[Partition, int],
    order: list[Partition] | None = None,
) -> None:
    request = session.request(positions, LIMITS, lambda some: order or some)
    assert 0 == read(session, request, *broker.answer(request))
