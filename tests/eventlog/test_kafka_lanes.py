"""The bookkeeping of what is to be sent."""

import asyncio

import pytest

from eventlog import kafka_packing
from eventlog.kafka_lanes import Identity, Lane, Letter, Load, letters_of
from eventlog.kafka_packing import Producer
from eventlog.log import LogUnavailableError, Partition
from eventlog.written import Written
from tests.eventlog.factories import message

PLACE = Partition("topic", 0)


def lane(*handovers: list[Letter]) -> Lane:
    """A lane in which these wait."""
    made = Lane(PLACE, Load())
    for letters in handovers:
        made.load.add(letters)
        made.waiting.extend(letters)
    return made


def handover(*values: bytes) -> list[Letter]:
    """What one caller hands over."""
    return letters_of([message(value) for value in values], Written())


def done(letters: list[Letter]) -> asyncio.Future[None]:
    """What that caller waits for."""
    return letters[0].receipt.done


async def test_a_parcel_takes_what_fits_and_at_least_one() -> None:
    """A large message goes alone."""
    made = lane(handover(b"x" * 500_000), handover(b"x" * 500_000), handover(b"x" * 2_000_000))
    counts = []
    while parcel := made.take(0.0):
        counts.append(len(parcel.letters))
        made.acknowledge()
    assert [1, 1, 1] == counts


async def test_who_gave_up_takes_back_what_is_not_in_a_parcel() -> None:
    """It is not sent, and leaves memory."""
    first, second = handover(b"1"), handover(b"2")
    made = lane(first, second)
    done(first).cancel()
    parcel = made.take(0.0)
    assert parcel is not None
    assert second == parcel.letters
    made.acknowledge()
    assert done(second).done()
    assert not made.purge()
    assert Load(0, 0) == made.load


async def test_a_caller_waits_for_all_of_its_messages() -> None:
    """Also where they are sent in several parcels."""
    several = handover(b"x" * 600_000, b"x" * 600_000)
    made = lane(several)
    made.take(0.0)
    made.acknowledge()
    assert not done(several).done()
    made.take(0.0)
    made.acknowledge()
    assert done(several).done()


async def test_a_parcel_is_sent_again_as_the_same_bytes() -> None:
    """A broker knows by them that it has the batch already."""
    made = lane(handover(b"1"))
    identity = Identity(Producer(7, 0))
    parcel = made.take(0.0)
    assert parcel is not None
    first = made.write(parcel, identity, 1)
    made.put_off(1.0, "away")
    assert first == made.write(parcel, Identity(Producer(8, 0)), 2)
    made.rewrite()
    assert first != made.write(parcel, Identity(Producer(8, 0)), 2)


async def test_sequences_move_only_when_a_parcel_is_acknowledged() -> None:
    """The next batch follows on what the broker has."""
    identity = Identity(Producer(7, 0), sequences={PLACE: 2**31 - 1})
    made = lane(handover(b"1", b"2"))
    parcel = made.take(0.0)
    assert parcel is not None
    made.write(parcel, identity, 1)
    assert {PLACE: 2**31 - 1} == identity.sequences
    made.acknowledge()
    assert {PLACE: 1} == identity.sequences


async def test_a_parcel_that_is_too_large_becomes_smaller_ones() -> None:
    """In the same order, until each has one message."""
    made = lane(handover(*(b"%d" % n for n in range(8))))
    sizes = []
    while parcel := made.take(0.0):
        sizes.append(len(parcel.letters))
        if len(parcel.letters) == 1:
            break
        made.halve()
    assert 8 == sizes[0]
    assert sizes == sorted(sizes, reverse=True)
    assert kafka_packing.pack(message(b"0")) == parcel.letters[0].packed if parcel else False
    assert 7 == len(made.waiting)


async def test_a_failure_reaches_the_callers_of_the_parcel_only() -> None:
    """Each with an exception of its own."""
    callers = [handover(b"1"), handover(b"2"), handover(b"x" * 900_000)]
    made = lane(*callers)
    made.take(0.0)
    made.fail("refused")
    errors = [done(caller).exception() for caller in callers[:2]]
    assert all(isinstance(error, LogUnavailableError) for error in errors)
    assert errors[0] is not errors[1]
    assert not done(callers[2]).done()
    made.fail_all("closed")
    with pytest.raises(LogUnavailableError, match="closed"):
        await done(callers[2])
