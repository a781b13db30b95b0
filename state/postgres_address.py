"""Where a PostgreSQL database is, from its URL, and how it is called in messages.

A message names host, port and database. It never quotes the URL, which holds a password.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_SCHEMES: Final = ("postgresql", "postgres")
_PORT: Final = "5432"
_LARGEST_PORT: Final = 65_535
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

Url = str | Callable[[], str]
"""A database's URL; or what says it anew for each connection, quickly, and never raises.

User and password may change meanwhile, the database may not.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """A database's URL, kept out of every repr, and what it is called."""

    url: str = field(repr=False)
    name: str

    @classmethod
    def of(cls, url: Url) -> "Address":
        """As `parse`, of the URL as it is now."""
        return cls.parse(url if isinstance(url, str) else url())

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read a `postgresql://` URL. Raises ValueError, which says what is wrong, not the URL."""
        try:
            parts = urlsplit(url)
            hosts = _host_names(parts)
        except ValueError:
            raise ValueError(
                "is no URL: write special characters of user and password percent-encoded"
            ) from None
        if parts.scheme not in _SCHEMES or not url.startswith(f"{parts.scheme}://"):
            raise ValueError("is no postgresql:// URL")
        asked = parse_qs(parts.query)
        mode = asked.get("sslmode", ["prefer"])[-1]
        if mode not in SSL_MODES:
            raise ValueError(f"sslmode is one of {', '.join(SSL_MODES)}")
        path = unquote(parts.path.removeprefix("/"))
        database = asked.get("dbname", asked.get("database", [path]))[-1]
        where = ", ".join(hosts or asked.get("host", ["this machine"]))
        return cls(url, f"PostgreSQL database {database or '(of the user)'} at {where}")


def _host_names(parts: SplitResult) -> list[str]:
    """Each `host:port` of the URL; there may be several."""
    return list(_each_host(parts.netloc.rpartition("@")[2]))


def _each_host(hosts: str) -> Iterator[str]:
    for one in filter(None, hosts.split(",")):
        host, colon, port = one.rpartition(":")
        if not colon or one.endswith("]"):
            host, port = one, _PORT
        if not port.isdecimal() or int(port) > _LARGEST_PORT:
            raise ValueError
        yield f"{host}:{port}"
