"""`python -m tests.chaos.poisoned handlers`: the program, with a merge that refuses 1 % of events.

Which ones is decided by the event, so that it stays refused however often it is tried.
"""

import zlib
from collections.abc import Iterator

from handlers import table
from schemas.envelope import Envelope
from state.facts import Fact, Observed, ThingKey
from voucherify_sync.cli import main

_ONE_OF = 100

_understood = table.facts


def poisoned(event: Envelope) -> Iterator[Fact]:
    """The event's facts, and of one event in a hundred one that no merge takes."""
    yield from _understood(event)
    if zlib.crc32(event.event_id.encode()) % _ONE_OF == 0:
        broken = ThingKey(event.project_id, "no such kind", "x")
        yield Observed(broken, None, {})  # type: ignore[arg-type] # broken on purpose


if __name__ == "__main__":
    setattr(table, "facts", poisoned)  # noqa: B010 - to the type checker, functions stay
    main()
