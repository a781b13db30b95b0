"""What the headers of a delivery say that matters here."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from receiver import signature

_CONTENT_LENGTH: Final = b"content-length"
_FORWARDED_FOR: Final = b"x-forwarded-for"
_LONGEST_NUMBER: Final = 18


class Told(NamedTuple):
    """`length` is the declared one, None where there is none that makes sense.

    A header may come several times.
    """

    length: int | None
    signatures: list[bytes]
    forwarded: list[bytes]


def told(headers: Iterable[tuple[bytes, bytes]]) -> Told:
    """Of headers with lower-case names."""
    length = None
    signatures: list[bytes] = []
    forwarded: list[bytes] = []
    for name, value in headers:
        if name == signature.HEADER:
            signatures.append(value)
        elif name == _CONTENT_LENGTH:
            length = int(value[:_LONGEST_NUMBER]) if value.isdigit() else None
        elif name == _FORWARDED_FOR:
            forwarded.append(value)
    return Told(length, signatures, forwarded)
