"""Reading a body: exactly as it comes, and within its limits."""

import asyncio
from collections.abc import Iterable

import pytest
from prometheus_client import REGISTRY
from starlette.types import Message, Receive

from receiver.answers import Refused
from receiver.body import Bodies, SenderLeftError
from receiver.limits import Limits

LEFT: Message = {"type": "http.disconnect"}


def bodies(max_body: int = 10, **limits: float) -> Bodies:
    """A reader of bodies with small limits."""
    return Bodies(max_body, Limits(**limits))  # type: ignore[arg-type]


def sender(chunks: Iterable[bytes], end: Message | None = None) -> Receive:
    """Sends the chunks, the last of them as the last; or more to come, and then `end`."""
    parts = list(chunks)

    async def receive() -> Message:
        if not parts:
            assert end is not None
            return end
        chunk = parts.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(parts or end)}

    return receive


async def refusal(reader: Bodies, receive: Receive, declared: int | None = None) -> tuple[int, str]:
    """The answer with which a body is refused."""
    with pytest.raises(Refused) as refused:
        await reader.read(receive, declared)
    return refused.value.answer.status, refused.value.answer.reason


@pytest.mark.parametrize(
    "chunks", [[b""], [b"whole"], [b"in", b"", b"parts"], [b"0123456789"], [b"01234", b"56789"]]
)
async def test_a_body_is_what_came(chunks: list[bytes]) -> None:
    """Whole or in parts, up to the limit, with or without a declared length."""
    whole = b"".join(chunks)

    assert whole == await bodies().read(sender(chunks), None)
    assert whole == await bodies().read(sender(chunks), len(whole))


@pytest.mark.parametrize("declared", [11, 10**17])
async def test_a_declared_length_is_believed_before_a_byte_is_read(declared: int) -> None:
    """What would be too large is not even begun with."""

    async def unread() -> Message:
        raise AssertionError("a byte was read")

    assert (413, "body-too-large") == await refusal(bodies(), unread, declared)


@pytest.mark.parametrize("chunks", [[b"01234567890"], [b"0123456789", b"0"], [b"0"] * 11])
@pytest.mark.parametrize("declared", [None, 5])
async def test_a_body_is_too_large_while_it_arrives(
    chunks: list[bytes], declared: int | None
) -> None:
    """Whatever was declared, the bytes themselves are counted."""
    assert (413, "body-too-large") == await refusal(bodies(), sender(chunks), declared)


async def test_a_body_that_does_not_arrive_in_time() -> None:
    """The limit is for the whole body, however its parts are spread."""
    reader = bodies(body_seconds=0.05)

    async def drip() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"", "more_body": True}

    assert (408, "body-too-slow") == await refusal(reader, drip)


async def test_a_sender_that_leaves() -> None:
    """Half a body is no body."""
    with pytest.raises(SenderLeftError):
        await bodies().read(sender([b"half"], LEFT), None)


async def test_all_bodies_together_are_bounded() -> None:
    """Beyond the limit a delivery is refused, and taken again when another one is done."""
    reader = bodies(in_flight_bytes=15)
    first = await reader.read(sender([b"0123456789"]), None)
    assert (503, "overloaded") == await refusal(reader, sender([b"0123", b"45"]))
    second = await reader.read(sender([b"01234"]), None)
    reader.release(first)
    third = await reader.read(sender([b"0123456789"]), None)
    assert 15 == reader.held == REGISTRY.get_sample_value("voucherify_sync_bytes_in_flight")
    reader.release(second)
    reader.release(third)

    assert 0 == reader.held


async def test_what_is_refused_or_left_is_not_held() -> None:
    """However reading ends, what was read of it is given back."""
    reader = bodies(body_seconds=0.02, in_flight_bytes=12)
    await refusal(reader, sender([b"01234", b"5678901"]))
    with pytest.raises(SenderLeftError):
        await reader.read(sender([b"half"], LEFT), None)

    async def hang() -> Message:
        if reader.held:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": b"half", "more_body": True}

    await refusal(reader, hang)
    reading = asyncio.create_task(reader.read(hang, None))
    await asyncio.sleep(0.001)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert 0 == reader.held


def test_a_body_that_is_there_whole() -> None:
    """It counts as one that was read, and is refused for the same reasons."""
    reader = bodies()
    reader.hold(b"0123456789")
    with pytest.raises(Refused) as refused:
        reader.hold(b"01234567890")
    held = reader.held
    reader.release(b"0123456789")

    assert (413, 10, 0) == (refused.value.answer.status, held, reader.held)
