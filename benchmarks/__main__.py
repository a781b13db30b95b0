"""`python -m benchmarks`: all benchmarks, one line for each figure."""

import platform
import sqlite3
from collections.abc import Callable

import structlog

from benchmarks import accepted, applied, peer, visible

PARTS: tuple[Callable[[], list[str]], ...] = (accepted.run, applied.run, peer.run, visible.run)


def main() -> None:
    """Run them all; each prints as soon as it is done."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    for part in PARTS:
        print(*part(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
