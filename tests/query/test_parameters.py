"""The query string is read as it is meant, or refused."""

from urllib.parse import quote

import pytest

from query.errors import ApiError
from query.parameters import Period, parse
from schemas import moment


def test_options_are_told_from_names() -> None:
    """However their brackets are spelt."""
    text = b"limit=7&created_at[before]=2025-01-02&%5Bcreated_at%5D%5Bafter%5D=2025-01-01&x=&x=a+b"

    parameters = parse(text)

    assert 7 == parameters.limit()
    expected = Period(after=moment.parse("2025-01-01"), before=moment.parse("2025-01-02"))
    assert expected == parameters.period("created_at")
    assert Period() == parameters.period("updated_at")
    assert {"": ["", "a b"]} == parameters.given["x"]


def test_nothing_given_means_the_defaults() -> None:
    """Ten things of the first page."""
    assert (10, 1, None) == (parse(b"").limit(), parse(b"").page(99), parse(b"").one("order"))


@pytest.mark.parametrize(
    "value", ["0", "101", "-1", "+1", "1.0", "1e1", "", " 1", "²", "9" * 5_000]
)
def test_a_limit_is_a_whole_number_in_its_range(value: str) -> None:
    """In plain digits."""
    with pytest.raises(ApiError) as refused:
        parse(f"limit={quote(value)}".encode()).limit()
    assert "limit must be a whole number from 1 to 100" == refused.value.details or not value


@pytest.mark.parametrize(
    "text",
    [b"a=%FF", b"%FF=a", b"\xff=a", b"&".join([b"a=b"] * 501)],
)
def test_what_is_no_query_string_is_refused(text: bytes) -> None:
    """A byte that is no text, or parameters without end."""
    with pytest.raises(ApiError) as refused:
        parse(text)
    assert 400 == refused.value.status


def test_a_name_may_be_anything() -> None:
    """It is ignored then, if nobody documents it."""
    for text in (b"[", b"]", b"[]=x", b"a[=x", b"a]b=x", b"=", b"&&", b"a[b][c]=x", b"%00=x"):
        assert 10 == parse(text).limit()
