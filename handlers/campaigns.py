"""What events say of a campaign by their type: how the generation of its vouchers goes."""

from collections.abc import Iterator

from handlers.telling import Telling, Tells
from state import kinds
from state.facts import Fact, Observed, Rank, Stamp


def generation(status: str, rank: Rank) -> Tells:
    """The vouchers' generation has this status since the event's moment."""

    def make(telling: Telling) -> Iterator[Fact]:
        for campaign in telling.objects("campaign"):
            yield Observed(
                telling.thing(kinds.CAMPAIGN, campaign["id"]),
                Stamp(telling.told, rank, telling.told),
                {"id": campaign["id"], "vouchers_generation_status": status},
            )

    return Tells("campaign", kinds.CAMPAIGN, make, says="its generation")
