"""JSON text to values and back, for input that is signed but may still be odd.

The fast decoder handles what Voucherify normally sends. What it refuses is tried once more with the
standard library, because authentic text may hold lone surrogates or a number beyond a double, and
neither is a reason to lose an event.
"""

import json
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_sorted_encoder = msgspec.json.Encoder(order="deterministic")


class NotJSONError(ValueError):
    """The bytes are not JSON text. The message is a reason of few possible values."""


def _number(text: str) -> float | str:
    """A float, or the spelling itself where a double has no room for it (`1e400`)."""
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value


def _integer(text: str) -> int | str:
    """An integer, or the spelling itself where it has more digits than Python will read."""
    try:
        return int(text)
    except ValueError:
        return text


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def decode(text: bytes) -> Any:
    """Values of JSON text; integers keep every digit, a repeated key keeps its last value.

    Raises NotJSONError (`invalid-utf8`, `too-deep`, `not-json`).
    """
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise NotJSONError("too-deep") from None
    except (msgspec.MsgspecError, UnicodeError):
        pass
    try:
        return json.loads(
            text.decode(), parse_float=_number, parse_int=_integer, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise NotJSONError("invalid-utf8") from None
    except RecursionError:
        raise NotJSONError("too-deep") from None
    except ValueError:
        raise NotJSONError("not-json") from None


def encode(value: Any) -> bytes:
    """Compact JSON text in UTF-8; a lone surrogate is written as its escape."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def canonical(value: Any) -> bytes:
    """JSON text that is the same for equal values, whatever the order of their keys."""
    try:
        return _sorted_encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii")
