"""What publications and redemptions are tracked by, put back where it is kept with the customer."""

from collections.abc import Mapping, Sequence
from typing import Final

from query.asked import Asked
from query.listing import Order
from state import kinds
from state.reader import Thing

ORDER: Final[Order] = ("fields.tracking_id", "tracking.fields.tracking_id", "customer.name")

_BY_SOURCE_ID: Final = "$tracked_by_source_id"
_APART: Final = "$tracked_apart"


async def kept_apart(asked: Asked, kind: str, things: Sequence[Thing]) -> dict[str, str]:
    """The tracking ids that are kept apart, by the ids of the things; erased ones are left out."""
    wanted = {kinds.tracking_id(kind, one["id"]): one["id"] for one in things if _APART in one}
    if not wanted:
        return {}
    found = await asked.reader.get_many(asked.project, kinds.TRACKING, list(wanted))
    return {wanted[id_]: one["tracking_id"] for id_, one in found.items()}


def told(thing: Thing, customer: Thing, apart: Mapping[str, str]) -> Thing:
    """The thing as webhooks told it, without what is for looking up only."""
    shown = {name: value for name, value in thing.items() if name[:1] != kinds.HIDDEN}
    if "tracking_id" not in shown:
        if _BY_SOURCE_ID in thing and "source_id" in customer:
            shown["tracking_id"] = customer["source_id"]
        elif thing["id"] in apart:
            shown["tracking_id"] = apart[thing["id"]]
    return shown
