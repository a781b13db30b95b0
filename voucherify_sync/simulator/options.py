"""What a simulation can be asked for, in one typed value."""

from dataclasses import dataclass

LEAST_EVENTS = 100
"""Fewer webhooks than this do not even found a programme."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """A simulation's size, its unruliness and its pace.

    The first group decides the bytes: same values, same deliveries. The second decides how they are
    sent. `events` counts webhooks, apart from `duplicates`, the share of them that is sent again.
    `cards` is how many loyalty cards there will be, if `events` leaves room for so many (a member
    takes about eight webhooks to join). `disorder` runs from 0 (as it happened) to 1 (shuffled);
    between, webhooks change places within a window of n**disorder neighbours. `rate` is in
    webhooks a second, None sends as fast as is answered; `time_scale` shortens the vendor's retry
    schedule.
    """

    seed: int = 1
    cards: int = 120
    events: int = 2_400
    disorder: float = 0.0
    duplicates: float = 0.0
    noise: float = 0.02
    projects: int = 1
    days: int = 60

    rate: float | None = None
    concurrency: int = 16
    time_scale: float = 1 / 600

    def __post_init__(self) -> None:
        _require(self.cards >= 1, "cards", "at least 1")
        _require(self.projects >= 1, "projects", "at least 1")
        _require(self.events >= LEAST_EVENTS * self.projects, "events", f"{LEAST_EVENTS} a project")
        _require(self.days >= 1, "days", "at least 1")
        for name in ("disorder", "duplicates", "noise"):
            _require(0 <= getattr(self, name) <= 1, name, "between 0 and 1")
        _require(self.rate is None or self.rate > 0, "rate", "more than 0")
        _require(self.concurrency >= 1, "concurrency", "at least 1")
        _require(self.time_scale > 0, "time_scale", "more than 0")


def _require(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise ValueError(f"{name} has to be {what}")
