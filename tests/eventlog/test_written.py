"""What a writer gives for messages: told at once, and once."""

import asyncio

import pytest

from eventlog.written import Written


async def test_it_is_told_at_once() -> None:
    """Before the next turn of the event loop, which an await needs."""
    written, told = Written(), list[BaseException | None]()
    written.at_once = lambda one: told.append(one.exception())
    written.settle()

    assert [None] == told
    await written


async def test_the_first_word_counts() -> None:
    """What is said later, or after a cancellation, changes nothing."""
    written, cancelled, told = Written(), Written(), list[BaseException | None]()
    for one in (written, cancelled):
        one.at_once = lambda one: told.append(one.exception())
    cancelled.cancel()
    failure = TimeoutError()
    for error in (failure, None):
        written.settle(error)
        cancelled.settle(error)

    assert [failure] == told
    assert cancelled.cancelled()


async def test_a_defect_in_what_is_told_stops_nobody() -> None:
    """The loop's handler of exceptions has it, and whoever awaits goes on."""
    found = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: found.append(about))
    written = Written()

    def fail(_: Written) -> None:
        raise ValueError("x")

    written.at_once = fail
    written.settle()
    await written

    assert [ValueError] == [type(about["exception"]) for about in found]


async def test_who_awaits_gets_the_error() -> None:
    """As with any future."""
    written = Written()
    written.settle(ValueError("x"))

    with pytest.raises(ValueError, match="x"):
        await written
