"""Runs histories that lost entries through a state, and compares the gaps with the truth."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from state.facts import Fact
from state.store import Batch, StateWriter
from tests.lost_events.losing import Lost, facts

_LARGEST_BATCH = 200


@dataclass(slots=True)
class Outcome:
    """What was found in so many histories; the lists name seeds, or seeds and cards."""

    histories: int = 0
    entries: int = 0
    cards: int = 0
    shown: int = 0
    unnoticed: list[tuple[int, str]] = field(default_factory=list)
    alarms: list[tuple[int, str]] = field(default_factory=list)
    left_open: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.histories} histories lost {self.entries} entries of {self.cards} cards; "
            f"{self.shown} of these show it (the others' lost entries come to nothing); "
            f"shown and not noticed: {len(self.unnoticed)}; "
            f"noticed and complete, or not to be seen: {len(self.alarms)}; "
            f"histories with gaps once the lost arrived: {len(self.left_open)}"
        )


class Histories:
    """Applies one history after the other, each a project of its own, to one state."""

    def __init__(self, state: StateWriter) -> None:
        self._state = state
        self._position = 0
        self.outcome = Outcome()

    async def run(self, seed: int, lost: Lost) -> None:
        """Let a history arrive, then what was lost of it."""
        chance = random.Random(seed)
        await self._apply(facts(lost.arriving), chance)
        found = await self._gaps()
        await self._apply(facts(lost.missing), chance)
        left = await self._gaps()

        outcome = self.outcome
        outcome.histories += 1
        outcome.entries += sum(map(len, lost.entries.values()))
        outcome.cards += len(lost.entries)
        outcome.shown += len(lost.shown)
        outcome.unnoticed += [(seed, card) for card in lost.shown - found]
        outcome.alarms += [(seed, card) for card in found - lost.shown]
        outcome.left_open += [seed] if left else []

    async def _apply(self, told: Sequence[Fact], chance: random.Random) -> None:
        """In batches of any size, with a look at the ledgers here and there."""
        first = 0
        while first < len(told):
            some = told[first : first + chance.randrange(1, _LARGEST_BATCH)]
            moves = {("histories", 0): (self._position, self._position + 1)}
            await self._state.apply(Batch(some, moves))
            self._position += 1
            first += len(some)
            if chance.random() < 0.3:
                await self._state.check_ledgers(chance.randrange(1, 20))

    async def _gaps(self) -> set[str]:
        """The cards that have gaps once all that was touched is looked through."""
        while await self._state.check_ledgers(50):
            pass
        return {gap.voucher for gap in await self._state.gaps(known_for=0, limit=10_000)}
