"""API keys: who may ask, and which project they see.

The first thing a request meets. Knows no state; which projects there are is asked for elsewhere.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from query import errors

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A pair that the query API accepts; without a project it sees the one project there is."""

    app_id: str
    token: str = field(repr=False)
    project_id: str | None = None


ANYONE: Final = ApiKey("", "")
"""Who asks where no keys are set."""

Keys = Callable[[], Sequence[ApiKey]]
"""The keys that hold now. Called for every request: quick, and it never raises."""


class FollowedKeys:
    """Keys made of lines that may change while the process runs; give it where Keys are asked for.

    Lines that make no sense leave the keys that hold, and a warning.
    """

    def __init__(self, lines: Callable[[], tuple[bytes, ...]]) -> None:
        """Raises ValueError where the lines make no sense at the start."""
        self._lines = lines
        self._seen = lines()
        self._keys = _parsed(self._seen)

    def __call__(self) -> Sequence[ApiKey]:
        """See Keys."""
        lines = self._lines()
        if lines is not self._seen:
            self._seen = lines
            self._follow(lines)
        return self._keys

    def _follow(self, lines: tuple[bytes, ...]) -> None:
        try:
            self._keys = _parsed(lines)
        except ValueError as error:
            log.warning("api_keys_kept", problem=str(error))
            return
        log.info("api_keys_changed", keys=len(self._keys))


class KeyRing:
    """All accepted keys; with none at all, everyone is let in (wiring sees to loopback then)."""

    def __init__(self, keys: Sequence[ApiKey] | Keys) -> None:
        fixed = () if callable(keys) else tuple(keys)
        self._keys = keys if callable(keys) else lambda: fixed
        self._digested: Sequence[ApiKey] = ()
        self._known: list[tuple[bytes, ApiKey]] = []

    def holder(self, headers: Mapping[bytes, bytes]) -> ApiKey:
        """The key that a request presents. Raises ApiError (401) for none or a wrong one.

        Every known key is compared, so that the time taken does not tell which one came close.
        """
        keys = self._keys()
        if not keys:
            return ANYONE
        if keys is not self._digested:
            self._digested = keys
            self._known = [(_digest(one.app_id.encode(), one.token.encode()), one) for one in keys]
        presented = _digest(headers.get(b"x-app-id", b""), headers.get(b"x-app-token", b""))
        found: ApiKey | None = None
        for digest, key in self._known:
            if hmac.compare_digest(digest, presented):
                found = key
        if found is None:
            raise errors.unauthorized()
        return found


def parse(lines: Iterable[str]) -> tuple[ApiKey, ...]:
    """Keys written `app-id:token` or `app-id:token:project_id`.

    Raises ValueError with the number of the one that is wrong, and never quotes it.
    """
    keys: dict[tuple[str, str], ApiKey] = {}
    for number, line in enumerate(lines, 1):
        app_id, _, rest = line.partition(":")
        token, _, project = rest.partition(":")
        if not app_id or not token or ":" in project:
            raise ValueError(f"entry {number} is not app-id:token or app-id:token:project")
        if (app_id, token) in keys:
            raise ValueError(f"entry {number} repeats the pair of another; a pair has one project")
        keys[app_id, token] = ApiKey(app_id, token, project or None)
    return tuple(keys.values())


def _parsed(lines: Iterable[bytes]) -> tuple[ApiKey, ...]:
    try:
        texts = [line.decode() for line in lines]
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
    return parse(texts)


def _digest(app_id: bytes, token: bytes) -> bytes:
    """One digest of both: of equal length whatever is presented, so the length tells nothing."""
    return hashlib.sha256(b"%d:%b:%b" % (len(app_id), app_id, token)).digest()
