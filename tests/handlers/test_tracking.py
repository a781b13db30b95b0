"""A tracking id that may be somebody's source id is theirs, and no field of what it tracks."""

from typing import Any

import pytest

from state import kinds
from tests.factories import CUSTOMER, known_in_any_order, webhook

CASES = [
    ("ann@example.com", "ann@example.com", None),
    ("ann@old.example", "ann@example.com", "ann@old.example"),
    ("ann@old.example", None, "ann@old.example"),
    ("track_9B0k==", "ann@example.com", None),
    (None, "ann@example.com", None),
]


@pytest.mark.parametrize(("tracked_by", "source_id", "apart"), CASES)
@pytest.mark.parametrize("kind", [kinds.PUBLICATION, kinds.REDEMPTION])
def test_where_it_is_kept(
    kind: str, tracked_by: str | None, source_id: str | None, apart: str | None
) -> None:
    """With the thing if the vendor made it up, with the customer if it is theirs, else apart."""
    customer: dict[str, Any] = {"id": CUSTOMER, "object": "customer"}
    customer |= {"source_id": source_id} if source_id else {}
    thing = {"id": "x_1", "tracking_id": tracked_by}
    event = webhook(f"{kind}.succeeded", {kind: thing, "customer": customer})

    found = known_in_any_order([event])

    tracking = found.get((kinds.TRACKING, kinds.tracking_id(kind, "x_1")), {})
    made_up = tracked_by if tracked_by is None or tracked_by.startswith("track_") else "absent"
    assert apart == tracking.get("tracking_id")
    assert made_up == found[kind, "x_1"].get("tracking_id", "absent")


def test_nobodys_is_not_kept() -> None:
    """What is tracked by a text of which nobody knows whose it is could never be erased."""
    event = webhook(
        "redemption.succeeded", {"redemption": {"id": "r_1", "tracking_id": "a@b.example"}}
    )

    assert "a@b.example" not in str(known_in_any_order([event]))
