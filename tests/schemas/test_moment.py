"""Moments are whole milliseconds, however many digits the vendor writes."""

from datetime import datetime

import pytest

from schemas import moment

NEW_YEAR = 1_735_689_600_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-01T00:00:00.123Z", NEW_YEAR + 123),
        ("2025-01-01T00:00:00.123999Z", NEW_YEAR + 123),
        ("2025-01-01T00:00:00Z", NEW_YEAR),
        ("2025-01-01T01:00:00+01:00", NEW_YEAR),
        ("2025-01-01T00:00:00", NEW_YEAR),
        ("2025-01-01", NEW_YEAR),
        ("1969-12-31T23:59:59.999Z", -1),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1_735_689_600, None),
    ],
)
def test_parse(text: object, expected: int | None) -> None:
    """A text that is no moment is None, not an error and not now."""
    assert expected == moment.parse(text)


def test_to_text_and_back() -> None:
    """A moment is written as the vendor writes it."""
    assert "2025-01-01T00:00:00.007Z" == moment.to_text(NEW_YEAR + 7)
    assert NEW_YEAR + 7 == moment.parse(moment.to_text(NEW_YEAR + 7))
    assert NEW_YEAR == moment.from_datetime(datetime(2025, 1, 1))  # noqa: DTZ001 - what is tested
