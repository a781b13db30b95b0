"""Text that is authentic but odd is read, or refused with a reason; it never breaks anything."""

from typing import Any

import pytest

from schemas import jsontext


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b'{"a":1}', {"a": 1}, id="plain"),
        pytest.param(b'{"a":1,"a":2}', {"a": 2}, id="of repeated keys the last holds"),
        pytest.param(b"123456789012345678901234567890", 123456789012345678901234567890, id="big"),
        pytest.param(b"[" + b"9" * 5000 + b"]", ["9" * 5000], id="more digits than can be read"),
        pytest.param(b'"\\u0000"', "\0", id="NUL"),
        pytest.param(b'["\\ud83d"]', ["\ud83d"], id="lone surrogate"),
        pytest.param(b'{"a":[1e400,-1e400]}', {"a": ["1e400", "-1e400"]}, id="beyond a double"),
    ],
)
def test_decode(text: bytes, expected: Any) -> None:
    """Values come out as they were spelt."""
    assert expected == jsontext.decode(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"", "not-json", id="empty"),
        pytest.param(b"hello", "not-json", id="plain text"),
        pytest.param(b'{"a":NaN}', "not-json", id="NaN"),
        pytest.param(b'{"a":"\xff"}', "invalid-utf8", id="invalid UTF-8"),
        pytest.param(b"[" * 5000 + b"]" * 5000, "too-deep", id="5,000 deep"),
        pytest.param(b'"\\ud800"' + b"[" * 5000, "not-json", id="odd and broken"),
        pytest.param(b'["\\ud800",' + b"[" * 5000 + b"]" * 5001, "too-deep", id="odd and deep"),
    ],
)
def test_decode_refuses(text: bytes, reason: str) -> None:
    """What is no JSON text is refused with one of few reasons."""
    with pytest.raises(jsontext.NotJSONError, match=f"^{reason}$"):
        jsontext.decode(text)


@pytest.mark.parametrize(
    "value", [{"b": "\ud800", "a": "é"}, {"b": 10**40, "a": None}, ["\0", 1.5]]
)
def test_encode_and_back(value: Any) -> None:
    """Whatever was decoded can be encoded, and comes back the same."""
    assert value == jsontext.decode(jsontext.encode(value))
    assert value == jsontext.decode(jsontext.canonical(value))


@pytest.mark.parametrize("more", [{}, {"x": "\ud800"}])
def test_canonical(more: dict[str, str]) -> None:
    """Equal values have one canonical text, whatever the order of their keys."""
    one = {"a": 1, "b": {"d": 2, "c": 3}, **more}
    other = {**more, "b": {"c": 3, "d": 2}, "a": 1}

    assert jsontext.canonical(one) == jsontext.canonical(other)
