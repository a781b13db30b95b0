"""Whether something is known to be missing of what a question is about.

Nothing is asked while no dead letter is kept and no ledger has a hole, which is how it should be;
so it may take a moment.
"""

from dataclasses import replace

from query.asked import Asked
from query.errors import ApiError
from query.paths import Handler
from query.watched import Watched


async def reasons(handler: Handler, asked: Asked) -> list[str]:
    """Why the answer to come is incomplete, to be asked before the answer is read.

    The question is answered twice: what it is about is known only then, and if what is missing were
    looked up behind the answer, a redrive between the two would leave an incomplete one unmarked.
    """
    watched = Watched(asked.reader)
    try:
        await handler(replace(asked, reader=watched))
    except ApiError as refusal:
        if refusal.status != 404:
            return []
    return sorted(await asked.reader.incomplete(asked.project, watched.ids))
