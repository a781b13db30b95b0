"""The settings: environment variables or a `.env` file, each also a command-line flag.

Names are fixed by the contract. A value that makes no sense is refused at the start, by the
variable's name and with what it may be. Secrets never appear in a repr, a message or a log line.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX: Final = "VOUCHERIFY_SYNC_"

_SERVER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_REGIONS: Final = {
    "eu1": "https://api.voucherify.io",
    "us1": "https://us1.api.voucherify.io",
    "as1": "https://as1.api.voucherify.io",
}
_DURATION: Final = re.compile(r"(\d+)\s*([smhd])")


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what it may be."""


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        raise ValueError("is a number with a unit: 30s, 15m, 12h or 14d")
    return int(found[1]) * _UNITS[found[2]]


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in value.split(",") if item.strip())


Items = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Secret = SecretStr


class Settings(BaseSettings):
    """Everything that can be set, with what holds where nothing is."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True
    )

    webhook_secrets: Secret | None = Field(
        None, description="Webhook secrets, comma-separated; all are accepted."
    )
    webhook_secrets_file: Path | None = Field(
        None, description="A file with one webhook secret a line, re-read when it changes."
    )
    log: str = Field(
        "sqlite:///./data/log.db",
        description="The log: sqlite:///PATH or kafka://HOST:PORT[,HOST:PORT...].",
    )
    state: Secret = Field(
        Secret("sqlite:///./data/state.db"),
        description="The state database: sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )
    state_file: Path | None = Field(None, description="A file that holds the state URL.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65_535, description="Port to listen on.")
    log_retention: Annotated[int, NoDecode, BeforeValidator(_seconds)] = Field(
        14 * 86_400, description="How long the embedded log keeps what has been applied: 14d."
    )
    topic_partitions: int = Field(
        12, gt=0, description="Partitions of topics that do not exist yet."
    )
    topic_replication: int | None = Field(
        None, gt=0, description="Replicas of topics that do not exist yet; else the broker's."
    )
    topic_prefix: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Put before the names of all topics, where installations share a cluster.",
    )
    kafka_group: str = Field(
        "voucherify-sync", min_length=1, description="The consumer group of the handlers."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_sasl_username: str | None = Field(None, description="The user at the broker.")
    kafka_sasl_password: Secret | None = Field(None, description="The user's password.")
    kafka_sasl_password_file: Path | None = Field(
        None, description="A file that holds the password at the broker."
    )
    kafka_ssl_cafile: Path | None = Field(
        None, description="Certificates of who may vouch for the broker; else the system's."
    )
    kafka_ssl_certfile: Path | None = Field(
        None, description="Our certificate, where the broker asks for one."
    )
    kafka_ssl_keyfile: Path | None = Field(None, description="The key of our certificate.")
    dead_letter_brake: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of failing events at which the handlers stop; 1 for never.",
    )
    gap_wait: Annotated[int, NoDecode, BeforeValidator(_seconds)] = Field(
        60, description="How long a missing ledger entry may just be late: 60s."
    )
    api_keys: Secret | None = Field(
        None, description="Keys of the query API: app-id:token or app-id:token:project, by commas."
    )
    api_keys_file: Path | None = Field(
        None, description="A file with one API key a line, re-read when it changes."
    )
    cors_origins: Items = Field(
        (),
        description="Web pages that may read the query API: origins by commas, or *; none.",
    )
    allowed_sources: str = Field(
        "any", description="Who may deliver: any, or regions and networks (eu1,10.0.0.0/8)."
    )
    trusted_proxies: Items = Field(
        (), description="Networks whose X-Forwarded-For is believed, comma-separated."
    )
    max_body: int = Field(1_048_576, gt=0, description="Largest body of a delivery, in bytes.")
    api_url: str = Field(
        "eu1", description="Voucherify's own API: eu1, us1, as1, or the URL of a dedicated one."
    )
    project: str | None = Field(None, description="The id of the project at Voucherify.")
    management_id: str | None = Field(None, description="The id of the management API's key.")
    management_token: Secret | None = Field(
        None, description="The token of the management API's key."
    )
    management_token_file: Path | None = Field(
        None, description="A file that holds the token of the management API's key."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe lines to write: debug, info, warning or error."
    )
    log_format: Literal["console", "json"] | None = Field(
        None, description="console or json; by default console on a terminal, json elsewhere."
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("kafka_security_protocol", "kafka_sasl_mechanism", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    def log_path(self) -> Path | None:
        """The file of the embedded log; None where the log is another."""
        return _sqlite_path(self.log)

    def kafka_servers(self) -> tuple[str, ...]:
        """The brokers to begin with, each HOST:PORT. Raises SettingsError where there are none."""
        return _servers(self.log)

    def kafka_password(self) -> str | None:
        """The password at the broker."""
        if self.kafka_sasl_password_file:
            return _first_line(self.kafka_sasl_password_file)
        return self.kafka_sasl_password.get_secret_value() if self.kafka_sasl_password else None

    def vendor_url(self) -> str:
        """Where Voucherify's own API is. Raises SettingsError."""
        return _api_url(self.api_url)

    def management_key(self) -> tuple[str, str] | None:
        """Id and token of the management API's key; None where neither is set."""
        token = self.management_token.get_secret_value() if self.management_token else ""
        if self.management_token_file:
            token = _first_line(self.management_token_file)
        if not self.management_id and not token:
            return None
        if not self.management_id or not token:
            missing = "MANAGEMENT_TOKEN" if self.management_id else "MANAGEMENT_ID"
            raise SettingsError(f"{PREFIX}{missing} is not set: a key has an id and a token")
        return self.management_id, token

    def state_path(self) -> Path | None:
        """The file of the embedded state database; None where the database is another."""
        return _sqlite_path(self._state())

    def state_url(self) -> str:
        """The URL of the PostgreSQL database. Raises SettingsError where it is none."""
        return _postgresql_url(self._state())

    def _state(self) -> str:
        return _first_line(self.state_file) if self.state_file else self.state.get_secret_value()

    def secrets(self) -> tuple[str, ...]:
        """The webhook secrets that stand in the environment."""
        value = self.webhook_secrets.get_secret_value() if self.webhook_secrets else ""
        return tuple(item.strip() for item in value.split(",") if item.strip())

    def api_key_lines(self) -> tuple[str, ...]:
        """The API keys that stand in the environment, `app-id:token` or `app-id:token:project`."""
        value = self.api_keys.get_secret_value() if self.api_keys else ""
        return tuple(item.strip() for item in value.split(",") if item.strip())

    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach what we listen on."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """Settings from flags, environment and `.env`, in this order of precedence.

    Raises SettingsError, which names the variable and never quotes its value.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(_problems(error))) from None


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix, in the environment or `.env`, that are no setting."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {*environ, *dotenv_values(".env")}
    return sorted(name for name in given if name.startswith(PREFIX) and name not in known)


def _problems(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = PREFIX + "_".join(str(part) for part in problem["loc"][:1]).upper()
        yield f"{name}: {problem['msg'].removeprefix('Value error, ')}"


def _sqlite_path(url: str) -> Path | None:
    scheme, separator, path = url.partition(":///")
    return Path(path) if scheme == "sqlite" and separator and path else None


def _servers(url: str) -> tuple[str, ...]:
    scheme, _, rest = url.partition("://")
    servers = tuple(server.strip() for server in rest.rstrip("/").split(","))
    if scheme == "kafka" and all(map(_SERVER.fullmatch, servers)):
        return servers
    raise SettingsError(
        f"{PREFIX}LOG: is sqlite:///PATH (four slashes for an absolute path) or "
        "kafka://HOST:PORT[,HOST:PORT...]; user and password have settings of their own"
    )


def _api_url(text: str) -> str:
    if text in _REGIONS:
        return _REGIONS[text]
    scheme, separator, rest = text.partition("://")
    if separator and scheme in ("https", "http") and rest.strip("/") and "@" not in rest:
        return text.rstrip("/")
    raise SettingsError(
        f"{PREFIX}API_URL: is one of {', '.join(_REGIONS)}, or the https:// URL of a dedicated one"
    )


def _postgresql_url(url: str) -> str:
    if url.startswith(("postgresql://", "postgres://")):
        return url
    raise SettingsError(
        f"{PREFIX}STATE: is sqlite:///PATH (four slashes for an absolute path) or "
        "postgresql://USER:PASSWORD@HOST:PORT/NAME, what is special in it percent-encoded"
    )


def _first_line(path: Path) -> str:
    return next(iter(_lines(path)), "")


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not text in UTF-8") from None
    return [line.strip() for line in text.splitlines() if line.strip()]
