"""The table of kinds holds together."""

import pytest

from state import kinds


@pytest.mark.parametrize("name", kinds.KINDS)
def test_what_a_kind_promises_it_can_be_looked_up_by(name: str) -> None:
    """What is erased with its customer, or goes with its campaign, can be found by them."""
    kind = kinds.KINDS[name]

    assert not kind.personal or kind.customer_field
    assert not kind.goes_with_campaign or kind.campaign_field
    assert not (kind.personal and kind.definition)
