"""Segments, and which of them a customer is in: as far as entering and leaving was told."""

from typing import Any, Final

from query import customers, listing, whole
from query.asked import Asked
from query.described import Answer
from query.paths import Path
from state import kinds
from state.reader import Thing
from state.selection import Condition


async def get_segment(asked: Asked) -> Thing:
    """A segment by its id."""
    return await asked.get(kinds.SEGMENT, asked.names["segmentId"])


async def list_customer_segments(asked: Asked) -> dict[str, Any]:
    """The segments that the path's customer is in, in the simple form."""
    customer = await customers.get_customer(asked)
    memberships = await whole.read(
        asked,
        kinds.SEGMENT_MEMBERSHIP,
        Condition("customer", "=", customer.get("id")),
        customers.IS_MEMBER,
    )
    ids = [one["segment_id"] for one in memberships]
    known = await asked.reader.get_many(asked.project, kinds.SEGMENT, ids) if ids else {}
    found = [_simple(id_, known.get(id_, {})) for id_ in ids]
    return listing.envelope("data", found, total=len(found))


def _simple(id_: str, segment: Thing) -> Thing:
    told = {"name": segment["name"]} if "name" in segment else {}
    return {"id": id_, **told, "object": "segment"}


PATHS: Final = (
    Path("/v1/segments/{segmentId}", get_segment, "One segment", Answer("Segment")),
    Path(
        "/v1/customers/{customerId}/segments",
        list_customer_segments,
        "The segments that a customer is in",
        Answer("Segment", "data", ("total",)),
    ),
)
