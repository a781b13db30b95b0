"""How far the state is behind, as readiness and metrics tell it.

Being behind does not make the query API unready: it answers, and its answers say as of when.
"""

from collections.abc import Mapping

from query import metrics
from schemas import moment
from state.reader import Standing, StateReader


async def check(reader: StateReader) -> Mapping[str, object]:
    """Details for the line of readiness; empty while nobody has published how complete it is.

    Raises StateUnavailableError and SchemaMismatchError, as `reader.check` does.
    """
    await reader.check()
    standing = await reader.standing()
    note(standing)
    if standing.as_of is None:
        return {}
    behind = max(0, standing.now - standing.as_of) / 1000
    return {"as_of": moment.to_text(standing.as_of), "behind_seconds": behind}


def note(standing: Standing) -> None:
    """Let the metrics say what was seen."""
    if standing.as_of is not None:
        metrics.AS_OF.set(standing.as_of / 1000)
