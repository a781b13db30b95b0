"""What tracing costs the receiver: accepted deliveries with no traces, some, and all of them."""

import statistics
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks import processes
from benchmarks.accepted import Generator, Measured, measure, requests
from receiver.routes import PATH

_OFF: Final = "off"
_RATIO: Final = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
_KINDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        _OFF: {"OTEL_SDK_DISABLED": "true"},
        "1 % of traces": {**_RATIO, "OTEL_TRACES_SAMPLER_ARG": "0.01"},
        "all traces": {},
    }
)


def run(rounds: int = 3, seconds: float = 2.0) -> list[str]:
    """Rounds of all kinds in turn; lines for the report."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        collector, _ = stack.enter_context(processes.bare(folder))
        to = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{collector}{PATH}"}
        servers = {}
        for number, (kind, settings) in enumerate(_KINDS.items()):
            own = folder / str(number)
            own.mkdir()
            port, process = stack.enter_context(
                processes.serving("receiver", own, {**to, **settings})
            )
            servers[kind] = Measured(port, process, [])
        generator = Generator(folder, requests())
        for server in servers.values():
            measure(server, generator, 1.0)  # the first second is not counted
        for _ in range(rounds):
            for server in servers.values():
                server.rounds.append(measure(server, generator, seconds))
        off = servers.pop(_OFF)
        return [_line(kind, server, off) for kind, server in servers.items()]


def _line(kind: str, server: Measured, off: Measured) -> str:
    both = list(zip(server.rounds, off.rounds, strict=True))
    ratio = statistics.median(on.per_second / without.per_second for on, without in both)
    costs = [statistics.median(one.cpu_us for one in of.rounds) for of in (server, off)]
    return (
        f"accepted/s, {kind} ÷ none: {ratio:.2f}; receiver CPU per delivery "
        f"{costs[0]:.0f} ÷ {costs[1]:.0f} µs"
    )
