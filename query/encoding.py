"""Whether an answer is sent in gzip, and its bytes then."""

import zlib
from functools import lru_cache
from typing import Final

LEAST: Final = 1_024
"""Smaller answers fit into one packet anyway."""

_LEVEL: Final = 1  # JSON shrinks to nearly the same at ten times the speed of the best one
_GZIP_FORMAT: Final = 31


@lru_cache(maxsize=256)
def accepts_gzip(header: bytes) -> bool:
    """Whether `Accept-Encoding` prefers gzip to the plain bytes, or likes both the same."""
    weights: dict[bytes, float] = {}
    for item in header.lower().split(b","):
        name, *options = (part.strip() for part in item.split(b";"))
        weights[b"gzip" if name == b"x-gzip" else name] = _weight(options)
    gzip = weights.get(b"gzip", weights.get(b"*", 0.0))
    # What is not named is acceptable, but asked for by nobody.
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def gzip(body: bytes) -> bytes:
    """The same bytes for the same body: without the moment that gzip can hold."""
    return zlib.compress(body, _LEVEL, _GZIP_FORMAT)


def _weight(options: list[bytes]) -> float:
    for option in options:
        if option.startswith(b"q="):
            try:
                weight = float(option[2:])
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
