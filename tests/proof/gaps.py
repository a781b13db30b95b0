"""Which ledgers have holes: of a history that was told as a whole none, unless the clock went back.

Where it went back, moments and balances contradict each other; then orders only have to agree,
which a hole's age is no part of.
"""

from collections.abc import AsyncIterator
from typing import Final

from state.store import Gap, StateWriter
from tests.proof.history import History, Lived

_MANY: Final = 10_000


async def look(state: StateWriter) -> list[Gap]:
    """All holes there are, once every ledger that was touched was looked through."""
    while await state.check_ledgers(3):
        pass
    return list(await state.gaps(known_for=0, limit=_MANY))


async def wrong(history: History, lived: Lived, state: StateWriter) -> AsyncIterator[str]:
    """Holes that there are not."""
    for gap in await look(state):
        if history.is_steady:
            yield f"{gap} in a ledger that was told as a whole: {_ledger(lived, gap)}"


def _ledger(lived: Lived, gap: Gap) -> object:
    (project,) = (one for one in lived.projects if one.id == gap.project)
    return project.ledgers[gap.voucher]
