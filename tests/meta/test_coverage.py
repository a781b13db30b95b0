"""docs/coverage.md says what the tables say, and the tables have a place for every kind."""

import json

import pytest

from handlers import table
from query import routes
from state import kinds
from tests.meta import coverage, payloads

VENDORS_API = payloads.SPECIFICATION.with_name("api-v2018-08-01.openapi.json")


def test_the_document_is_current() -> None:
    """Run `python -m tests.meta.coverage` if this fails."""
    assert coverage.document() == coverage.DOCUMENT.read_text(encoding="utf-8")


def test_every_kind_is_told_and_has_its_place() -> None:
    """No kind is in the table that no event tells, and none is forgotten in the document."""
    told = {cell.kind for row in table.TABLE.values() for cell in row} | {kinds.EVENT}

    assert set(kinds.KINDS) == told
    assert set(kinds.KINDS) == set(coverage.READ_AT)


def test_every_served_path_reads_some_kind() -> None:
    """What is served is in the document; a member's path leads through its campaign or does not."""

    def member_alone(path: str) -> str:
        return path.replace("{campaignId}/members/", "members/")

    documented = {member_alone(path) for paths in coverage.READ_AT.values() for path in paths}

    assert {member_alone(path.template) for path in routes.TABLE} <= documented


@pytest.mark.skipif(not VENDORS_API.exists(), reason="the vendor's specification is not here")
def test_the_paths_are_the_vendors() -> None:
    """Every path in the document is one of the vendor's own."""
    vendors = json.loads(VENDORS_API.read_text())["paths"]

    for paths in coverage.READ_AT.values():
        for path in paths:
            assert "get" in vendors[path], path
