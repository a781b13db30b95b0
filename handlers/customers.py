"""Customers who were updated: most payloads do not say when, so their event's moment stands for it.

It is what lists are ordered and narrowed by, and no field of the customer.
"""

from collections.abc import Iterator

from handlers.telling import Telling, Tells, is_customer, observed
from schemas import moment
from state import kinds
from state.facts import Fact, Rank


def _updated(telling: Telling) -> Iterator[Fact]:
    for customer in telling.objects("customer"):
        if is_customer(customer):
            unsaid = telling.told and moment.parse(customer.get("updated_at")) is None
            implied = {kinds.UPDATED_AT: moment.to_text(telling.told)} if unsaid else {}
            yield from observed(telling, kinds.CUSTOMER, customer, Rank.SUBJECT, implied)


UPDATED = Tells("customer", kinds.CUSTOMER, _updated)
