"""What is asked of the query API about each thing, and what the truth says the answer has to be.

Each check is about one thing of one project. It asks for it in the ways an application would, so
cards are asked for by code and by id, customers by id and by source id.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from voucherify_sync.simulator import fields
from voucherify_sync.simulator.api import PAGE, Answer, Api, items, segment
from voucherify_sync.simulator.likeness import Difference, differences
from voucherify_sync.simulator.verdicts import (
    Differences,
    compare_ledgers,
    compare_sets,
    status_problem,
)
from voucherify_sync.simulator.wire import Json

Check = Callable[[], Awaitable[Differences]]


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one project. Each of the methods named in `ALL` gives those of one kind."""

    api: Api
    project: str
    truth: Json

    def cards(self) -> Iterator[Check]:
        """Every card, or that it is gone."""
        for id_, card in self.truth["cards"].items():
            yield self._of_thing(f"card {id_}", f"/v1/loyalties/members/{id_}", card, fields.CARD)

    def gifts(self) -> Iterator[Check]:
        """Every gift card, by its code."""
        for id_, gift in self.truth["gifts"].items():
            path = f"/v1/vouchers/{segment(gift['code'])}"
            yield self._of_thing(f"gift card {id_}", path, gift, fields.GIFT)

    def vouchers(self) -> Iterator[Check]:
        """Every coupon, by its code."""
        for id_, coupon in self.truth["vouchers"].items():
            path = f"/v1/vouchers/{segment(coupon['code'])}"
            yield self._of_thing(f"voucher {id_}", path, coupon, fields.VOUCHER)

    def ledgers(self) -> Iterator[Check]:
        """Every card's ledger along its chain, by the card's code."""
        for id_, card in self.truth["cards"].items():
            path = f"/v1/loyalties/members/{segment(card['code'])}/transactions"
            yield self._of_ledger(f"ledger of card {id_}", path, id_, card, fields.ENTRY)

    def gift_ledgers(self) -> Iterator[Check]:
        """Every gift card's ledger."""
        for id_, gift in self.truth["gifts"].items():
            path = f"/v1/vouchers/{segment(gift['code'])}/transactions"
            yield self._of_ledger(f"ledger of gift card {id_}", path, id_, gift, fields.GIFT_ENTRY)

    def pending_points(self) -> Iterator[Check]:
        """What is pending on every card."""
        for id_, card in self.truth["cards"].items():
            path = f"/v1/loyalties/members/{segment(card['code'])}/pending-points"
            expected = {} if card["deleted"] else self.truth["pending_points"][id_]
            yield self._of_set(
                f"pending points of card {id_}", path, card, expected, fields.PENDING
            )

    def tiers(self) -> Iterator[Check]:
        """The tier of every card's holder."""
        now = {
            (one["customer_id"], one["campaign_id"]): one["tier_id"] for one in self.truth["tiers"]
        }
        for id_, card in self.truth["cards"].items():
            tier = now.get((card.get("holder_id"), card["campaign_id"]))
            expected = {tier: self.truth["loyalty_tiers"][tier]} if tier else {}
            path = f"/v1/loyalties/members/{id_}/tiers"
            yield self._of_set(f"tiers of card {id_}", path, card, expected, fields.TIER)

    def loyalty_tiers(self) -> Iterator[Check]:
        """The tiers of every loyalty campaign."""
        tiers = self.truth["loyalty_tiers"]
        for campaign in dict.fromkeys(tier["campaign_id"] for tier in tiers.values()):
            expected = {id_: one for id_, one in tiers.items() if one["campaign_id"] == campaign}
            path = f"/v1/loyalties/{campaign}/tiers"
            there = {"deleted": False}
            yield self._of_set(f"tiers of campaign {campaign}", path, there, expected, fields.TIER)

    def customers(self) -> Iterator[Check]:
        """Every customer with all that was told, or that one is gone; and whose a source id is."""
        owners: dict[str, str | None] = {}
        for id_, customer in self.truth["customers"].items():
            told = customer.get("told", {})
            path = f"/v1/customers/{id_}"
            expected = {"deleted": customer["deleted"], **told}
            paths = {name: name for name in told}
            yield self._of_thing(f"customer {id_}", path, expected, paths)
            if customer["deleted"]:
                owners.setdefault(customer["source_id"], None)
            else:
                owners[told["source_id"]] = id_
        for source_id, owner in owners.items():
            path = f"/v1/customers/{segment(source_id)}"
            expected = {"deleted": owner is None, "id": owner}
            yield self._of_thing(f"customer {source_id}", path, expected, {"id": "id"})

    def redemptions(self) -> Iterator[Check]:
        """Every redemption and rollback."""
        for id_, redemption in self.truth["redemptions"].items():
            yield self._of_redemption(id_, redemption)

    def publications(self) -> Iterator[Check]:
        """Every publication: in the whole list, and in the list of its customer."""
        publications = self.truth["publications"]
        if len(publications) <= PAGE * PAGE:
            yield self._of_publications("publications", {}, publications)
        by_customer: dict[str, Json] = {}
        for id_, publication in publications.items():
            by_customer.setdefault(publication["customer_id"], {})[id_] = publication
        for customer, expected in by_customer.items():
            if not self.truth["customers"][customer]["deleted"]:
                thing = f"publications of {customer}"
                yield self._of_publications(thing, {"customer": customer}, expected)

    def orders(self) -> Iterator[Check]:
        """Every order."""
        for id_, order in self.truth["orders"].items():
            expected = {"deleted": False, **order}
            yield self._of_thing(f"order {id_}", f"/v1/orders/{id_}", expected, fields.ORDER)

    def campaigns(self) -> Iterator[Check]:
        """Every campaign, or that it is gone."""
        for id_, campaign in self.truth["campaigns"].items():
            path = f"/v1/campaigns/{id_}"
            yield self._of_thing(f"campaign {id_}", path, campaign, fields.CAMPAIGN)

    def _of_thing(self, thing: str, path: str, expected: Json, paths: Mapping[str, str]) -> Check:
        async def check() -> Differences:
            answer = await self.api.get(path)
            if problem := status_problem(thing, expected, answer):
                return [problem]
            if expected["deleted"]:
                return []
            return list(differences(thing, expected, answer.body, paths))

        return check

    def _of_set(
        self, thing: str, path: str, card: Json, expected: Json, paths: Mapping[str, str]
    ) -> Check:
        """A list whose order does not matter, with a cursor or (tiers) without."""
        pages = self.api.whole if path.endswith("/tiers") else self.api.cursor

        async def check() -> Differences:
            found: dict[str, Json] = {}
            async for answer in pages(path):
                if problem := status_problem(thing, card, answer):
                    return [problem]
                found |= {str(one.get("id")): one for one in items(answer.body, "data")}
            return [] if card["deleted"] else compare_sets(thing, expected, found, paths)

        return check

    def _of_ledger(
        self, thing: str, path: str, id_: str, card: Json, paths: Mapping[str, str]
    ) -> Check:
        expected: list[Json] = self.truth["ledgers"][id_]

        async def check() -> Differences:
            found: list[Json] = []
            async for answer in self.api.cursor(path):
                if problem := status_problem(thing, card, answer):
                    return [problem]
                found += items(answer.body, "data")
            return [] if card["deleted"] else compare_ledgers(thing, expected, found, paths)

        return check

    def _of_publications(self, thing: str, filters: dict[str, str], expected: Json) -> Check:
        async def check() -> Differences:
            found: dict[str, Json] = {}
            async for answer in _publication_pages(self.api, filters):
                if problem := status_problem(thing, {"deleted": False}, answer):
                    return [problem]
                found |= {str(one.get("id")): one for one in items(answer.body, "publications")}
            return compare_sets(thing, expected, found, fields.PUBLICATION)

        return check

    def _of_redemption(self, id_: str, expected: Json) -> Check:
        """The status of one that was rolled back may be told as it was, or as it is by now."""
        thing = f"redemption {id_}"
        statuses = {expected["status"]}
        if expected.get("rolled_back_by"):
            statuses |= {"ROLLED_BACK", "ROLLED BACK"}

        async def check() -> Differences:
            answer = await self.api.get(f"/v1/redemptions/{id_}")
            if problem := status_problem(thing, {"deleted": False}, answer):
                return [problem]
            found = list(differences(thing, expected, answer.body, fields.REDEMPTION))
            status = answer.body.get("status")
            if status not in statuses:
                found.append(Difference(thing, "status", sorted(statuses), status))
            return found

        return check


def _publication_pages(api: Api, filters: dict[str, str]) -> AsyncIterator[Answer]:
    return api.pages("/v1/publications", "publications", filters)
