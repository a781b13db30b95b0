"""When traces are on, and what is said of variables that make no sense."""

import pytest

from voucherify_sync.settings import SettingsError
from voucherify_sync.tracing.wanted import exporters

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ()),
        (ENDPOINT, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ("console", "otlp")),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, ()),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "TRUE"}, ()),
        ({"OTEL_SERVICE_NAME": "sync"}, ()),
    ],
)
def test_by_the_standard_variables(environ: dict[str, str], expected: tuple[str, ...]) -> None:
    """Off, unless something says where to."""
    assert expected == exporters(environ)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: 'zipkin' is not known"),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL: is"),
    ],
)
def test_what_is_not_known(environ: dict[str, str], told: str) -> None:
    """Is refused at the start, by its name."""
    with pytest.raises(SettingsError, match=told):
        exporters(environ)
