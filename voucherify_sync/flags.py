"""What the commands share: a flag for each setting, and settings made of the flags given."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from voucherify_sync.settings import PREFIX, Settings, load, unknown_variables

F = TypeVar("F", bound=Callable[..., Any])

RECEIVER: Final = (
    "webhook_secrets",
    "webhook_secrets_file",
    "allowed_sources",
    "trusted_proxies",
    "max_body",
)
LISTEN: Final = ("host", "port")
LOG: Final = (
    "log",
    "log_retention",
    "topic_partitions",
    "topic_replication",
    "topic_prefix",
    "kafka_group",
    "kafka_security_protocol",
    "kafka_sasl_mechanism",
    "kafka_sasl_username",
    "kafka_sasl_password",
    "kafka_sasl_password_file",
    "kafka_ssl_cafile",
    "kafka_ssl_certfile",
    "kafka_ssl_keyfile",
)
STATE: Final = ("state", "state_file")
HANDLERS: Final = ("dead_letter_brake",)
GAPS: Final = ("gap_wait",)
QUERY: Final = ("api_keys", "api_keys_file", "cors_origins")
# The token itself has no flag: what stands on a command line, every user of the machine can read.
MANAGEMENT: Final = ("api_url", "project", "management_id", "management_token_file")
LINES: Final = ("log_level", "log_format")


def settings_options(*names: str) -> Callable[[F], F]:
    """A flag for each of these settings; what is not given comes from the environment."""

    def decorate(command: F) -> F:
        for name in reversed((*names, *LINES)):
            setting = Settings.model_fields[name]
            flag = f"--{name.replace('_', '-')}"
            text = f"{setting.description} [{PREFIX}{name.upper()}]"
            command = click.option(flag, name, default=None, help=text)(command)
        return command

    return decorate


def example(text: str) -> str:
    """An epilog that shows how a command is used."""
    return f"\b\nExample:\n  {text}"


def settings_of(flags: dict[str, Any]) -> Settings:
    """The settings that a command runs with; its log lines are set up by them."""
    from voucherify_sync import logs

    settings = load(flags)
    logs.set_up(settings.log_level, settings.log_format)
    for name in unknown_variables():
        click.echo(f"warning: {name} is no setting of this version; is it misspelt?", err=True)
    return settings
