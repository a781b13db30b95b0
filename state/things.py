"""From a row to what it is looked up by, as pure functions of what is known."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas import moment
from state.kinds import KINDS, TOLD_AT, UPDATED_AT
from state.merge import Row
from state.sqltext import escape


class Lookups(NamedTuple):
    """The columns of a thing that queries filter and sort by; moments in ms.

    `created` is 0 where it was never told. `updated` stands last: it changes most often and no
    index holds it.
    """

    name: str | None
    voucher: str | None
    campaign: str | None
    customer: str | None
    created: int
    updated: int | None


def lookups(kind_name: str, row: Row) -> Lookups:
    """What a thing is looked up by. A gone thing is looked up by nothing but its id."""
    kind = KINDS[kind_name]
    return Lookups(
        name=_text(row, kind.name_field),
        voucher=_text(row, kind.voucher_field),
        campaign=_text(row, kind.campaign_field),
        customer=_text(row, kind.customer_field),
        created=_created(kind_name, row.fields),
        updated=_updated(row),
    )


def _created(kind_name: str, fields: Mapping[str, Any]) -> int:
    """The moment in ms that a thing is listed by, 0 where it was never told."""
    names = (KINDS[kind_name].created_field, TOLD_AT)
    told = (moment.parse(fields.get(name)) for name in names)
    return next((at for at in told if at is not None), 0)


def _updated(row: Row) -> int | None:
    """The later of both: one telling may say when it was, and the next one may not."""
    told = (moment.parse(row.fields.get(name)) for name in ("updated_at", UPDATED_AT))
    return max((at for at in told if at is not None), default=None)


def _text(row: Row, name: str | None) -> str | None:
    value = row.fields.get(name) if name else None
    return escape(value) if isinstance(value, str) else None
