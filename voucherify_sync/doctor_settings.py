"""The doctor's look at the settings and at the form of secrets. Nothing is connected to.

Says how long or where a secret is, and never what it is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from voucherify_sync import wiring
from voucherify_sync.doctor_parts import Part
from voucherify_sync.findings import Finding, failure, ok, skipped, warning
from voucherify_sync.settings import PREFIX, Settings, SettingsError, unknown_variables

_SHORTEST: Final = 16
_EXAMPLES: Final = frozenset({"secret", "changeme", "password", "test", "secretkey", "your-secret"})
_OTHERS_MAY_READ: Final = 0o004  # a group is how a mounted secret is given to one process
_COPY_IT: Final = "copy the whole secret from Voucherify (Project settings, Webhooks)"


def look(settings: Settings, part: Part) -> Iterator[Finding]:
    """The settings as this part needs them."""
    try:
        wiring.COMMANDS[part.name](settings)
    except SettingsError as error:
        yield failure("settings", str(error), "correct the setting that it names")
    else:
        yield ok("settings", f"`voucherify-sync {part.name}` would start with them")
    for name in unknown_variables():
        yield warning("settings", f"{name} is no setting", "is it misspelt? see the README")
    yield from _secrets(settings, part)
    yield from _files(settings)


def _secrets(settings: Settings, part: Part) -> Iterator[Finding]:
    if not part.has_secrets:
        yield skipped("webhook secret", f"`{part.name}` needs none")
        return
    try:
        secrets = wiring.webhook_secrets(settings).current()
    except SettingsError as error:
        yield failure("webhook secret", str(error), "do what it says, then look again")
        return
    for number, secret in enumerate(secrets, 1):
        yield _form(f"secret {number} of {len(secrets)}", secret.decode(errors="replace"))


def _form(name: str, secret: str) -> Finding:
    if secret.lower() in _EXAMPLES:
        return warning("webhook secret", f"{name} is an example's", _COPY_IT)
    if secret[0] in "\"'" or secret[-1] in "\"'":
        return failure("webhook secret", f"{name} has quotes around it", "take them away")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        return warning("webhook secret", f"{name} has spaces or odd characters", _COPY_IT)
    if len(secret) < _SHORTEST:
        return warning("webhook secret", f"{name} has {len(secret)} characters", _COPY_IT)
    return ok("webhook secret", f"{name} has the form of one")


def _files(settings: Settings) -> Iterator[Finding]:
    """Files with secrets that other users of the machine may read."""
    for name, path in _secret_files(settings):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # the settings' line says so
        if mode & _OTHERS_MAY_READ:
            yield warning("files", f"{name}: others may read {path}", f"chmod 600 {path}")


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if name.endswith("_file") and isinstance(value, Path):
            yield PREFIX + name.upper(), value
