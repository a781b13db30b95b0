"""Who reads what is decided by one copy and understood by all."""

from hypothesis import given
from hypothesis import strategies as st

from eventlog import kafka_assignment
from eventlog.kafka_partitioner import number
from eventlog.log import Partition


@given(
    st.sets(st.text("abc", min_size=1), min_size=1, max_size=9),
    st.dictionaries(st.sampled_from(["x", "y", "z"]), st.integers(0, 13), min_size=1),
)
def test_every_partition_is_given_once(ids: set[str], partitions: dict[str, int]) -> None:
    """However many copies there are, none is left out and none given twice."""
    shares = kafka_assignment.share({one: set(partitions) for one in ids}, partitions)
    given_ = sorted(partition for share in shares.values() for partition in share)
    expected = [Partition(topic, n) for topic in partitions for n in range(partitions[topic])]
    assert sorted(expected) == given_
    assert ids == set(shares)


def test_one_number_of_all_topics_meets_in_one_copy() -> None:
    """So that one thing's events of all topics do."""
    members = {one: {"x", "y"} for one in ("a", "b", "c")}
    shares = kafka_assignment.share(members, {"x": 12, "y": 12})
    for share in shares.values():
        numbers = {topic: [n for name, n in share if name == topic] for topic in ("x", "y")}
        assert numbers["x"] == numbers["y"]
        assert 4 == len(numbers["x"])


def test_who_does_not_know_a_topic_is_not_given_it() -> None:
    """Copies of an older release may subscribe to fewer."""
    shares = kafka_assignment.share({"old": {"x"}, "new": {"x", "y"}}, {"x": 2, "y": 2})
    assert {"x"} == {name for name, _ in shares["old"]}
    assert 2 == len([n for name, n in shares["new"] if name == "y"])


def test_what_is_told_is_understood() -> None:
    """Subscription and share come out of the bytes as they went in."""
    share = [Partition("x", 0), Partition("x", 1), Partition("y", 0)]
    assert frozenset(share) == kafka_assignment.decode(kafka_assignment.encode(share))
    assert {"x", "y"} == kafka_assignment.subscribed(kafka_assignment.subscription(["y", "x"]))
    assert frozenset() == kafka_assignment.decode(b"")


def test_keys_go_where_the_other_clients_put_them() -> None:
    """The hashes are those that Apache Kafka's own tests hold for its Java client."""
    hashes = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    for key, hashed in hashes.items():
        assert (hashed & 0x7FFF_FFFF) % 12 == number(key, 12)
