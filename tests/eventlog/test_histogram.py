"""The histogram for what happens per delivery, beside the one that it stands for."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from eventlog.histogram import LoopHistogram

BUCKETS = (0.001, 0.01, 0.5)
ANY = st.lists(st.floats(min_value=0, max_value=2) | st.sampled_from(BUCKETS), max_size=20)


@given(values=ANY)
def test_says_what_the_client_library_would(values: list[float]) -> None:
    """Same buckets, count and sum, whatever the values."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    one = LoopHistogram("seconds", "Of something.", buckets=BUCKETS, registry=ours)
    other = Histogram("seconds", "Of something.", buckets=BUCKETS, registry=theirs)
    for value in values:
        one.observe(value)
        other.observe(value)

    samples = [
        {
            (sample.name, *chain(*sample.labels.items())): sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if not sample.name.endswith("_created")
        }
        for registry in (theirs, ours)
    ]
    assert samples[0] == samples[1]


def test_one_name_stands_once() -> None:
    """Two of one name in one registry are a mistake of ours."""
    registry = CollectorRegistry(auto_describe=True)
    LoopHistogram("seconds", "Of something.", buckets=BUCKETS, registry=registry)

    with pytest.raises(ValueError, match="Duplicated"):
        LoopHistogram("seconds", "Of something.", buckets=BUCKETS, registry=registry)
    assert b"seconds_count 0.0" in generate_latest(registry)
