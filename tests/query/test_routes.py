"""The table says of each path what it takes and answers, and says it once."""

import pytest

from query.parameters import DEFAULT_LIMIT, MAX_LIMIT
from query.paths import Path, Paths
from query.routes import TABLE


@pytest.mark.parametrize("path", TABLE, ids=lambda path: path.template)
def test_each_path_says_what_it_takes_and_answers(path: Path) -> None:
    """Every parameter once, a default that it takes, a summary of one line."""
    names = [one.name for one in path.parameters]
    assert sorted(set(names)) == sorted(names)
    for one in path.takes:
        assert not one.value.choices or one.value.default in (None, *one.value.choices)
        assert "query" == one.where
    assert path.summary
    assert "\n" not in path.summary
    assert path.answers.schema


def test_no_path_stands_twice() -> None:
    """The second one would never be asked."""
    templates = [path.template for path in TABLE]

    assert sorted(set(templates)) == sorted(templates)


def test_what_a_list_takes_is_read_off_its_row() -> None:
    """Its pages, orders and filters."""
    (vouchers,) = [path for path in TABLE if path.template == "/v1/vouchers"]
    takes = {one.name: one for one in vouchers.takes}

    assert {"limit", "page", "order", "code", "ids", "created_at[after]"} <= takes.keys()
    assert (1, MAX_LIMIT, DEFAULT_LIMIT) == (
        takes["limit"].value.minimum,
        takes["limit"].value.maximum,
        takes["limit"].value.default,
    )
    assert 99 == takes["page"].value.maximum
    assert "-created_at" == takes["order"].value.default
    assert "code" in takes["order"].value.choices
    assert takes["ids"].repeated
    assert "date-time" == takes["created_at[after]"].value.type


def test_the_more_literal_path_is_found_first() -> None:
    """Whatever the order of the rows."""
    wanted = {
        b"/v1/loyalties/members/x": "/v1/loyalties/members/{memberId}",
        b"/v1/loyalties/x/members": "/v1/loyalties/{campaignId}/members",
        b"/v1/loyalties/members/members": "/v1/loyalties/members/{memberId}",
    }
    for rows in (TABLE, TABLE[::-1]):
        for path, template in wanted.items():
            found = Paths(rows).find(path)
            assert found is not None
            assert template == found.path.template
