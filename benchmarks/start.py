"""How long a part takes from being started to being ready, on files and topics that are there."""

import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks import processes, services


def run(rounds: int = 5) -> list[str]:
    """Rounds of all parts in turn; lines for the report."""
    seconds: dict[str, list[float]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        apart = stack.enter_context(services.running()).settings()
        parts: dict[str, tuple[str, Mapping[str, str]]] = {
            "serve, embedded": ("serve", {}),
            "handlers": ("handlers", apart),
            "receiver": ("receiver", apart),
            "query": ("query", apart),
        }
        for turn in range(rounds + 1):
            for name, (command, settings) in parts.items():
                took = _started(command, folder, settings)
                if turn:  # the first one makes what is not there yet
                    seconds.setdefault(name, []).append(took)
    medians = ", ".join(f"{name} {statistics.median(took):.2f} s" for name, took in seconds.items())
    return [f"from start to ready: {medians}"]


def _started(command: str, folder: Path, settings: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    with processes.serving(command, folder, settings):
        return time.perf_counter() - begun
