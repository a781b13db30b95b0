"""The URL of the PostgreSQL database from its file, read anew for each connection.

So its user and password can be changed while processes run. Not its database: positions and
effects of one transaction belong together, and what was read from one database says nothing of
another. The URL is never logged.
"""

from collections.abc import Callable

import structlog

from state.postgres_address import Address
from voucherify_sync.settings import SettingsError

log = structlog.get_logger()


class FollowedUrl:
    """What `read` says; where that is nothing that can be followed, what it said before."""

    def __init__(self, read: Callable[[], str]) -> None:
        """Raises SettingsError and ValueError for what is no URL at the start."""
        self._read = read
        self._address = Address.parse(read())
        self._warned = False

    def __call__(self) -> str:
        """The URL that holds now."""
        try:
            found = Address.parse(self._read())
        except (SettingsError, ValueError) as error:
            self._warn(str(error))
            return self._address.url
        if found.name != self._address.name:
            self._warn(f"it names another database ({found.name}), which needs a restart")
        elif found.url != self._address.url:
            self._address = found
            self._warned = False
            log.info("state_url_changed", database=found.name)
        return self._address.url

    def _warn(self, problem: str) -> None:
        if not self._warned:
            self._warned = True
            log.warning("state_url_kept", database=self._address.name, problem=problem)
