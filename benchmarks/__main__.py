"""`python -m benchmarks`: all benchmarks, one line for each figure.

`python -m benchmarks full`: those of a large state only, with a million cards. It takes most of an
hour and 40 GB.
"""

import platform
import sqlite3
import sys
from collections.abc import Callable

import structlog

from benchmarks import (
    accepted,
    applied,
    burst,
    held,
    overload,
    rebuilt,
    start,
    traced,
    visible,
)

PARTS: tuple[Callable[[], list[str]], ...] = (
    accepted.run,
    overload.run,
    applied.run,
    rebuilt.run,
    visible.run,
    burst.run,
    start.run,
    held.run,
    traced.run,
)
FULL: tuple[Callable[[], list[str]], ...] = (
    lambda: held.run(1_000_000),
    lambda: rebuilt.run(1_000_000),
)


def main() -> None:
    """Run them all; each prints as soon as it is done."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    for part in FULL if sys.argv[1:] == ["full"] else PARTS:
        print(*part(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
