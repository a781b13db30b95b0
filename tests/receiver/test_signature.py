"""Signatures: the vendor's vectors, several secrets, re-indented bodies, and hostile ones."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver import signature
from receiver.signature import compact, refusal, sign

KEY = b"secretKey"

# The vendor's documentation of webhook signatures, with the key `secretKey`.
VECTORS = [
    (b'{"a":1}', b"a17d2ac229d1ebbb5f10e839c7985c4818e5986eab297f7e5979196d4d7d3ed2"),
    (b'{"a\\"b":1}', b"f7cf97814a03146abedb9793f56e1dec34f618f82d10395310d053f749483ffb"),
    (b"  message  ", b"53ff92957e1427ce23ad5bda9d0c5f2f4ff384d0806b83eeacb510c842d3a358"),
]

MEBIBYTE = 1 << 20
HOSTILE = {
    "quotes": b'"' * MEBIBYTE,
    "escaped quotes": b'\\"' * (MEBIBYTE // 2),
    "unterminated string": b'{"a": "' + b'\\"' * (MEBIBYTE // 2),
    "backslashes in a string": b'"' + b"\\" * MEBIBYTE,
    "white space": b" " * MEBIBYTE,
    "white space between": b" 1" * (MEBIBYTE // 2),
    "many strings": b'"a" , ' * (MEBIBYTE // 6),
    "nesting": b"[ " * (MEBIBYTE // 2),
}


@pytest.mark.parametrize(("body", "signed"), VECTORS)
def test_the_vendors_vectors(body: bytes, signed: bytes) -> None:
    """The three published signatures are made, and accepted."""
    assert signed == sign(KEY, body)
    assert refusal([KEY], body, [signed]) is None


def test_the_message_vector_counts_its_spaces() -> None:
    """The raw bytes come first: without its spaces the text has another signature."""
    _, signed = VECTORS[2]

    assert "signature-wrong" == refusal([KEY], b"message", [signed])


@pytest.mark.parametrize("used", [b"old", b"new", b"newest"])
def test_every_secret_is_accepted(used: bytes) -> None:
    """While a secret is rotated, deliveries under each of them are authentic."""
    assert refusal([b"old", b"new", b"newest"], b"{}", [sign(used, b"{}")]) is None


@pytest.mark.parametrize("used", [b"first", b"last", b"none of them"])
def test_every_secret_is_compared(used: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work done does not tell which secret was the right one."""
    compared = []

    def recording(secret: bytes, body: bytes) -> bytes:
        compared.append(secret)
        return sign(secret, body)

    monkeypatch.setattr(signature, "sign", recording)
    refusal([b"first", b"middle", b"last"], b"{}", [sign(used, b"{}")])

    assert [b"first", b"middle", b"last"] == compared


@pytest.mark.parametrize(
    ("signatures", "reason"),
    [
        ([], "signature-missing"),
        ([b""], "signature-malformed"),
        ([b"abc"], "signature-malformed"),
        ([b"a" * 63], "signature-malformed"),
        ([b"a" * 65], "signature-malformed"),
        ([b"a" * 1_000_000], "signature-malformed"),
        ([b"g" * 64], "signature-malformed"),
        ([VECTORS[0][1].upper()], "signature-malformed"),
        ([VECTORS[0][1] + b"\n"], "signature-malformed"),
        ([b"sha256=" + VECTORS[0][1]], "signature-malformed"),
        (["é".encode() * 32], "signature-malformed"),
        ([b"\xff" * 64], "signature-malformed"),
        ([b"\x00" * 64], "signature-malformed"),
        ([b"0" * 64], "signature-wrong"),
        ([VECTORS[1][1]], "signature-wrong"),
        ([VECTORS[0][1], VECTORS[0][1]], "signature-repeated"),
        ([VECTORS[0][1], VECTORS[1][1]], "signature-repeated"),
    ],
)
def test_what_is_no_right_signature(signatures: list[bytes], reason: str) -> None:
    """Each kind of a wrong signature is refused with a reason of its own."""
    assert reason == refusal([KEY], VECTORS[0][0], signatures)


@pytest.mark.parametrize(
    ("sent", "signed"),
    [
        (b'{\n  "a": 1\n}\n', b'{"a":1}'),
        (b'\t{ "a\\"b" :\r\n 1 }', b'{"a\\"b":1}'),
        (b'{"a": " b  \\n c ", "d": [1.0, 1e5, 10]}', b'{"a":" b  \\n c ","d":[1.0,1e5,10]}'),
        (b'{"ends": "with \\\\", "b": " x"}', b'{"ends":"with \\\\","b":" x"}'),
        (b'["\\\\\\" ", "\\u0020 "]', b'["\\\\\\" ","\\u0020 "]'),
        ('{"ü": "ż  ó"}'.encode(), '{"ü":"ż  ó"}'.encode()),
    ],
)
def test_a_re_indented_body_is_authentic(sent: bytes, signed: bytes) -> None:
    """White space that a proxy put outside of strings does not break a signature."""
    assert signed == compact(sent)
    assert refusal([b"other", KEY], sent, [sign(KEY, signed)]) is None


@pytest.mark.parametrize(
    "sent",
    [b'{"a": "b c"}', b'{"a":\x0b1}', b'{"a":\xc2\xa01}', b'{"a":1.0}', b'{"a":"b\\u0063"}'],
)
def test_what_else_is_changed_breaks_a_signature(sent: bytes) -> None:
    """White space inside of strings, other white space, numbers and escapes stay as they are."""
    signed = [b'{"a":"bc"}', b'{"a":1}', b'{"a":"bc"}']

    assert {"signature-wrong"} == {refusal([KEY], sent, [sign(KEY, body)]) for body in signed}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.sampled_from([None, 0, 1, 3, "\t"]), st.booleans())
def test_compacting_undoes_any_indentation(value: object, indent: object, ascii_: bool) -> None:
    """However a JSON text is laid out, compacting gives the text without white space."""
    laid_out = json.dumps(value, indent=indent, ensure_ascii=ascii_)  # type: ignore[arg-type]
    plain = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_)

    assert plain.encode() == compact(laid_out.encode())


@given(st.binary())
def test_compacting_drops_white_space_alone(text: bytes) -> None:
    """Whatever the bytes are, all that goes is white space, and doing it twice changes nothing."""
    once = compact(text)

    assert _without_white_space(text) == _without_white_space(once)
    assert once == compact(once)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    """A mebibyte made to hurt is refused in a moment."""
    begun = time.perf_counter()
    assert "signature-wrong" == refusal([KEY], HOSTILE[name], [b"0" * 64])

    assert time.perf_counter() - begun < 2


def _without_white_space(text: bytes) -> bytes:
    return text.translate(None, b" \t\r\n")
