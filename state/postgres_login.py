"""Makes connections to a PostgreSQL database, also while its password is changed.

Who changes a password does so in two places, one after the other. So the URL is asked for anew for
each connection; where it is refused, the one that was let in last may still hold; and where both
are, the change is probably half made, and the other half is waited for.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg
import structlog

from state.postgres_address import Address, Url

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # which is generic in its stubs only

log = structlog.get_logger()

CONNECT_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1

_MEND: Final = (
    "refuses the user or the password that new connections have; change it there and here "
    "(the URL or its file, which is read again)"
)

_REFUSALS: Final = (
    asyncpg.InvalidPasswordError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


class Login:
    """Connects to one database. A statement may take `seconds`."""

    def __init__(self, url: Url, *, seconds: float | None = None) -> None:
        self._url = url
        self._seconds = seconds
        self._let_in: str | None = None
        self._told = False

    async def connect(self) -> Connection:
        """A new connection. Raises what asyncpg raises, after 5 seconds at most if it is refused.

        A URL that was refused is not tried again here: servers lock out who does so.
        """
        refused: dict[str, BaseException] = {}
        give_up_at = time.monotonic() + CONNECT_SECONDS
        while True:
            now = Address.of(self._url).url
            for url in dict.fromkeys((now, self._let_in or now)):
                if url in refused:
                    continue
                try:
                    connection = await _connect(url, self._seconds or COMMAND_SECONDS)
                except _REFUSALS as refusal:
                    refused[url] = refusal
                    self._tell_of_refusal(url)
                else:
                    self._note(url, is_now=url == now)
                    return connection
            if not self._may_wait() or time.monotonic() > give_up_at:
                raise next(reversed(refused.values()))
            await asyncio.sleep(_LOOK_SECONDS)

    def _may_wait(self) -> bool:
        """Whether the URL may change, and was right once: at a start nobody waits for a mend."""
        return self._let_in is not None and not isinstance(self._url, str)

    def _tell_of_refusal(self, url: str) -> None:
        if not self._told:
            self._told = True
            log.warning("state_login_refused", problem=f"{Address.of(url).name} {_MEND}")

    def _note(self, url: str, *, is_now: bool) -> None:
        if self._told and is_now:
            self._told = False
            log.info("state_login_accepted", database=Address.of(url).name)
        self._let_in = url


async def _connect(url: str, seconds: float) -> Connection:
    """A new connection. What of the URL is refused here is told as such: it is no fact."""
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=seconds)
    except asyncpg.ClientConfigurationError:
        raise
    except asyncpg.DataError as error:
        raise asyncpg.ClientConfigurationError(str(error.args[0])) from None
    except ValueError:  # whose text may quote the URL
        raise asyncpg.ClientConfigurationError("a host or a port is none") from None
