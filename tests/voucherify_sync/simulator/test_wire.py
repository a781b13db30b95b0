"""Bytes on the wire and their signature."""

import pytest

from voucherify_sync.simulator import moments
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.wire import encode, signature, written


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1}', "a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2"),
        (b'{"a\\"b":1}', "f7cf97814a03146abedb9793f56e1dec34f618f82d10395310d053f749483ffb"),
        (b"  message  ", "53ff92957e1427ce23ad5bda9d0c5f2f4ff384d0806b83eeacb510c842d3a358"),
    ],
)
def test_the_signature_is_the_vendors(body: bytes, expected: str) -> None:
    """The known vectors."""
    assert expected == signature("secretKey", body)


def test_a_body_is_compact_utf8_with_an_escape_for_a_lone_surrogate() -> None:
    """As JSON.stringify writes it."""
    value = {"é": ["\x00", "\ud83d", "🦊", 1.5, None]}
    assert '{"é":["\\u0000","\\ud83d","🦊",1.5,null]}'.encode() == encode(value)


def test_a_payload_is_a_copy_with_its_moments_as_text() -> None:
    """What changes later does not change what was told."""
    live = {"at": At(moments.START), "inner": [{"points": 1}], "flag": True}
    copy = written(live, 3)
    live["inner"] = []
    assert {"at": "2026-03-02T07:30:00.000Z", "inner": [{"points": 1}], "flag": True} == copy


def test_six_digits_are_of_the_same_millisecond() -> None:
    """A moment is one moment however it is written."""
    moment = moments.START + 345
    assert moment == moments.parse(moments.text(moment, 3))
    assert moment == moments.parse(moments.text(moment, 6))
    assert len("2026-03-02T07:30:00.345000Z") == len(moments.text(moment, 6))
