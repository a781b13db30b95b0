"""From a row to what it is looked up by, as pure functions of what is known."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas import moment
from state.kinds import KINDS, TOLD_AT, UPDATED_AT, Kind
from state.merge import Row
from state.sqltext import escape


class Lookups(NamedTuple):
    """The columns of a thing that queries filter and sort by; moments in ms.

    `created` is 0 where it was never told. `updated` stands last: it changes most often, the others
    seldom.
    """

    name: str | None
    voucher: str | None
    campaign: str | None
    customer: str | None
    created: int
    updated: int | None


def lookups(kind_name: str, row: Row) -> Lookups:
    """What a thing is looked up by. A gone thing is looked up by nothing but its id."""
    kind, fields = KINDS[kind_name], row.fields
    return Lookups(
        _text(fields, kind.name_field),
        _text(fields, kind.voucher_field),
        _text(fields, kind.campaign_field),
        _text(fields, kind.customer_field),
        _created(fields, kind),
        _updated(fields),
    )


def _created(fields: Mapping[str, Any], kind: Kind) -> int:
    made = moment.parse(fields.get(kind.created_field))
    if made is None:
        made = moment.parse(fields.get(TOLD_AT))
    return 0 if made is None else made


def _updated(fields: Mapping[str, Any]) -> int | None:
    """The later of both: one telling may say when it was, and the next one may not."""
    said = moment.parse(fields.get("updated_at"))
    if UPDATED_AT not in fields:
        return said
    at_least = moment.parse(fields[UPDATED_AT])
    if said is None or at_least is None:
        return at_least if said is None else said
    return max(said, at_least)


def _text(fields: Mapping[str, Any], name: str | None) -> str | None:
    if name is None:
        return None
    value = fields.get(name)
    return escape(value) if isinstance(value, str) else None
