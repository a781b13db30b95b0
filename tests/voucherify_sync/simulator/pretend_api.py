"""A query API that answers from a truth: right by definition, and wrong where a test wants it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from voucherify_sync.simulator.wire import encode

Json = dict[str, Any]


class PretendApi:
    """Serves one project's truth. `asked` counts requests, `app_ids` what they were signed with."""

    def __init__(self, truth: Json) -> None:
        (self.truth,) = deepcopy(truth)["projects"].values()
        self.asked = 0
        self.app_ids: set[str | None] = set()

    def routes(self) -> list[Route]:
        """The paths that comparing asks for."""
        member = "/v1/loyalties/members/{id}"
        table: dict[str, Callable[[Request], Any]] = {
            member: self._card,
            f"{member}/transactions": self._ledger,
            f"{member}/pending-points": self._pending,
            f"{member}/tiers": self._tiers,
            "/v1/loyalties/{id}/tiers": self._all_tiers,
            "/v1/vouchers/{id}": self._voucher,
            "/v1/vouchers/{id}/transactions": self._ledger,
            "/v1/customers/{id}": self._customer,
            "/v1/redemptions/{id}": lambda request: self.truth["redemptions"].get(_id(request)),
            "/v1/orders/{id}": lambda request: self.truth["orders"].get(_id(request)),
            "/v1/campaigns/{id}": self._campaign,
            "/v1/publications": self._publications,
        }
        return [Route(path, self._answering(find)) for path, find in table.items()]

    def _answering(self, find: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.asked += 1
            self.app_ids.add(request.headers.get("x-app-id"))
            found = find(request)
            if found is None:
                return JSONResponse({"code": 404, "key": "not_found"}, 404)
            return Response(encode(found), media_type="application/json")

        return answer

    def _find(self, id_: str) -> tuple[str, Json] | None:
        for kind in ("cards", "gifts", "vouchers"):
            for voucher_id, voucher in self.truth[kind].items():
                if id_ in (voucher_id, voucher["code"]) and not voucher["deleted"]:
                    return voucher_id, voucher
        return None

    def _card(self, request: Request) -> Json | None:
        found = self._find(_id(request))
        if found is None:
            return None
        names = ("balance", "points", "expired_points", "subtracted_points", "pending_points")
        return {
            **found[1],
            "id": found[0],
            "loyalty_card": {name: found[1][name] for name in names},
            "redemption": found[1],
        }

    def _voucher(self, request: Request) -> Json | None:
        found = self._find(_id(request))
        return {**found[1], "gift": found[1], "redemption": found[1]} if found else None

    def _ledger(self, request: Request) -> Json | None:
        found = self._find(_id(request))
        if found is None:
            return None
        limit, after = 3, request.query_params.get("starting_after_id")
        entries = self.truth["ledgers"][found[0]]
        ids = [entry["id"] for entry in entries]
        start = ids.index(after) + 1 if after else 0
        page = [
            {**entry, "details": {"balance": {**entry, "amount": entry["points"]}}}
            for entry in entries[start : start + limit]
        ]
        return {"data": page, "has_more": start + limit < len(entries)}

    def _pending(self, request: Request) -> Json | None:
        found = self._find(_id(request))
        if found is None:
            return None
        waiting = self.truth["pending_points"][found[0]]
        return {"data": [{"id": id_, **one} for id_, one in waiting.items()], "has_more": False}

    def _tiers(self, request: Request) -> Json | None:
        found = self._find(_id(request))
        if found is None:
            return None
        card = found[1]
        ids = [
            one["tier_id"]
            for one in self.truth["tiers"]
            if (one["customer_id"], one["campaign_id"]) == (card["holder_id"], card["campaign_id"])
        ]
        return {"data": [self._tier(id_) for id_ in ids if id_]}

    def _all_tiers(self, request: Request) -> Json:
        tiers = self.truth["loyalty_tiers"]
        mine = [id_ for id_, one in tiers.items() if one["campaign_id"] == _id(request)]
        return {"data": [self._tier(id_) for id_ in mine]}

    def _tier(self, id_: str) -> Json:
        tier = self.truth["loyalty_tiers"][id_]
        return {**tier, "id": id_, "points": {"from": tier["from"], "to": tier["to"]}}

    def _customer(self, request: Request) -> Json | None:
        asked = _id(request)
        for id_, customer in self.truth["customers"].items():
            if not customer["deleted"] and asked in (id_, customer["told"]["source_id"]):
                told: Json = customer["told"]
                return told
        return None

    def _campaign(self, request: Request) -> Json | None:
        campaign: Json | None = self.truth["campaigns"].get(_id(request))
        return None if campaign is None or campaign["deleted"] else campaign

    def _publications(self, request: Request) -> Json:
        page = int(request.query_params["page"])
        limit = int(request.query_params["limit"])
        customer = request.query_params.get("customer")
        found = [
            {"id": id_, **one}
            for id_, one in self.truth["publications"].items()
            if customer in (None, one["customer_id"])
        ]
        return {"publications": found[(page - 1) * limit : page * limit], "total": len(found)}


def _id(request: Request) -> str:
    id_: str = request.path_params["id"]
    return id_
