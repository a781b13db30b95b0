"""How long it takes from sending a webhook until the query API tells what it told.

Samples one ledger entry at a time: when a webhook that is the first to tell it has been accepted,
its card's ledger is asked for until the entry is there. So a sample includes the answering of one
request, and some waiting for the next try.
"""

import asyncio
from datetime import UTC, datetime
from time import perf_counter

from voucherify_sync.simulator.api import PAGE, Api, items
from voucherify_sync.simulator.deliveries import Delivery

_SAMPLED = "voucher.loyalty_card.transaction.created"
_TRY_SECONDS = 0.003
_LOST_SECONDS = 2.0
"""After so long a sample is dropped: its card has been deleted, most likely."""


class Visibility:
    """Takes samples while webhooks are sent; `seconds` holds them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._told: set[str] = set()
        self._next: asyncio.Queue[tuple[str, str, float]] = asyncio.Queue(maxsize=1)
        self.seconds: list[float] = []

    def accepted(self, delivery: Delivery, begun: float, _: float) -> None:
        """Note an accepted webhook; to be called for each of them."""
        for card, entry in delivery.webhook.entries:
            first = entry not in self._told
            self._told.add(entry)
            if first and delivery.webhook.type == _SAMPLED and not self._next.full():
                self._next.put_nowait((card, entry, begun))

    async def watch(self) -> None:
        """Take samples until cancelled."""
        while True:
            card, entry, begun = await self._next.get()
            path = f"/v1/loyalties/members/{card}/transactions"
            while perf_counter() - begun < _LOST_SECONDS:
                answer = await self._api.get(path, {"limit": PAGE, "order": "-id"})
                if any(one.get("id") == entry for one in items(answer.body, "data")):
                    self.seconds.append(perf_counter() - begun)
                    break
                await asyncio.sleep(_TRY_SECONDS)


async def caught_up(api: Api, seconds: float = 15.0) -> float | None:
    """Wait until the state is complete up to now; how long that took, None if it took too long."""
    begun, now = perf_counter(), datetime.now(UTC)
    while perf_counter() - begun < seconds:
        answer = await api.get("/v1/publications", {"limit": 1})
        if answer.as_of and datetime.fromisoformat(answer.as_of) >= now:
            return perf_counter() - begun
        await asyncio.sleep(0.02)
    return None
