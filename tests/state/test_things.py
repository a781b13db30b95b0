"""What a thing is looked up by follows from what is known of it."""

import pytest

from schemas import moment
from state import kinds
from state.merge import Row
from state.things import lookups
from tests.factories import at


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, None),
        ({"updated_at": at(5)}, 5),
        ({kinds.UPDATED_AT: at(5)}, 5),
        ({"updated_at": at(5), kinds.UPDATED_AT: at(7)}, 7),
        ({"updated_at": at(9), kinds.UPDATED_AT: at(7)}, 9),
        ({"updated_at": "soon", kinds.UPDATED_AT: at(7)}, 7),
        ({"updated_at": None}, None),
    ],
)
def test_the_later_update_counts(told: dict[str, str], expected: int | None) -> None:
    """Whether the thing or its event said when it was."""
    found = lookups(kinds.CUSTOMER, Row(dict(told))).updated

    assert expected == (None if found is None else found - (moment.parse(at(0)) or 0))
