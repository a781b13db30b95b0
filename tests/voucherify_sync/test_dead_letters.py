"""Redriven events end in the state that there would be had they never failed."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from state.store import Batch, DeadLetter, LetterPlace, StateUnavailableError, StateWriter
from tests.factories import body, card, webhook
from tests.voucherify_sync.installation import (
    EMAIL,
    Facts,
    Installation,
    defect,
    not_applied,
    not_understood,
)
from voucherify_sync.dead_letters import (
    AT_ONCE,
    Choice,
    DeadLetterError,
    Redriven,
    discard,
    find,
    first,
    parse_place,
    redrive,
)
from voucherify_sync.simulator.deliveries import schedule
from voucherify_sync.simulator.options import SimulationOptions

ALL = Choice()


def told(number: int) -> bytes:
    """`voucher.updated` of the card with this number; its event's id has it, too."""
    voucher = card(number, updated=number) | {"id": f"v_{number}", "metadata": {"of": EMAIL}}
    return body(webhook("voucher.updated", {"voucher": voucher}, event_id=f"evt_{number}"))


async def fail(installation: Installation, make: Facts, *numbers: int, of: int = 10) -> None:
    """Deliver events, of which those with these numbers become dead letters."""
    await installation.accept(*map(told, range(of)))
    with defect(make, *(f"evt_{number}" for number in numbers)):
        await installation.handle()


async def redriven(
    state: StateWriter, choice: Choice = ALL, *, dry_run: bool = False, stop_after: int = 10_000
) -> Redriven:
    """What became of the letters."""
    stop = asyncio.Event()

    def progress(so_far: Redriven) -> None:
        if so_far.done >= stop_after:
            stop.set()

    return await redrive(
        state,
        await find(state, choice),
        now_ms=lambda: 5_000,
        progress=progress,
        stop=stop,
        dry_run=dry_run,
    )


@pytest.mark.parametrize("make", [not_understood, not_applied])
async def test_redriving_ends_as_if_nothing_had_failed(
    installation: Installation, tmp_path: Path, make: Facts
) -> None:
    """Also where a third of all events failed, those of the things that others tell of, too."""
    deliveries = schedule(SimulationOptions(seed=7, cards=5, events=200, duplicates=0.1)).deliveries
    bodies = [delivery.body for delivery in deliveries]
    perfect = Installation(tmp_path / "perfect")
    await perfect.accept(*bodies)
    await perfect.handle()
    ids = sorted({_event_id(one) for one in bodies})
    await installation.accept(*bodies)
    with defect(make, *ids[::3]):
        await installation.handle()
    before = installation.things()

    found = await redriven(installation.state)

    assert 60 < found.applied == found.total
    assert [] == await installation.ids()
    assert perfect.things() == installation.things() != before
    await perfect.close()


def _event_id(delivery: bytes) -> str:
    from schemas import envelope

    read = envelope.read(delivery)
    return getattr(read, "event_id", "")


@pytest.mark.parametrize("make", [not_understood, not_applied])
async def test_what_fails_again_stays(installation: Installation, make: Facts) -> None:
    """With its new reason, and everything else as it was; the others go through."""
    await fail(installation, not_understood, *range(2, 8))
    before = {letter.place: letter for letter in await installation.letters()}

    with defect(make, "evt_3", "evt_5"):
        found = await redriven(installation.state)

    after = await installation.letters()
    assert (6, 4, 0, 2) == (found.total, found.applied, found.left, found.failed.total())
    assert [b"evt_3", b"evt_5"] == [dict(letter.headers)["ce_id"] for letter in after]
    assert set(found.failed) == {letter.reason for letter in after}
    for letter in after:
        was = before[letter.place]
        assert (make is not_understood) == (letter.reason == was.reason)
        assert EMAIL not in letter.reason
        assert (was.value, was.about, was.recorded_at) == (
            letter.value,
            letter.about,
            letter.recorded_at,
        )
    assert 8 == len(installation.things())


async def test_one_choice_of_them(installation: Installation) -> None:
    """By place or by reason; the others stay."""
    await fail(installation, not_understood, 1, 2, 3)
    first_reason = Choice(reason="KeyError in not_understood")
    with defect(not_applied, "evt_2"):
        assert 3 == (await redriven(installation.state, first_reason)).total
    (left,) = await installation.letters()

    assert 0 == (await redriven(installation.state, first_reason)).total
    assert 1 == (await redriven(installation.state, Choice((left.place,)))).applied
    assert [] == await installation.ids()


async def test_a_dry_run_changes_nothing(installation: Installation) -> None:
    """It says which would be understood."""
    await fail(installation, not_understood, 1, 2, 3)
    letters, things = await installation.letters(), installation.things()

    with defect(not_understood, "evt_2"):
        found = await redriven(installation.state, dry_run=True)

    assert (2, 1) == (found.applied, found.failed.total())
    assert (letters, things) == (await installation.letters(), installation.things())


async def test_a_letter_that_tells_nothing_is_settled(installation: Installation) -> None:
    """One of a topic that nobody handles any more, or of a type that tells nothing."""
    event = body(webhook("customer.sms.sent", {"customer": {"id": "c"}}))
    letters = [letter(0, topic="voucherify.old"), letter(1, value=event)]
    await installation.state.apply(Batch((), {}, letters))

    assert 2 == (await redriven(installation.state)).applied
    assert ([], {}) == (await installation.ids(), installation.things())


async def test_many_in_batches(installation: Installation) -> None:
    """Between two batches it can be stopped, and goes on from there another time."""
    await installation.state.apply(
        Batch((), {}, [letter(number) for number in range(2 * AT_ONCE + 50)])
    )

    stopped = await redriven(installation.state, stop_after=1)
    left = await installation.ids()
    finished = await redriven(installation.state)

    assert (AT_ONCE, AT_ONCE + 50) == (stopped.done, stopped.left)
    assert AT_ONCE + 50 == len(left)
    assert (AT_ONCE + 50, 0) == (finished.applied, finished.left)
    assert 2 * AT_ONCE + 50 == len(installation.things())


class Shared:
    """A state on which others work, too: they discard all letters before some look at them."""

    def __init__(self, state: StateWriter, before_look: int) -> None:
        self._state = state
        self._looks_left = before_look
        self.apply = state.apply

    async def dead_letters(self, **asked: Any) -> Sequence[DeadLetter]:
        """The real answer."""
        self._looks_left -= 1
        if self._looks_left == 0:
            await discard(self._state, await find(self._state, ALL))
        return await self._state.dead_letters(**asked)


@pytest.mark.parametrize(("before_look", "vanished", "failed"), [(1, 2, 0), (2, 0, 2)])
async def test_a_letter_that_somebody_else_took(
    installation: Installation, before_look: int, vanished: int, failed: int
) -> None:
    """Before it was redriven or after it failed again: it does not come back."""
    await fail(installation, not_understood, 1, 2)
    shared: Any = Shared(installation.state, before_look)

    with defect(not_applied, "evt_1", "evt_2"):
        found = await redrive(
            shared,
            await find(installation.state, ALL),
            now_ms=lambda: 1,
            progress=lambda _: None,
            stop=asyncio.Event(),
        )

    assert [] == await installation.ids()
    assert (vanished, 0, failed) == (found.vanished, found.applied, found.failed.total())


class Away:
    """A state that can be read and does not take anything."""

    def __init__(self, state: StateWriter) -> None:
        self.dead_letters = state.dead_letters

    async def apply(self, _: Batch) -> Any:
        """Refuses."""
        raise StateUnavailableError("away")


async def test_a_state_that_is_away(installation: Installation) -> None:
    """It is no event's fault: nothing is changed, and the caller is told."""
    await fail(installation, not_understood, 1, 2)
    letters = await installation.letters()
    away: Any = Away(installation.state)

    with pytest.raises(StateUnavailableError):
        await redriven(away)
    assert letters == await installation.letters()


async def test_discarding(installation: Installation) -> None:
    """Those that were meant, and no others."""
    await installation.state.apply(
        Batch((), {}, [letter(number) for number in range(AT_ONCE + 10)])
    )

    places = await find(installation.state, ALL)
    assert AT_ONCE + 5 == await discard(installation.state, [*places[5:], letter(999).place])
    assert places[:5] == [one.place for one in await installation.letters()]


async def test_the_first_of_many(installation: Installation) -> None:
    """In the order of their places, not of their ids' texts."""
    letters = [letter(number) for number in range(2 * AT_ONCE)]
    await installation.state.apply(Batch((), {}, letters))

    for limit in (1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE, 3 * AT_ONCE):
        assert letters[:limit] == await first(installation.state, ALL, limit)


async def test_no_such_letters(installation: Installation) -> None:
    """One is named, and nothing is done to the others."""
    await installation.state.apply(Batch((), {}, [letter(1)]))
    places = tuple(letter(number).place for number in (1, 2, 3))

    with pytest.raises(DeadLetterError, match=r"under t/0/2, nor under 1 of the other ids"):
        await find(installation.state, Choice(places))
    with pytest.raises(DeadLetterError, match=r"under t/0/3; was it"):
        await find(installation.state, Choice(places[2:]))


def test_an_id_is_what_it_was_written_as() -> None:
    """Also where the topic's name has slashes."""
    for place in (LetterPlace("a.b", 3, 41), LetterPlace("a/b", 0, 2**63 - 1)):
        assert place == parse_place(str(place))


@pytest.mark.parametrize(
    "text",
    [
        *("", "t", "t/1", "/1/1", "t/1/", "t/-1/1", "t/1/1.0", "t/a/1", "t/1/²", "t/1/1\n"),
        *(f"t/1/{2**63}", f"t/{2**31}/1", f"t/1/{'9' * 5_000}"),
    ],
)
def test_what_is_no_id(text: str) -> None:
    """It is named, with where ids are found."""
    with pytest.raises(DeadLetterError, match="is no id of a dead letter"):
        parse_place(text)


def letter(
    number: int, *, topic: str = "voucherify.v2024-01-01.voucher", value: bytes | None = None
) -> DeadLetter:
    """The letter of the event with this number."""
    return DeadLetter(
        place=LetterPlace("t", 0, number),
        topic=topic,
        reason="KeyError",
        key=b"k",
        value=told(number) if value is None else value,
        headers=(),
        recorded_at=1_000,
    )
