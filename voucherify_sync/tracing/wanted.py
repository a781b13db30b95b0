"""Whether traces are wanted, as the standard `OTEL_…` variables say it; and what they are given to.

Imports nothing of OpenTelemetry: where it is off, nothing of it need be installed.
"""

from collections.abc import Mapping
from typing import Final

from voucherify_sync.settings import SettingsError

_EXPORTERS: Final = "OTEL_TRACES_EXPORTER"
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_KNOWN: Final = ("otlp", "console")
_HTTP: Final = "http/protobuf"


def exporters(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What traces are given to, nothing where they are off. Raises SettingsError."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    named = tuple(one.strip() for one in environ.get(_EXPORTERS, "").split(",") if one.strip())
    if "none" in named:
        return ()
    if not named and any(environ.get(name) for name in _ENDPOINTS):
        named = ("otlp",)
    for one in named:
        if one not in _KNOWN:
            raise SettingsError(f"{_EXPORTERS}: {one!r} is not known; it is otlp, console or none")
    if "otlp" in named:
        _check_protocol(environ)
    return named


def _check_protocol(environ: Mapping[str, str]) -> None:
    for name in _PROTOCOLS:
        if environ.get(name, _HTTP) != _HTTP:
            raise SettingsError(
                f"{name}: is {_HTTP} here; collectors take that at port 4318 by default"
            )
