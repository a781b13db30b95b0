"""Ledgers: the transactions of a loyalty card or gift card, in the order of their balance chain.

`order=id` is oldest first and `-id` newest first: the vendor's ids grow with time, and within one
millisecond the chain orders entries, not their ids, which mean nothing to us. Where entries of one
ledger are picked out, or those of a whole campaign are listed, there is no chain to go by: within
one millisecond they are ordered by id then.
"""

from typing import Any, Final

from query import campaigns, conditions, required, scrolling
from query.asked import Asked
from query.conditions import Field
from query.errors import not_found
from query.members import ROOTS, get_member
from query.scrolling import Scroll
from state import kinds
from state.reader import Thing
from state.selection import Condition

OF_A_CARD: Final = Scroll(
    kind=kinds.TRANSACTION,
    orders=scrolling.BY_AGE,
    fields={"created_at": conditions.moments("created"), "id": Field("id")},
    shape=required.transaction,
)
OF_A_CAMPAIGN: Final = Scroll(
    kind=kinds.TRANSACTION,
    orders=scrolling.BY_AGE,
    fields={"id": Field("id"), "voucher_id": Field("voucher")},
    shape=required.transaction,
)

_WITH_BALANCES: Final = frozenset({"LOYALTY_PROGRAM", "GIFT_VOUCHERS"})
"""The types of campaigns whose vouchers have ledgers."""


async def list_member_transactions(asked: Asked) -> dict[str, Any]:
    """The ledger of the path's member."""
    return await _ledger(asked, await get_member(asked))


async def list_voucher_transactions(asked: Asked) -> dict[str, Any]:
    """The ledger of the path's voucher."""
    return await _ledger(asked, await asked.voucher(asked.names["code"]))


async def list_programme_transactions(asked: Asked) -> dict[str, Any]:
    """The transactions of all cards of a loyalty programme; of another campaign there are none."""
    return await _of_campaign(asked, frozenset({campaigns.LOYALTY}))


async def list_campaign_transactions(asked: Asked) -> dict[str, Any]:
    """The transactions of all cards of a campaign; one of another type has none."""
    return await _of_campaign(asked, _WITH_BALANCES)


async def _of_campaign(asked: Asked, types: frozenset[str]) -> dict[str, Any]:
    campaign = await campaigns.known(asked)
    of_it = [Condition("campaign", "=", campaign["id"])]
    if campaign.get("campaign_type", campaigns.LOYALTY) not in types:
        of_it.append(Condition("id", "in", ()))
    return await scrolling.answer(asked, OF_A_CAMPAIGN, *of_it)


async def _ledger(asked: Asked, card: Thing) -> dict[str, Any]:
    parameters = asked.parameters
    if conditions.NAME in parameters.given:
        return await scrolling.answer(asked, OF_A_CARD, Condition("voucher", "=", card["id"]))
    limit = parameters.limit()
    _, descending = scrolling.ordering(asked, OF_A_CARD)
    after = parameters.one(scrolling.CURSOR)
    page = await asked.reader.ledger(
        asked.project, card["id"], newest_first=descending, limit=limit, after=after
    )
    if page is None:
        raise not_found(kinds.TRANSACTION, after or "")
    entries = [required.transaction(one) for one in page.entries]
    return scrolling.envelope(entries, has_more=page.has_more)


PATHS: Final = (
    *(
        scrolling.path(
            f"{root}/transactions",
            list_member_transactions,
            "The ledger of a loyalty card",
            "Transaction",
            OF_A_CARD,
        )
        for root in ROOTS
    ),
    scrolling.path(
        "/v1/vouchers/{code}/transactions",
        list_voucher_transactions,
        "The ledger of a loyalty card or gift card",
        "Transaction",
        OF_A_CARD,
    ),
    scrolling.path(
        "/v1/loyalties/{campaignId}/transactions",
        list_programme_transactions,
        "The transactions of all cards of a loyalty programme",
        "Transaction",
        OF_A_CAMPAIGN,
    ),
    scrolling.path(
        "/v1/campaigns/{campaignId}/transactions",
        list_campaign_transactions,
        "The transactions of all cards of a campaign",
        "Transaction",
        OF_A_CAMPAIGN,
    ),
)
