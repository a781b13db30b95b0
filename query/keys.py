"""API keys: who may ask, and which project they see.

The first thing a request meets. Knows no state; which projects there are is asked for elsewhere.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from query import errors


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A pair that the query API accepts; without a project it sees the one project there is."""

    app_id: str
    token: str = field(repr=False)
    project_id: str | None = None


ANYONE: Final = ApiKey("", "")
"""Who asks where no keys are set."""


class KeyRing:
    """All accepted keys; with none at all, everyone is let in (wiring sees to loopback then)."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._known = [
            (_digest(key.app_id.encode(), key.token.encode()), key) for key in reversed(keys)
        ]

    def holder(self, headers: Mapping[bytes, bytes]) -> ApiKey:
        """The key that a request presents. Raises ApiError (401) for none or a wrong one.

        Every known key is compared, so that the time taken does not tell which one came close.
        """
        if not self._known:
            return ANYONE
        presented = _digest(headers.get(b"x-app-id", b""), headers.get(b"x-app-token", b""))
        found: ApiKey | None = None
        for digest, key in self._known:
            if hmac.compare_digest(digest, presented):
                found = key
        if found is None:
            raise errors.unauthorized()
        return found


def _digest(app_id: bytes, token: bytes) -> bytes:
    """One digest of both: of equal length whatever is presented, so the length tells nothing."""
    return hashlib.sha256(b"%d:%b:%b" % (len(app_id), app_id, token)).digest()
