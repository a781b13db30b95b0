"""`ETag` of an answer, and `If-None-Match` of who has it already.

Tags are weak: the same one stands for an answer in gzip and for the plain one.
"""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Final

IF_NONE_MATCH: Final = b"if-none-match"

_PACKAGES: Final = ("query", "state", "schemas")


def tag(version: str) -> bytes:
    """The header's value for what has this version."""
    return b'W/"%b"' % version.encode("ascii")


def is_known(header: bytes, tag: bytes) -> bool:
    """Whether the caller has what is tagged so."""
    if header.strip() == b"*":
        return True
    opaque = tag.removeprefix(b"W/")
    return any(one.strip().removeprefix(b"W/") == opaque for one in header.split(b","))


@cache
def of_the_program() -> bytes:
    """What stands for the code that makes answers of rows: other code, other tags.

    Copies of the same code give the same tags, so a caller may ask any of them.
    """
    digest = blake2b(digest_size=16)
    for package in _PACKAGES:
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.digest()
