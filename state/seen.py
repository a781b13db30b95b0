"""The version of what an answer is made of: one digest of all rows that were read for it.

Rows are taken as the database gives them, before anything is decoded, so whatever changes what is
known of a thing (a field, a stamp, an entry of its ledger) changes the version. What is not read
from rows, the time of day for one, is not in it, so no answer may depend on it.
"""

import marshal
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final

_DIGEST_BYTES: Final = 12
_NO_REFERENCES: Final = 2
"""The last form of marshal in which equal values give equal bytes."""


class Seen:
    """Grows with each row; made anew for each answer."""

    def __init__(self, beginning: bytes = b"") -> None:
        self._digest = blake2b(beginning, digest_size=_DIGEST_BYTES)

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add the rows of one statement."""
        self._digest.update(_bytes([tuple(row) for row in rows]))

    def add(self, *texts: str) -> None:
        """Add what else the answer depends on."""
        self._digest.update(_bytes(texts))

    def version(self) -> str:
        """The same for the same rows in the same order, in hex."""
        return self._digest.hexdigest()


def _bytes(value: Any) -> bytes:
    try:
        return marshal.dumps(value, _NO_REFERENCES)
    except ValueError:  # a type that only one database has
        return repr(value).encode("utf-8", "surrogatepass")
