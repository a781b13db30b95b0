"""Histories: what happens in a small world, and in which orders it is told; data that shrinks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from hypothesis import strategies as st

from tests.proof.steps.table import STEPS
from tests.proof.telling import Teller, Webhook
from tests.proof.world import Clock, Project

PROJECTS: Final = ("p1", "p2")
_PASSING: Final = (0, 0, 1, 4, -6)
"""How many ms pass before a step; the vendor's clock may step back."""

_OFTEN: Final = ("earn", "spend", "earn", "delete")
"""What the rest needs something to happen to: points, and things that are not there any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: what, where, after how long, and how it is told."""

    what: str
    project: int = 0
    passing: int = 1
    a: int = 0
    b: int = 0
    design: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """An order of delivery; one of the same seed puts the same webhooks in the same order."""

    seed: int = 0
    reversed: bool = False

    def deliveries(self, webhooks: Sequence[Webhook]) -> list[Webhook]:
        """All webhooks, each at least once; without a seed as they were told, and once."""
        if self.reversed:
            return list(reversed(webhooks))
        if not self.seed:
            return list(webhooks)
        keyed = [(self.draw(webhook.name), webhook) for webhook in webhooks]
        keyed += [(self.draw(f"{one.name} again"), one) for key, one in keyed if key % 3 == 0]
        return [webhook for _, webhook in sorted(keyed, key=lambda pair: pair[0])]

    def draw(self, name: str) -> int:
        """A number that a name has in this order, whatever else there is in the history."""
        return crc32(f"{self.seed} {name}".encode())


@dataclass(frozen=True, slots=True)
class History:
    """Steps, and the seeds of the orders in which all that they told is delivered."""

    steps: tuple[Step, ...]
    seeds: tuple[int, ...] = (1,)

    @property
    def orders(self) -> tuple[Order, ...]:
        """As told, backwards, and as each seed has it."""
        return (Order(), Order(reversed=True), *map(Order, self.seeds))

    @property
    def is_orderly(self) -> bool:
        """Whether the vendor's clock went on before every step, so that truth is always newest."""
        return all(step.passing > 0 for step in self.steps)

    @property
    def is_steady(self) -> bool:
        """Whether the vendor's clock never stepped back."""
        return all(step.passing >= 0 for step in self.steps)


@dataclass(frozen=True, slots=True)
class Lived:
    """A history that has happened: the projects as they are now, and what was told."""

    projects: Sequence[Project]
    webhooks: Sequence[Webhook]


def live(history: History) -> Lived:
    """Let it happen."""
    clock, teller = Clock(), Teller()
    projects = [Project(name, clock, teller) for name in PROJECTS]
    for step in history.steps:
        clock.now += step.passing
        STEPS[step.what](projects[step.project], step.a, step.b, step.design)
    return Lived(projects, teller.webhooks)


steps = st.builds(
    Step,
    what=st.sampled_from((*sorted(STEPS), *_OFTEN)),
    project=st.sampled_from((0, 0, 0, 1)),
    passing=st.sampled_from(_PASSING),
    a=st.integers(0, 2),
    b=st.integers(0, 2),
    design=st.integers(0, 31),
)
histories = st.builds(
    History,
    steps=st.lists(steps, min_size=1, max_size=14).map(tuple),
    seeds=st.tuples(st.integers(1, 999), st.integers(1, 999)),
)
