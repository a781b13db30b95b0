"""One question, as the handlers of the paths see it: whose state, which thing, which parameters.

It also finds the things that a path can name in two ways (a code or an id, a name or an id).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from query import errors
from query.parameters import Parameters
from state import kinds
from state.reader import StateReader, Thing
from state.selection import Condition, Selection


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one project. `names` are the values of the path's parameters."""

    reader: StateReader
    project: str
    names: Mapping[str, str]
    parameters: Parameters

    async def get(self, kind: str, id_: str) -> Thing:
        """A thing by its id. Raises ApiError (404)."""
        thing = await self.reader.get(self.project, kind, id_)
        if thing is None:
            raise errors.not_found(kind, id_)
        return thing

    async def one(self, kind: str, id_: str, *conditions: Condition) -> Thing:
        """A thing by its id, if it meets the conditions. Raises ApiError (404)."""
        thing = await self.first(kind, Condition("id", "=", id_), *conditions)
        if thing is None:
            raise errors.not_found(kind, id_)
        return thing

    async def voucher(self, name: str) -> Thing:
        """A voucher by its code, else by its id. Raises ApiError (404)."""
        voucher = await self.find_voucher(name)
        if voucher is None:
            raise errors.not_found(kinds.VOUCHER, name)
        return voucher

    async def find_voucher(self, name: str) -> Thing | None:
        """A voucher by its code, else by its id; codes come first because they are asked for."""
        by_code = await self.reader.by_name(self.project, kinds.VOUCHER, name)
        if by_code is not None:
            return by_code
        return await self.reader.get(self.project, kinds.VOUCHER, name)

    async def find(self, kind: str, name: str) -> Thing | None:
        """A thing by its id, else by what it is called (a customer's or order's source id)."""
        by_id = await self.reader.get(self.project, kind, name)
        if by_id is not None:
            return by_id
        return await self.reader.by_name(self.project, kind, name)

    async def customer_id(self, name: str) -> str:
        """The id of a customer, given by id or source id; as given for one we were not told of."""
        customer = await self.find(kinds.CUSTOMER, name)
        return str(customer["id"]) if customer and "id" in customer else name

    async def first(self, kind: str, *conditions: Condition) -> Thing | None:
        """The newest thing that meets the conditions."""
        found = await self.reader.find(Selection(self.project, kind, conditions, limit=1))
        return found[0] if found else None
