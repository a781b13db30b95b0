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

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
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
    log: str = Field("sqlite:///./data/log.db", description="The log: sqlite:///PATH.")
    state: Secret = Field(
        Secret("sqlite:///./data/state.db"), description="The state database: sqlite:///PATH."
    )
    state_file: Path | None = Field(None, description="A file that holds the state URL.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65_535, description="Port to listen on.")
    log_retention: Annotated[int, NoDecode, BeforeValidator(_seconds)] = Field(
        14 * 86_400, description="How long the embedded log keeps what has been applied: 14d."
    )
    api_keys: Secret | None = Field(
        None, description="Keys of the query API: app-id:token or app-id:token:project, by commas."
    )
    api_keys_file: Path | None = Field(None, description="A file with one API key a line.")
    allowed_sources: str = Field(
        "any", description="Who may deliver: any, or regions and networks (eu1,10.0.0.0/8)."
    )
    trusted_proxies: Items = Field(
        (), description="Networks whose X-Forwarded-For is believed, comma-separated."
    )
    max_body: int = Field(1_048_576, gt=0, description="Largest body of a delivery, in bytes.")
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

    def log_path(self) -> Path:
        """The file of the embedded log."""
        return _sqlite_path("LOG", self.log)

    def state_path(self) -> Path:
        """The file of the embedded state database."""
        url = _first_line(self.state_file) if self.state_file else self.state.get_secret_value()
        return _sqlite_path("STATE", url)

    def secrets(self) -> tuple[str, ...]:
        """The webhook secrets that stand in the environment."""
        value = self.webhook_secrets.get_secret_value() if self.webhook_secrets else ""
        return tuple(item.strip() for item in value.split(",") if item.strip())

    def api_key_lines(self) -> tuple[str, ...]:
        """The API keys, `app-id:token` or `app-id:token:project`."""
        if self.api_keys_file:
            return tuple(_lines(self.api_keys_file))
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


def _sqlite_path(name: str, url: str) -> Path:
    scheme, separator, path = url.partition(":///")
    if scheme == "sqlite" and separator and path:
        return Path(path)
    raise SettingsError(
        f"{PREFIX}{name}: this version has no such storage; use sqlite:///PATH "
        "(four slashes for an absolute path)"
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
