"""The filters that lists share, each from a parameter's value to conditions of the state."""

from collections.abc import Collection, Mapping
from typing import Final

from query import errors
from query.asked import Asked
from query.described import MOMENT, Value
from query.listing import Filter
from state import kinds
from state.selection import Condition, Criteria, Operator


def equals(column: str) -> Filter:
    """The column has the parameter's value."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        return (Condition(column, "=", asked.parameters.only(name)),)

    return Filter(wanted)


def one_of(column: str) -> Filter:
    """The column has one of the parameter's values, which may be repeated."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        return (Condition(column, "in", tuple(asked.parameters.many(name))),)

    return Filter(wanted, repeated=True)


def some_of(column: str, values: Collection[str]) -> Filter:
    """The column has one of the parameter's values, each of which is one of a few."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        given = tuple(asked.parameters.many(name))
        if not set(given) <= set(values):
            raise errors.bad_parameter(name, f"must be one of {', '.join(values)}")
        return (Condition(column, "in", given),)

    return Filter(wanted, Value(choices=tuple(values)), repeated=True)


def one_of_these(column: str, values: Collection[str]) -> Filter:
    """The column has the parameter's value, which is one of a few."""
    return choice(column, {value: value for value in values})


def choice(column: str, values: Mapping[str, object]) -> Filter:
    """The column has what the parameter's value stands for."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        chosen = asked.parameters.choice(name, values)
        return (Condition(column, "=", values[chosen]),) if chosen else ()

    return Filter(wanted, Value(choices=tuple(values)))


def period(column: str) -> Filter:
    """The column's moment is between the parameter's; one that was never told is in no period."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        given = asked.parameters.period(name)
        criteria: Criteria = (Condition(column, ">", max(given.after or 0, 0)),)
        if given.before is not None:
            criteria += (Condition(column, "<", given.before),)
        return criteria

    return Filter(wanted, MOMENT, options=("after", "before"))


def bound(column: str, operator: Operator) -> Filter:
    """The column's moment compared with the parameter's; one that was never told is on no side."""

    async def wanted(asked: Asked, name: str) -> Criteria:
        told = Condition(column, ">", 0)
        return (told, Condition(column, operator, asked.parameters.moment(name)))

    return Filter(wanted, MOMENT)


async def _customer(asked: Asked, name: str) -> Criteria:
    """The thing belongs to the customer with this id or source id."""
    customer_id = await asked.customer_id(asked.parameters.only(name))
    return (Condition("customer", "=", customer_id),)


async def _campaign_name(asked: Asked, name: str) -> Criteria | None:
    """The thing belongs to the campaign of this name; none does where we know no such campaign."""
    given = asked.parameters.only(name)
    campaign = await asked.reader.by_name(asked.project, kinds.CAMPAIGN, given)
    return (Condition("campaign", "=", campaign["id"]),) if campaign else None


customer: Final = Filter(_customer)
campaign_name: Final = Filter(_campaign_name)
