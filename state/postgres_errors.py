"""What PostgreSQL's errors mean for the caller, in words that say what to do.

Of an error only its kind and the server's first sentence are told: the rest may quote rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from state.store import StateUnavailableError

LOST_RACES: Final = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    # A migration changed a table under a statement that was prepared before.
    asyncpg.InvalidCachedStatementError,
)
"""Another copy was faster, and nothing of this transaction is there; it may be tried again."""

ENDED: Final = (
    asyncpg.AdminShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # told while nothing was asked
    ConnectionError,
)
"""The server or somebody between ended the connection; others may be in order."""

_NOT_MIGRATED: Final = "is not of this version: run `voucherify-sync migrate`"

_MENDS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (LOST_RACES, "is busy with what others write"),
    (asyncpg.InvalidPasswordError, "refuses the user or the password; correct them in the URL"),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "refuses this user from here; check the user, sslmode and the server's pg_hba.conf",
    ),
    (asyncpg.InvalidCatalogNameError, "does not exist; create it, or correct its name in the URL"),
    (
        asyncpg.InsufficientPrivilegeError,
        "refuses what this user may not do; let it own the database, or grant it the tables",
    ),
    ((asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError), _NOT_MIGRATED),
    (asyncpg.DiskFullError, "can't grow: its disk is full; free some space on it"),
    (
        asyncpg.TooManyConnectionsError,
        "has no connection left; raise max_connections, or run fewer copies",
    ),
    (asyncpg.InsufficientResourcesError, "has not enough memory or space"),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "is read-only (a standby?); name the primary in the URL",
    ),
    (asyncpg.CannotConnectNowError, "is starting or shutting down"),
    (asyncpg.QueryCanceledError, "took too long and was stopped"),
    (asyncpg.OperatorInterventionError, "ended the connection: it is shutting down or was told to"),
    (
        (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError),
        "is behind a pooler that forgets prepared statements; let it keep them, or pool sessions",
    ),
    (
        (asyncpg.SyntaxOrAccessError, asyncpg.FeatureNotSupportedError),
        "does not understand this program; it has to be PostgreSQL 13 or newer",
    ),
    (asyncpg.InvalidTransactionStateError, "ended a transaction that stood still"),
    (asyncpg.ObjectNotInPrerequisiteStateError, "takes no connections now"),
    (asyncpg.PostgresSystemError, "can't read or write its files; check its disk"),
    (asyncpg.InternalServerError, "has a defect or is damaged; see its log"),
    (asyncpg.PostgresConnectionError, "closed the connection"),
    (
        (asyncpg.ClientConfigurationError, FileNotFoundError),
        "can't be connected to as the URL says",
    ),
    (
        asyncpg.TargetServerAttributeNotMatched,
        "is not what target_session_attrs asks for; name another host",
    ),
    (TimeoutError, "does not answer in time"),
    (OSError, "can't be reached; check that it runs, its host, port and sslmode"),
)


class FactRefusedError(Exception):
    """The database refuses a fact's content. The message holds nothing of it."""


class BusyError(Exception):
    """No connection came free in time."""


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what goes wrong with the database of this name into the errors of the seam."""
    try:
        yield
    except BusyError:
        raise StateUnavailableError(
            f"{name}: all connections are busy; it is slow, or is asked for more than it can do"
        ) from None
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,  # a TimeoutError, too
    ) as error:
        raise _of_the_seam(name, error) from None


def _of_the_seam(name: str, error: Exception) -> Exception:
    mend = next((mend for kinds, mend in _MENDS if isinstance(error, kinds)), None)
    if mend is None and _is_of_the_connection(error):
        mend = "closed the connection"
    if mend is None:
        return FactRefusedError(f"{type(error).__name__} ({getattr(error, 'sqlstate', None)})")
    return StateUnavailableError(f"{name} {mend}{_said(error)}")


def _is_of_the_connection(error: Exception) -> bool:
    """An InterfaceError that is a ValueError is about a value that was to be sent."""
    client = isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)
    return client and not isinstance(error, ValueError)


def _said(error: BaseException) -> str:
    """The first sentence of what was said; nothing where there is none."""
    if isinstance(error, OSError):
        text = str(error) if error.filename else error.strerror or str(error)
    else:
        text = str(error.args[0]) if error.args else ""
    first = text.strip().splitlines()[:1]
    return f" ({first[0]})" if first else ""
