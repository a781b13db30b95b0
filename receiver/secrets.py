"""Where the webhook secrets come from: the settings, or a file that is re-read when it changes.

Several secrets hold at once, so that one can be rotated without losing a delivery. They are never
logged and never stand in a repr or a message.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

import structlog

log = structlog.get_logger()

_LOOK_SECONDS: Final = 1.0
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_Version = tuple[int, int, int]


class Secrets(Protocol):
    """The secrets that hold now."""

    def current(self) -> tuple[bytes, ...]:
        """At least one secret. Called for every delivery: quick, and it never raises."""
        ...


class FixedSecrets:
    """Secrets that stay as they are while the process runs."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Raises ValueError where there is none."""
        self._secrets = tuple(secret.encode() for secret in secrets if secret)
        if not self._secrets:
            raise ValueError("no webhook secret is given")

    def current(self) -> tuple[bytes, ...]:
        """See Secrets."""
        return self._secrets

    def __repr__(self) -> str:
        return f"FixedSecrets({len(self._secrets)} hidden)"


class FileSecrets:
    """Secrets in a file, one a line; blank lines and white space around a secret don't count.

    The file is looked at once a second at most, and read when it is another one than before: by
    inode, size and time of change, of what a link points to, so that Kubernetes' swap of a folder
    is noticed. A file that is gone or empty leaves the secrets that hold, and a warning.
    """

    def __init__(self, path: Path, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Raises ValueError where the file can't be read or holds no secret."""
        self._path = path
        self._seconds = seconds
        self._warned = False
        try:
            self._version: _Version | None = _version(path)
            self._secrets = _read(path)
        except OSError as error:
            raise ValueError(f"{path} can't be read: {error.strerror}") from None
        if not self._secrets:
            raise ValueError(f"{path} holds no secret: write one a line")
        self._looked_at = seconds()

    def current(self) -> tuple[bytes, ...]:
        """See Secrets."""
        now = self._seconds()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._look()
        return self._secrets

    def _look(self) -> None:
        try:
            version = _version(self._path)
            if version == self._version:
                return
            secrets = _read(self._path)
        except OSError as error:
            self._version = None
            self._warn(error.strerror or type(error).__name__)
            return
        self._version = version
        if not secrets:
            self._warn("it is empty")
            return
        self._warned = False
        if secrets != self._secrets:
            self._secrets = secrets
            log.info("secrets_changed", path=str(self._path), secrets=len(secrets))

    def _warn(self, problem: str) -> None:
        if not self._warned:
            self._warned = True
            log.warning("secrets_kept", path=str(self._path), problem=problem)

    def __repr__(self) -> str:
        return f"FileSecrets({str(self._path)!r}, {len(self._secrets)} hidden)"


def _version(path: Path) -> _Version:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(path: Path) -> tuple[bytes, ...]:
    lines = path.read_bytes().removeprefix(_BYTE_ORDER_MARK).splitlines()
    return tuple(secret for line in lines if (secret := line.strip()))
